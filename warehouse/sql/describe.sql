-- Every column of every table and view with its comment, what analysts ask first coming first.
SELECT
  c.table_name, r.is_view, coalesce(r.comment, '') AS table_comment,
  c.column_name, c.data_type, c.is_nullable, coalesce(c.comment, '') AS column_comment
FROM duckdb_columns() AS c
JOIN (
  SELECT table_oid AS oid, table_name AS name, false AS is_view, comment FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'
  UNION ALL
  SELECT view_oid, view_name, true, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'
) AS r ON r.name = c.table_name
WHERE NOT c.internal
ORDER BY
  list_position(['articles', 'article_versions', 'captures', 'rejections', 'comments', 'fetches', 'source_days'], name) NULLS LAST,
  c.table_name, c.column_index
