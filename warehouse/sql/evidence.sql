-- The evidence for the touched articles' versions, in step with them.
-- Reads: missing, spans, moved, known_articles, lake_evidence (view on the batches that hold what is missing).
-- Changes: evidence.

DELETE FROM evidence
WHERE article_id IN (FROM known_articles)
  AND capture_id NOT IN (SELECT capture_id FROM spans ANTI JOIN missing USING (capture_id));

UPDATE evidence SET article_id = spans.article_id
FROM (FROM spans SEMI JOIN moved USING (capture_id)) AS spans
WHERE evidence.capture_id = spans.capture_id AND evidence.article_id <> spans.article_id;

INSERT INTO evidence BY NAME
SELECT e.* EXCLUDE (batch_id) REPLACE (m.article_id AS article_id)
FROM lake_evidence AS e
JOIN missing AS m ON m.capture_id = e.capture_id AND m.batch_id = e.batch_id;
