-- What the touched articles are now, in narrow columns. Reads: touched, versions. Makes: touched_versions.
CREATE OR REPLACE TEMP TABLE touched_versions AS
SELECT
  rowid AS row_number, capture_id, batch_id, article_id, version_number, is_current,
  source, domain, published_at, published_precision, captured_at
FROM versions
WHERE article_id IN (FROM touched);
