-- The versions of touched articles that follow another one than when they were last compared, and both sides' captures.
-- Reads: spans, versions. Makes: followers, of which none has to be compared that has no capture before it.
-- Changes: versions that became the first of their article.

CREATE OR REPLACE TEMP TABLE followers AS
SELECT s.capture_id, s.previous_capture_id
FROM (
  SELECT capture_id, lag(capture_id) OVER (PARTITION BY article_id ORDER BY version_number) AS previous_capture_id
  FROM spans
) AS s
JOIN versions AS v USING (capture_id)
WHERE v.previous_capture_id IS DISTINCT FROM s.previous_capture_id;

UPDATE versions AS v
SET
  previous_capture_id = NULL, changed_fields = NULL, words_added_count = NULL, words_removed_count = NULL,
  is_silent = NULL
FROM followers AS f
WHERE v.capture_id = f.capture_id AND f.previous_capture_id IS NULL;

DELETE FROM followers WHERE previous_capture_id IS NULL;

-- Only the few rows at both ends of these pairs have their texts read.
CREATE OR REPLACE TEMP TABLE sides AS
WITH wanted AS (SELECT capture_id FROM followers UNION SELECT previous_capture_id FROM followers)
SELECT
  capture_id, title, authors, published_at, modified_at, text,
  coalesce(s.lines, []) AS stripped
FROM article_versions
LEFT JOIN (
  SELECT capture_id, list(value ORDER BY position) AS lines
  FROM evidence
  WHERE field = 'text' AND verdict = 'stripped' AND rule NOT LIKE '%comment%' AND capture_id IN (FROM wanted)
  GROUP BY capture_id
) AS s USING (capture_id)
WHERE capture_id IN (FROM wanted);
