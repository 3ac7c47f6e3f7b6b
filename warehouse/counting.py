"""How many: one number as the answer of a statement.

All rows are fetched, though it is one: DuckDB 2.0 refuses other work on a connection while a result is unfinished.
"""

from __future__ import annotations

import duckdb


def number_of(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """The first value of a statement's first row: of an INSERT how many rows it inserted."""
    return int(con.execute(query).fetchall()[0][0])


def count_rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a relation has; it may end in a condition: `versions WHERE is_current`."""
    return number_of(con, f"SELECT count(*) FROM {relation}")
