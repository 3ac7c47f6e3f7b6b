-- Put the new signatures in place, and bring the counts of the links up to date.
-- Reads: story_deltas, story_before, story_after, story_dropped, story_renewed, signing. Makes: story_candidates (pairs
-- that share a shingle and are not linked), story_wanted (articles among them that this load did not touch).
-- Changes: article_signatures, story_links, story_seeds.

DELETE FROM article_signatures
WHERE article_id IN (SELECT article_id FROM story_renewed SEMI JOIN story_before USING (article_id));

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

CREATE OR REPLACE TEMP TABLE story_candidates AS
SELECT article_id, other_id, shared_count
FROM story_delta
ANTI JOIN story_links USING (article_id, other_id)
WHERE shared_count > 0;

CREATE OR REPLACE TEMP TABLE story_wanted AS
SELECT DISTINCT article_id
FROM (SELECT unnest([article_id, other_id]) AS article_id FROM story_candidates)
ANTI JOIN story_after USING (article_id);

UPDATE story_links AS l
SET shared_count = l.shared_count + d.shared_count
FROM story_delta AS d
WHERE l.article_id = d.article_id AND l.other_id = d.other_id;

INSERT INTO story_seeds
SELECT unnest([article_id, other_id]) FROM story_links WHERE shared_count <= 0;

DELETE FROM story_links WHERE shared_count <= 0;
