-- What the new batches bring, each capture once.
-- Reads: lake_captures, lake_articles (views on the new batches), violations, captures, observations.
-- Makes: staged_captures, staged_observations, displaced, displaced_articles.

-- A capture whose own row breaks a rule is left out; one whose article does is kept as a capture without one.
CREATE OR REPLACE TEMP TABLE staged_captures AS
SELECT c.* REPLACE (
  if(v.rule IS NULL, c.outcome, 'quarantined') AS outcome,
  coalesce(v.rule, c.detail) AS detail
)
FROM lake_captures AS c
ANTI JOIN (SELECT row_key AS capture_id, batch_id FROM violations WHERE record = 'captures') AS broken
  USING (capture_id, batch_id)
LEFT JOIN (
  SELECT row_key AS capture_id, batch_id, min(rule) AS rule FROM violations WHERE record = 'articles' GROUP BY ALL
) AS v USING (capture_id, batch_id);

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT
  capture_id, batch_id, warc_file, warc_offset, outcome, detail,
  outcome NOT IN ('new', 'changed', 'unchanged') AS is_rejected,
  false AS is_loaded
FROM staged_captures;

CREATE OR REPLACE TEMP TABLE known AS
SELECT capture_id, warc_file, warc_offset, outcome, detail
FROM captures SEMI JOIN candidates USING (capture_id);

INSERT INTO candidates
SELECT
  capture_id, coalesce(o.batch_id, ''), warc_file, warc_offset, outcome, detail,
  o.capture_id IS NULL AS is_rejected,
  true AS is_loaded
FROM known
LEFT JOIN (SELECT capture_id, batch_id FROM observations SEMI JOIN known USING (capture_id)) AS o USING (capture_id);

-- The same response can stand in several WARC files. One row stands for it, the same whatever came first: what gave an
-- article before what gave none, then the first place in the archive.
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT
  capture_id, batch_id, is_loaded,
  row_number() OVER (
    PARTITION BY capture_id
    ORDER BY is_rejected, warc_file, warc_offset, if(is_rejected, outcome, batch_id), detail, is_loaded DESC
  ) AS place
FROM candidates
WHERE capture_id IN (SELECT capture_id FROM candidates GROUP BY capture_id HAVING count(*) > 1);

DELETE FROM staged_captures
WHERE (capture_id, batch_id) IN (SELECT (capture_id, batch_id) FROM repeated WHERE NOT is_loaded AND place > 1);

CREATE OR REPLACE TEMP TABLE displaced AS
SELECT capture_id FROM repeated WHERE is_loaded AND place > 1;

CREATE OR REPLACE TEMP TABLE displaced_articles AS
SELECT DISTINCT article_id FROM versions WHERE capture_id IN (FROM displaced);

CREATE OR REPLACE TEMP TABLE staged_observations AS
SELECT
  a.capture_id,
  a.article_id AS page_key,
  a.final_url,
  a.declared_canonical_url,
  CAST(md5_number_lower(lower(regexp_replace(trim(a.title), '\s+', ' ', 'g'))) >> 32 AS UINTEGER) AS title_hash,
  if(a.word_count >= 20, CAST(md5_number_lower(a.text) >> 32 AS UINTEGER), NULL) AS text_hash,
  CAST(md5_number_lower(a.content_hash) >> 1 AS BIGINT) AS content_key,
  a.captured_at,
  a.batch_id,
  a.extractor
FROM lake_articles AS a
SEMI JOIN (SELECT capture_id, batch_id FROM staged_captures WHERE outcome IN ('new', 'changed', 'unchanged')) AS s
  USING (capture_id, batch_id);
