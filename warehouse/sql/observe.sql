-- Put the staged captures into the warehouse. The key of an article is its page's own, until identity merges pages.
-- Reads: staged_captures, staged_observations, displaced, canonical_keys.

DELETE FROM captures WHERE capture_id IN (FROM displaced);
DELETE FROM observations WHERE capture_id IN (FROM displaced);
DELETE FROM versions WHERE capture_id IN (FROM displaced);

INSERT INTO captures BY NAME
SELECT * EXCLUDE (batch_id) FROM staged_captures;

INSERT INTO observations BY NAME
SELECT
  s.capture_id,
  s.page_key AS article_id,
  CAST(NULL AS VARCHAR) AS page_key,
  k.canonical_key,
  s.title_hash,
  s.text_hash,
  s.content_key,
  s.batch_id
FROM staged_observations AS s
LEFT JOIN canonical_keys AS k USING (final_url, declared_canonical_url);
