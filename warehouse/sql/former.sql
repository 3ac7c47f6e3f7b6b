-- What the touched articles were before this load: in this the steps after it differ from what the tables still say.
-- Articles whose current version gave its capture to another place in the archive are not among them.
-- Reads: touched, versions. Makes: appearances (view: current version, site and time of each article), former_versions.

CREATE OR REPLACE TEMP VIEW appearances AS
SELECT
  c.article_id, c.capture_id, c.domain,
  -- a day alone names no hour: its end counts, so that nobody is first for want of a clock; and no page appears after
  -- it was captured
  least(
    if(c.published_precision = 'day', c.published_at + INTERVAL 1 DAY, c.published_at),
    f.captured_at
  ) AS appeared_at
FROM versions AS c
JOIN versions AS f USING (article_id)
WHERE c.is_current AND f.version_number = 1;

CREATE OR REPLACE TEMP TABLE former_versions AS
SELECT * FROM appearances WHERE article_id IN (FROM touched);
