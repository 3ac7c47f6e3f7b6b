-- The table macros of the warehouse with their parameters and comments.
SELECT function_name, parameters, coalesce(comment, '')
FROM duckdb_functions()
WHERE function_type = 'table_macro' AND NOT internal AND database_name = current_database()
ORDER BY function_name
