-- What must hold before a warehouse is published. Each row that comes back is a problem, in words.
-- Reads: checked_captures, checked_observations, checked_versions (of the rows in scope), and by scope comments, evidence.

SELECT 1 AS place, 'captures.capture_id is not unique' AS problem
FROM checked_captures HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 2, 'observations.capture_id is not unique'
FROM checked_observations HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 3, 'versions.capture_id is not unique'
FROM checked_versions HAVING count(*) <> count(DISTINCT capture_id)
UNION ALL
SELECT 4, 'capture ' || min(capture_id) || ' shows an article and is not in captures as such'
FROM checked_observations
ANTI JOIN (SELECT capture_id FROM checked_captures WHERE outcome IN ('new', 'changed', 'unchanged')) USING (capture_id)
HAVING count(*) > 0
UNION ALL
SELECT 5, 'capture ' || min(capture_id) || ' is counted as an article and shows none'
FROM checked_captures ANTI JOIN checked_observations USING (capture_id)
WHERE outcome IN ('new', 'changed', 'unchanged')
HAVING count(*) > 0
UNION ALL
SELECT 6, 'capture ' || min(capture_id) || ' is new or changed and starts no version'
FROM checked_captures ANTI JOIN checked_versions USING (capture_id)
WHERE outcome IN ('new', 'changed')
HAVING count(*) > 0
UNION ALL
SELECT 7, 'version of ' || min(v.article_id) || ' does not start at a new or changed capture of its article'
FROM checked_versions AS v
ANTI JOIN (
  SELECT capture_id, article_id, outcome = 'new' AS is_first
  FROM checked_captures JOIN checked_observations USING (capture_id)
  WHERE outcome IN ('new', 'changed')
) AS c ON c.capture_id = v.capture_id AND c.article_id = v.article_id AND c.is_first = (v.version_number = 1)
HAVING count(*) > 0
UNION ALL
SELECT 8, 'not every article has exactly one current version'
FROM (SELECT count(*) FILTER (WHERE is_current) AS current_count FROM checked_versions GROUP BY article_id)
WHERE current_count <> 1
HAVING count(*) > 0
UNION ALL
SELECT 9, 'spans of article ' || min(article_id) || ' do not meet'
FROM (
  SELECT
    article_id, version_number, valid_to,
    row_number() OVER spans AS expected_number,
    lead(valid_from) OVER spans AS expected_to
  FROM checked_versions
  WINDOW spans AS (PARTITION BY article_id ORDER BY version_number)
)
WHERE version_number <> expected_number OR valid_to IS DISTINCT FROM expected_to
HAVING count(*) > 0
UNION ALL
SELECT 10, 'comment ' || min(comment_id) || ' stands under no article'
FROM comments SEMI JOIN scope_articles USING (article_id) ANTI JOIN checked_versions USING (article_id)
HAVING count(*) > 0
UNION ALL
SELECT 11, 'evidence names capture ' || min(capture_id) || ', which starts no version'
FROM evidence SEMI JOIN scope_articles USING (article_id) ANTI JOIN checked_versions USING (capture_id)
HAVING count(*) > 0
ORDER BY place
