-- Which touched articles have another text, site or time than when their signature was taken.
-- Reads: touched, versions, article_signatures, lake_signatures (view on the batches that hold what is missing), signing
-- (the method in use). Makes: story_now, story_signed (a row without hashes is still to be computed from the text).

CREATE OR REPLACE TEMP TABLE story_now AS
SELECT
  c.article_id, c.capture_id, c.domain,
  -- a day alone names no hour: its end counts, so that nobody is first for want of a clock; and no page appears after
  -- it was captured
  least(
    if(c.published_precision = 'day', c.published_at + INTERVAL 1 DAY, c.published_at),
    f.valid_from
  ) AS appeared_at
FROM versions AS c
JOIN versions AS f USING (article_id)
WHERE c.is_current AND f.version_number = 1 AND c.article_id IN (FROM touched);

CREATE OR REPLACE TEMP TABLE story_signed AS
SELECT n.article_id, n.capture_id, s.shingle_count, s.hashes
FROM story_now AS n
ANTI JOIN article_signatures AS known ON known.article_id = n.article_id AND known.capture_id = n.capture_id
LEFT JOIN (
  SELECT capture_id, any_value(shingle_count) AS shingle_count, any_value(hashes) AS hashes
  FROM lake_signatures
  WHERE method = (FROM signing) AND capture_id IN (SELECT capture_id FROM story_now)
  GROUP BY capture_id
) AS s USING (capture_id);
