-- What is known of the articles in story_wanted, which this load did not touch.
-- Reads: story_wanted, versions, appearances, article_signatures. Changes: story_known.
CREATE OR REPLACE TEMP TABLE wanted_versions AS
SELECT article_id, capture_id, version_number, is_current, domain, published_at, published_precision, captured_at
FROM versions
WHERE (is_current OR version_number = 1) AND article_id IN (FROM story_wanted);

INSERT INTO story_known
SELECT a.article_id, a.domain, a.appeared_at, s.shingle_count, s.hashes
FROM appearances('wanted_versions') AS a
JOIN (SELECT * FROM article_signatures WHERE article_id IN (FROM story_wanted)) AS s USING (article_id);
