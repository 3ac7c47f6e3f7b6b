-- The pages whose article may have changed: those staged, and all that declarations join to them, near or far.
-- Pages that declare no other page and that no page declares are their own article and are left out.
-- Reads: observations, staged_observations. Makes: reached_pages, page_sightings (empty).
CREATE OR REPLACE TEMP TABLE page_sightings AS
SELECT article_id AS own_key, article_id, canonical_key, title_hash, text_hash, capture_id FROM observations LIMIT 0;

CREATE OR REPLACE TEMP TABLE reached_pages AS
WITH RECURSIVE links AS MATERIALIZED (
  SELECT DISTINCT coalesce(page_key, article_id) AS page_key, canonical_key
  FROM observations
  WHERE canonical_key IS NOT NULL
),
pairs AS MATERIALIZED (
  SELECT page_key AS here, canonical_key AS there FROM links
  UNION
  SELECT canonical_key, page_key FROM links
),
reached (page_key) AS (
  SELECT here FROM pairs WHERE here IN (SELECT page_key FROM staged_observations)
  UNION
  SELECT there FROM pairs JOIN reached ON here = reached.page_key
)
FROM reached;
