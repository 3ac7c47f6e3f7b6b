-- Tell the history of the touched articles anew: a run of captures with the same content is one span, so A, B, A is
-- three. The order is time of capture, then place in the archive. A span's content is that of its first capture.
-- Reads: touched_observations, staged_captures, captures, held_versions. Makes: timeline, spans, missing, outcomes (of the
-- captures in the timeline). Changes: versions (all but the content that is not there yet), captures.outcome.
-- What is to change is found in the small tables, so that the large ones are not read where there is nothing.

CREATE OR REPLACE TEMP TABLE placed_captures AS
SELECT capture_id, captured_at, warc_file, warc_offset, outcome FROM staged_captures
UNION ALL
SELECT capture_id, captured_at, warc_file, warc_offset, outcome
FROM captures
WHERE capture_id IN (SELECT capture_id FROM touched_observations ANTI JOIN staged_captures USING (capture_id));

CREATE OR REPLACE TEMP TABLE timeline AS
SELECT
  o.capture_id, o.article_id, o.content_key, o.batch_id, c.captured_at, c.outcome AS stated_outcome,
  row_number() OVER in_order AS place,
  o.content_key IS DISTINCT FROM lag(o.content_key) OVER in_order AS is_start
FROM touched_observations AS o
JOIN placed_captures AS c USING (capture_id)
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

CREATE OR REPLACE TEMP TABLE told_otherwise AS
SELECT
  s.capture_id, s.article_id, s.version_number, s.valid_to, s.is_current,
  h.article_id <> s.article_id AS is_moved,
  h.version_number <> s.version_number AS is_renumbered,
  h.valid_to IS DISTINCT FROM s.valid_to OR h.is_current <> s.is_current AS is_ended
FROM spans AS s
JOIN held_versions AS h USING (capture_id);

DELETE FROM versions
WHERE capture_id IN (SELECT capture_id FROM held_versions ANTI JOIN spans USING (capture_id));

-- Each column that changes is written anew where its rows lie, so the key apart: it seldom does.
UPDATE versions AS v
SET article_id = s.article_id
FROM (FROM told_otherwise WHERE is_moved) AS s
WHERE v.capture_id = s.capture_id;

UPDATE versions AS v
SET version_number = s.version_number
FROM (FROM told_otherwise WHERE is_renumbered) AS s
WHERE v.capture_id = s.capture_id;

UPDATE versions AS v
SET valid_to = s.valid_to, is_current = s.is_current
FROM (FROM told_otherwise WHERE is_ended) AS s
WHERE v.capture_id = s.capture_id;

CREATE OR REPLACE TEMP TABLE missing AS
SELECT * FROM spans ANTI JOIN held_versions USING (capture_id);

CREATE OR REPLACE TEMP TABLE outcomes AS
SELECT
  capture_id, stated_outcome,
  CASE WHEN NOT is_start THEN 'unchanged' WHEN place = 1 THEN 'new' ELSE 'changed' END AS outcome
FROM timeline;

UPDATE captures AS c
SET outcome = o.outcome
FROM (FROM outcomes WHERE outcome <> stated_outcome) AS o
WHERE c.capture_id = o.capture_id;
