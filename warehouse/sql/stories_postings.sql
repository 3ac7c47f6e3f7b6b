-- Which articles hold the shingles that came or went. Each such shingle joins its holders to one of them, the one with the
-- smallest key: pairs grow with the holders, not with their square, and a key that is a hash makes a change of it rare.
-- A shingle that more hold than `story_holders` allows belongs to a template or a phrase, and joins nobody.
-- Runs before the new signatures are in place, for one part of the shingles. The lists of holders are by far the longest
-- there are: they have numbers for keys, half as long, and are not kept.
-- Reads: article_signatures, story_dropped, story_added, story_part (number, of). Changes: story_deltas.

CREATE OR REPLACE TEMP TABLE story_shingles AS
SELECT DISTINCT hash
FROM (
  SELECT unnest(hashes) AS hash FROM story_dropped
  UNION ALL
  SELECT unnest(hashes) FROM story_added
)
WHERE hash % (SELECT of FROM story_part) = (SELECT number FROM story_part);

CREATE OR REPLACE TEMP TABLE holders_before AS
SELECT CAST(article_id AS UUID) AS article_key, hash
FROM (SELECT article_id, unnest(hashes) AS hash FROM article_signatures)
WHERE hash IN (FROM story_shingles);

INSERT INTO story_deltas
WITH dropped AS MATERIALIZED (
  SELECT CAST(article_id AS UUID) AS article_key FROM story_dropped
),
holders_after AS MATERIALIZED (
  SELECT * FROM holders_before WHERE article_key NOT IN (FROM dropped)
  UNION ALL
  SELECT article_key, hash
  FROM (SELECT CAST(article_id AS UUID) AS article_key, unnest(hashes) AS hash FROM story_added)
  WHERE hash % (SELECT of FROM story_part) = (SELECT number FROM story_part)
),
joined_before AS (
  SELECT hash, min(article_key) AS other_key
  FROM holders_before
  GROUP BY hash
  HAVING count(*) BETWEEN 2 AND (FROM story_holders)
),
joined_after AS (
  SELECT hash, min(article_key) AS other_key
  FROM holders_after
  GROUP BY hash
  HAVING count(*) BETWEEN 2 AND (FROM story_holders)
),
counted AS (
  SELECT article_key, other_key, 1 AS shared_count
  FROM holders_after
  JOIN joined_after USING (hash)
  UNION ALL
  -- the links of a text that went are deleted as a whole, and those of one that came are counted anew
  SELECT article_key, other_key, -1
  FROM holders_before
  JOIN joined_before USING (hash)
  WHERE article_key NOT IN (FROM dropped) AND other_key NOT IN (FROM dropped)
)
SELECT
  replace(CAST(article_key AS VARCHAR), '-', ''), replace(CAST(other_key AS VARCHAR), '-', ''), sum(shared_count)
FROM counted
WHERE article_key <> other_key
GROUP BY article_key, other_key
HAVING sum(shared_count) <> 0;

DROP TABLE story_shingles;
DROP TABLE holders_before;
