-- Put the new signatures in place, and bring the counts of the links up to date.
-- Reads: story_deltas, story_dropped, story_renewed, story_after, signing. Makes: story_pairs (candidates that share
-- enough). Changes: article_signatures, story_links, story_seeds.

DELETE FROM article_signatures WHERE article_id IN (SELECT article_id FROM story_renewed);

INSERT INTO article_signatures BY NAME
SELECT article_id, shingle_count, hashes, (FROM signing) AS method
FROM story_after
WHERE article_id IN (SELECT article_id FROM story_renewed);

CREATE OR REPLACE TEMP TABLE story_delta AS
SELECT article_id, other_id, sum(shared_count) AS shared_count
FROM story_deltas
GROUP BY ALL
HAVING sum(shared_count) <> 0;

INSERT INTO story_seeds
SELECT unnest([article_id, other_id])
FROM story_links
WHERE article_id IN (SELECT article_id FROM story_dropped) OR other_id IN (SELECT article_id FROM story_dropped);

DELETE FROM story_links
WHERE article_id IN (SELECT article_id FROM story_dropped) OR other_id IN (SELECT article_id FROM story_dropped);

CREATE OR REPLACE TEMP TABLE story_pairs AS
SELECT d.article_id, d.other_id, d.shared_count
FROM story_delta AS d
ANTI JOIN story_links USING (article_id, other_id)
JOIN article_signatures AS one ON one.article_id = d.article_id
JOIN article_signatures AS other ON other.article_id = d.other_id
WHERE d.shared_count > 0 AND len(list_intersect(one.hashes, other.hashes)) >= (FROM story_shared);

UPDATE story_links AS l
SET shared_count = l.shared_count + d.shared_count
FROM story_delta AS d
WHERE l.article_id = d.article_id AND l.other_id = d.other_id;

INSERT INTO story_seeds
SELECT unnest([article_id, other_id]) FROM story_links WHERE shared_count <= 0;

DELETE FROM story_links WHERE shared_count <= 0;
