-- The versions of touched articles that follow another one than when they were last compared, and where the rows of both
-- sides lie. Reads: spans, held_versions, versions. Makes: followers (those that follow one), compared_rows.
-- Changes: versions that became the first of their article.

CREATE OR REPLACE TEMP TABLE followers AS
SELECT s.capture_id, s.previous_capture_id
FROM (
  SELECT capture_id, lag(capture_id) OVER (PARTITION BY article_id ORDER BY version_number) AS previous_capture_id
  FROM spans
) AS s
LEFT JOIN held_versions AS v USING (capture_id)  -- what was not there follows none
WHERE v.previous_capture_id IS DISTINCT FROM s.previous_capture_id;

UPDATE versions AS v
SET
  previous_capture_id = NULL, changed_fields = NULL, words_added_count = NULL, words_removed_count = NULL,
  is_silent = NULL
FROM followers AS f
WHERE v.capture_id = f.capture_id AND f.previous_capture_id IS NULL;

DELETE FROM followers WHERE previous_capture_id IS NULL;

CREATE OR REPLACE TEMP TABLE compared_rows AS
SELECT rowid AS row_number, capture_id, batch_id
FROM versions
WHERE capture_id IN (SELECT capture_id FROM followers UNION ALL SELECT previous_capture_id FROM followers);
