-- What both sides of a comparison show. The conditions after WHERE and the name after the second FROM stand for the rows
-- of compared_rows and for the relation that has the texts of unread_rows.
-- Reads: versions, former_texts, evidence, compared_rows, unread_rows. Makes: sides.
CREATE OR REPLACE TEMP TABLE sides AS
SELECT
  v.capture_id, v.title, v.authors, v.published_at, v.modified_at,
  coalesce(f.text, t.text) AS text,
  coalesce(s.lines, []) AS stripped
FROM (
  SELECT capture_id, title, authors, published_at, modified_at FROM versions WHERE in_compared_rows
) AS v
LEFT JOIN former_texts AS f USING (capture_id)
LEFT JOIN (SELECT capture_id, text FROM unread_with_text) AS t USING (capture_id)
LEFT JOIN (
  SELECT capture_id, list(value ORDER BY position) AS lines
  FROM evidence
  WHERE
    field = 'text' AND verdict = 'stripped' AND rule NOT LIKE '%comment%'
    AND capture_id IN (SELECT capture_id FROM compared_rows)
  GROUP BY capture_id
) AS s USING (capture_id)
