-- The pages whose article may have changed: those staged, and all that declarations join to them, near or far.
-- Pages that declare no other page and that no page declares are their own article and are left out.
-- Reads: observations, captures, staged_observations.
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
SELECT
  coalesce(page_key, article_id) AS own_key, canonical_key, title_hash, text_hash, min(captured_at) AS captured_at
FROM observations
JOIN (SELECT capture_id, captured_at FROM captures) USING (capture_id)
WHERE coalesce(page_key, article_id) IN (FROM reached)
GROUP BY ALL
