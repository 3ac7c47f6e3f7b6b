"""The marts that are tables, brought up to date by a load: only days and domains that it touches are counted anew.

A rebuild runs the same steps over everything, and comes to the same rows.
"""

from __future__ import annotations

import duckdb

from warehouse.statements import statement


def remember_days(con: duckdb.DuckDBPyConnection) -> None:
    """Note which days of which sources the new batches name; before they are put into the tables."""
    con.execute(statement("marts/remember"))


def update_marts(con: duckdb.DuckDBPyConnection) -> None:
    """Bring source_days, version_links and domain_links up to date; after the versions are."""
    con.execute(statement("marts/source_days"))
    con.execute(statement("marts/links"))
