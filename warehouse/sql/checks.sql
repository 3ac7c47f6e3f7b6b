-- What must hold before a warehouse is published. Each row that comes back is a problem, in words.
-- Reads the whole warehouse by narrow columns, and the spans of the touched articles.

SELECT 'captures.capture_id is not unique' AS problem
FROM captures HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 'observations.capture_id is not unique'
FROM observations HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 'article_versions.capture_id is not unique'
FROM article_versions HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 'capture ' || min(capture_id) || ' shows an article and is not in captures as such'
FROM observations
ANTI JOIN (SELECT capture_id FROM captures WHERE outcome IN ('new', 'changed', 'unchanged')) USING (capture_id)
HAVING count(*) > 0
UNION ALL
SELECT 'capture ' || min(capture_id) || ' is counted as an article and shows none'
FROM captures ANTI JOIN observations USING (capture_id)
WHERE outcome IN ('new', 'changed', 'unchanged')
HAVING count(*) > 0
UNION ALL
SELECT 'capture ' || min(capture_id) || ' is new or changed and starts no version'
FROM captures ANTI JOIN article_versions USING (capture_id)
WHERE outcome IN ('new', 'changed')
HAVING count(*) > 0
UNION ALL
SELECT 'version of ' || min(v.article_id) || ' does not start at a new or changed capture'
FROM article_versions AS v
ANTI JOIN (
  SELECT capture_id, outcome = 'new' AS is_first FROM captures WHERE outcome IN ('new', 'changed')
) AS c ON c.capture_id = v.capture_id AND c.is_first = (v.version_number = 1)
HAVING count(*) > 0
UNION ALL
SELECT 'not every article has exactly one current version'
FROM article_versions
HAVING count(*) FILTER (WHERE is_current) <> count(DISTINCT article_id)
  OR count(DISTINCT article_id) FILTER (WHERE is_current) <> count(DISTINCT article_id)
UNION ALL
SELECT 'spans of article ' || min(article_id) || ' do not meet'
FROM (
  SELECT
    article_id, version_number, valid_to,
    row_number() OVER spans AS expected_number,
    lead(valid_from) OVER spans AS expected_to
  FROM article_versions SEMI JOIN touched USING (article_id)
  WINDOW spans AS (PARTITION BY article_id ORDER BY version_number)
)
WHERE version_number <> expected_number OR valid_to IS DISTINCT FROM expected_to
HAVING count(*) > 0
UNION ALL
SELECT 'comment ' || min(comment_id) || ' stands under no article'
FROM comments ANTI JOIN article_versions USING (article_id)
HAVING count(*) > 0
UNION ALL
SELECT 'evidence names capture ' || min(capture_id) || ', which starts no version'
FROM evidence ANTI JOIN article_versions USING (capture_id)
HAVING count(*) > 0
