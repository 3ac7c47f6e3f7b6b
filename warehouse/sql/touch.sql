-- Give each observation its article, and list the articles whose history must be told anew.
-- Reads: article_keys (page_key, article_id), observations, staged_observations. Makes: moved, touched.

CREATE OR REPLACE TEMP TABLE moved AS
SELECT o.capture_id, o.article_id AS old_id, k.article_id AS new_id
FROM observations AS o
JOIN article_keys AS k ON k.page_key = coalesce(o.page_key, o.article_id)
WHERE o.article_id <> k.article_id;

UPDATE observations
SET page_key = nullif(coalesce(page_key, article_id), moved.new_id), article_id = moved.new_id
FROM moved
WHERE observations.capture_id = moved.capture_id;

CREATE OR REPLACE TEMP TABLE touched AS
SELECT article_id FROM observations WHERE capture_id IN (SELECT capture_id FROM staged_observations)
UNION
SELECT old_id FROM moved
UNION
SELECT new_id FROM moved;
