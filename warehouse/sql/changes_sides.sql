-- What both sides of a comparison show. By row number, since DuckDB reads the texts of a whole table to find some by key.
-- The name after FROM stands for the relation that has the texts. Reads: compared_rows, evidence. Makes: sides.
CREATE OR REPLACE TEMP TABLE sides AS
SELECT
  v.capture_id, v.title, v.authors, v.published_at, v.modified_at, v.text,
  coalesce(s.lines, []) AS stripped
FROM versions_with_text AS v
LEFT JOIN (
  SELECT capture_id, list(value ORDER BY position) AS lines
  FROM evidence
  WHERE
    field = 'text' AND verdict = 'stripped' AND rule NOT LIKE '%comment%'
    AND capture_id IN (SELECT capture_id FROM compared_rows)
  GROUP BY capture_id
) AS s USING (capture_id)
