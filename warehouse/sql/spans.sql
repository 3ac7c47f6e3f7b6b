-- Tell the history of the touched articles anew: a run of captures with the same content is one span, so A, B, A is
-- three. The order is time of capture, then place in the archive. A span's content is that of its first capture.
-- Reads: observations, captures, touched, versions. Makes: timeline, spans, missing. Changes: versions
-- (all but the content that is not there yet), captures.outcome.

CREATE OR REPLACE TEMP TABLE timeline AS
SELECT
  o.capture_id, o.article_id, o.content_key, o.batch_id, c.captured_at,
  row_number() OVER in_order AS place,
  o.content_key IS DISTINCT FROM lag(o.content_key) OVER in_order AS is_start
FROM (SELECT * FROM observations SEMI JOIN touched USING (article_id)) AS o
JOIN captures AS c USING (capture_id)
WINDOW in_order AS (PARTITION BY o.article_id ORDER BY c.captured_at, c.warc_file, c.warc_offset, o.capture_id);

CREATE OR REPLACE TEMP TABLE spans AS
SELECT
  capture_id, article_id, content_key, batch_id,
  row_number() OVER by_place AS version_number,
  lead(captured_at) OVER by_place AS valid_to,
  lead(capture_id) OVER by_place IS NULL AS is_current
FROM timeline
WHERE is_start
WINDOW by_place AS (PARTITION BY article_id ORDER BY place);

DELETE FROM versions
WHERE article_id IN (FROM touched) AND capture_id NOT IN (SELECT capture_id FROM spans);

-- Each column that changes is written anew where its rows lie, so the key apart: it seldom does.
UPDATE versions AS v
SET article_id = s.article_id
FROM spans AS s
WHERE v.capture_id = s.capture_id AND v.article_id <> s.article_id;

UPDATE versions AS v
SET version_number = s.version_number
FROM spans AS s
WHERE v.capture_id = s.capture_id AND v.version_number <> s.version_number;

UPDATE versions AS v
SET valid_to = s.valid_to, is_current = s.is_current
FROM spans AS s
WHERE v.capture_id = s.capture_id
  AND (v.valid_to IS DISTINCT FROM s.valid_to OR v.is_current <> s.is_current);

CREATE OR REPLACE TEMP TABLE missing AS
SELECT * FROM spans ANTI JOIN versions USING (capture_id);

UPDATE captures AS c
SET outcome = t.outcome
FROM (
  SELECT
    capture_id,
    CASE WHEN NOT is_start THEN 'unchanged' WHEN place = 1 THEN 'new' ELSE 'changed' END AS outcome
  FROM timeline
) AS t
WHERE c.capture_id = t.capture_id AND c.outcome <> t.outcome;
