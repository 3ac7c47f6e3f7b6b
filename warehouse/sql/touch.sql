-- Give each observation its article, and list the articles whose history must be told anew.
-- Reads: article_keys (page_key, article_id; of the pages in page_sightings), page_sightings, staged_observations.
-- Makes: moved, touched, touched_observations (what shows a touched article), seen_before (touched articles that may have
-- versions already). Changes: observations.

CREATE OR REPLACE TEMP TABLE moved AS
SELECT o.capture_id, o.article_id AS old_id, k.article_id AS new_id
FROM page_sightings AS o
JOIN article_keys AS k ON k.page_key = o.own_key
WHERE o.article_id <> k.article_id;

UPDATE observations
SET page_key = nullif(coalesce(page_key, article_id), moved.new_id), article_id = moved.new_id
FROM moved
WHERE observations.capture_id = moved.capture_id;

CREATE OR REPLACE TEMP TABLE touched AS
SELECT coalesce(m.new_id, s.page_key) AS article_id
FROM staged_observations AS s
LEFT JOIN moved AS m USING (capture_id)
UNION
SELECT old_id FROM moved
UNION
SELECT new_id FROM moved;

CREATE OR REPLACE TEMP TABLE touched_observations AS
SELECT capture_id, article_id, page_key, content_key, batch_id FROM observations WHERE article_id IN (FROM touched);

-- What has a version has an observation that is not of this load: where there is none, no version is looked for.
CREATE OR REPLACE TEMP TABLE seen_before AS
SELECT article_id FROM touched_observations ANTI JOIN staged_captures USING (capture_id)
UNION
SELECT old_id FROM moved
UNION
SELECT new_id FROM moved;
