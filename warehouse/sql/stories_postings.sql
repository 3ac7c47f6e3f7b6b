-- Which articles hold the shingles that came or went. Each such shingle joins its holders to one of them, the one with the
-- smallest key: pairs grow with the holders, not with their square, and a key that is a hash makes a change of it rare.
-- A shingle that more hold than `story_holders` allows belongs to a template or a phrase, and joins nobody.
-- Runs before the new signatures are in place, for one part of the shingles.
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
SELECT article_id, hash
FROM (SELECT article_id, unnest(hashes) AS hash FROM article_signatures)
WHERE hash IN (FROM story_shingles);

CREATE OR REPLACE TEMP TABLE holders_after AS
SELECT * FROM holders_before WHERE article_id NOT IN (SELECT article_id FROM story_dropped)
UNION ALL
SELECT article_id, hash
FROM (SELECT article_id, unnest(hashes) AS hash FROM story_added)
WHERE hash % (SELECT of FROM story_part) = (SELECT number FROM story_part);

CREATE OR REPLACE TEMP TABLE joined_before AS
SELECT hash, min(article_id) AS other_id
FROM holders_before
GROUP BY hash
HAVING count(*) BETWEEN 2 AND (FROM story_holders);

CREATE OR REPLACE TEMP TABLE joined_after AS
SELECT hash, min(article_id) AS other_id
FROM holders_after
GROUP BY hash
HAVING count(*) BETWEEN 2 AND (FROM story_holders);

INSERT INTO story_deltas
SELECT article_id, other_id, sum(shared_count)
FROM (
  SELECT article_id, other_id, 1 AS shared_count
  FROM holders_after
  JOIN joined_after USING (hash)
  UNION ALL
  -- the links of a text that went are deleted as a whole, and those of one that came are counted anew
  SELECT article_id, other_id, -1
  FROM holders_before
  JOIN joined_before USING (hash)
  WHERE article_id NOT IN (SELECT article_id FROM story_dropped)
    AND other_id NOT IN (SELECT article_id FROM story_dropped)
)
WHERE article_id <> other_id
GROUP BY ALL
HAVING sum(shared_count) <> 0;
