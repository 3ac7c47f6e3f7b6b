"""What is on disk: captures (WARC), the ledger, the lake (Parquet) and the published DuckDB file."""
