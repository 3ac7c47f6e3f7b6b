-- Which touched articles have another text than when their signature was taken.
-- Reads: touched_versions, appearances, former_versions, article_signatures, lake_signatures (view on the batches that
-- hold what is missing), signing (the method in use).
-- Makes: story_now, story_signed (a row without hashes is still to be computed from the text).

CREATE OR REPLACE TEMP TABLE story_now AS
FROM appearances('touched_versions');

CREATE OR REPLACE TEMP TABLE story_signed AS
SELECT n.article_id, n.capture_id, s.shingle_count, s.hashes
FROM story_now AS n
ANTI JOIN (
  SELECT article_id, capture_id FROM former_versions SEMI JOIN article_signatures USING (article_id)
) AS known ON known.article_id = n.article_id AND known.capture_id = n.capture_id
LEFT JOIN (
  SELECT capture_id, any_value(shingle_count) AS shingle_count, any_value(hashes) AS hashes
  FROM lake_signatures
  WHERE method = (FROM signing) AND capture_id IN (SELECT capture_id FROM story_now)
  GROUP BY capture_id
) AS s USING (capture_id);
