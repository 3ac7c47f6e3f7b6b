-- Fetch from the lake the content of the spans that are new here, and the evidence for it.
-- Reads: missing, spans, lake_articles, lake_evidence (views on the batches that hold them).

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

DELETE FROM evidence
WHERE article_id IN (FROM touched)
  AND capture_id NOT IN (SELECT capture_id FROM spans ANTI JOIN missing USING (capture_id));

UPDATE evidence SET article_id = spans.article_id
FROM spans
WHERE evidence.capture_id = spans.capture_id AND evidence.article_id <> spans.article_id;

INSERT INTO evidence BY NAME
SELECT e.* EXCLUDE (batch_id) REPLACE (m.article_id AS article_id)
FROM lake_evidence AS e
JOIN missing AS m ON m.capture_id = e.capture_id AND m.batch_id = e.batch_id;
