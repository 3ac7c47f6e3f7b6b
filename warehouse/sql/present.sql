-- What the touched articles are now, in narrow columns. Reads: held_versions, touched, versions. Makes: touched_versions.
-- The names after FROM stand for those of their versions that were there before and for those that came
-- (`warehouse.present`).
CREATE OR REPLACE TEMP TABLE touched_versions AS
SELECT
  row_number, capture_id, batch_id, article_id, version_number, is_current,
  source, domain, published_at, published_precision, captured_at
FROM (
  FROM versions_kept
  UNION ALL
  FROM versions_added
);
