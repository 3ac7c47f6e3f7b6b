"""What the touched articles are now, without a look at all versions that there are.

To find the versions of some articles, DuckDB reads the article of each version. But those that were there before have
been found already, and those that came are the last rows: by their numbers both are read where they lie.
"""

from __future__ import annotations

import duckdb

from warehouse.counting import number_of
from warehouse.ddl import is_ducklake
from warehouse.statements import statement


def last_row_of_versions(con: duckdb.DuckDBPyConnection) -> int | None:
    """The number of the last row of `versions`; None where numbers say nothing."""
    if is_ducklake(con):  # they may repeat
        return None
    return number_of(con, "SELECT coalesce(max(rowid), -1) FROM versions")


def find_touched_versions(con: duckdb.DuckDBPyConnection, last_row: int | None) -> None:
    """Make the table touched_versions. `last_row` is as `last_row_of_versions` said before this load's were added."""
    kept, added = "rowid IN (SELECT row_number FROM held_versions)", f"rowid > {last_row}"
    if last_row is None:
        kept, added = "article_id IN (FROM touched)", "false"
    chosen = "(SELECT rowid AS row_number, * FROM versions WHERE {})"
    present = statement("present").replace("versions_kept", chosen.format(kept))
    con.execute(present.replace("versions_added", chosen.format(added)))
