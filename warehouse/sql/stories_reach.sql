-- All articles that links join to one whose story may have changed. Their stories are told anew.
-- Reads: story_seeds, story_links. Makes: story_reached. Changes: stories, story_articles.

CREATE OR REPLACE TEMP TABLE story_reached AS
WITH RECURSIVE pairs AS MATERIALIZED (
  SELECT article_id AS here, other_id AS there FROM story_links
  UNION ALL
  SELECT other_id, article_id FROM story_links
),
reached (article_id) AS (
  SELECT DISTINCT article_id FROM story_seeds
  UNION
  SELECT there FROM pairs JOIN reached ON here = article_id
)
FROM reached;

CREATE OR REPLACE TEMP TABLE story_stale AS
SELECT DISTINCT story_id FROM story_articles WHERE article_id IN (FROM story_reached);

DELETE FROM stories WHERE story_id IN (FROM story_stale);
DELETE FROM story_articles WHERE story_id IN (FROM story_stale);
