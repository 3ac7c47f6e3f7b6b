-- What the touched articles were before this load: in this the steps after it differ from what the tables still say.
-- Articles whose current version gave its capture to another place in the archive are not among them.
-- Reads: touched, seen_before, displaced_articles, versions. Makes: held_versions (all that they had), known_articles
-- (those of which the tables hold anything), appearances (of a table of versions: current version, site and time of each
-- article), former_versions.

CREATE OR REPLACE TEMP TABLE held_versions AS
SELECT
  rowid AS row_number, capture_id, article_id, version_number, valid_to, is_current, previous_capture_id,
  domain, published_at, published_precision, captured_at
FROM versions
WHERE article_id IN (FROM seen_before);

CREATE OR REPLACE TEMP TABLE known_articles AS
SELECT article_id FROM held_versions
UNION
SELECT article_id FROM displaced_articles SEMI JOIN touched USING (article_id);

CREATE OR REPLACE TEMP MACRO appearances(listed) AS TABLE
SELECT
  c.article_id, c.capture_id, c.domain,
  -- a day alone names no hour: its end counts, so that nobody is first for want of a clock; and no page appears after
  -- it was captured
  least(
    if(c.published_precision = 'day', c.published_at + INTERVAL 1 DAY, c.published_at),
    f.captured_at
  ) AS appeared_at
FROM query_table(listed) AS c
JOIN query_table(listed) AS f USING (article_id)
WHERE c.is_current AND f.version_number = 1;

CREATE OR REPLACE TEMP TABLE former_versions AS
FROM appearances('held_versions');
