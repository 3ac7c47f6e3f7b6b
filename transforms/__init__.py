"""Pure functions: bytes and values in, values out. No network, no files, no Prefect, no DuckDB."""
