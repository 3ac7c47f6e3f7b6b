-- Fetch from the lake the content of the spans that are new here.
-- Reads: missing, lake_articles (view on the batches that hold them). Changes: versions.

INSERT INTO versions BY NAME
SELECT
  a.* REPLACE (
    m.article_id AS article_id,
    nullif(a.final_url, a.url) AS final_url,
    if(text_store() = 'lake', '', a.text) AS text
  ),
  m.version_number, m.valid_to, m.is_current
FROM lake_articles AS a
JOIN missing AS m
  ON m.capture_id = a.capture_id
  AND m.batch_id = a.batch_id
  AND m.content_key = CAST(md5_number_lower(a.content_hash) >> 1 AS BIGINT);
