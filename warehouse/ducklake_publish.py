"""Publishing to a DuckLake: one load is one transaction, and its snapshot is what readers see from then on.

DuckLake lets transactions run side by side and refuses the later of two that changed the same file. Two loads may well
change no file in common and still contradict each other, since both tell articles and stories from what they saw at
their beginning. So each writer changes one counter: of two at once the first to commit wins, and the other starts again
from what the first left. Readers keep the snapshot that they opened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

import duckdb

from warehouse.conflicts import WriterConflict
from warehouse.datadir import DataDir
from warehouse.ddl import create_schema, drop_schema
from warehouse.ducklake import open_for_writing
from warehouse.lakehouse import Lakehouse
from warehouse.publish import Limits

T = TypeVar("T")

_TURNS = "turns.writers"
_CONFLICT = ("onflict", "database is locked", "could not serialize", "PRIMARY KEY or UNIQUE constraint")


def commit_change(
    datadir: DataDir,
    lakehouse: Lakehouse,
    change: Callable[[duckdb.DuckDBPyConnection], T],
    *,
    is_fresh: bool,
    limits: Limits,
    on_step: Callable[[str], None],
) -> T:
    """Apply `change` in one transaction; with `is_fresh` to new, empty tables. If it raises, nothing is published.

    Raises WriterConflict, WarehouseError where the catalog does not answer.
    """
    on_step("change")
    try:
        with closing(open_for_writing(datadir, lakehouse, limits)) as con:
            con.begin()
            _take_turn(con)
            if is_fresh:
                drop_schema(con)
                create_schema(con)
            result = change(con)
            on_step("publish")
            con.commit()
    except duckdb.Error as error:
        if any(sign in str(error) for sign in _CONFLICT):
            raise WriterConflict("another writer was faster, each time: nothing was published, try again") from error
        raise
    on_step("published")
    return result


def _take_turn(con: duckdb.DuckDBPyConnection) -> None:
    """Change what every writer changes."""
    made = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'turns'"
    ).fetchall()
    if not made:
        con.execute("CREATE SCHEMA turns")
        con.execute(f"CREATE TABLE {_TURNS} (number BIGINT NOT NULL)")
        con.execute(f"COMMENT ON TABLE {_TURNS} IS 'How many writers there were: what makes two at once conflict'")
        con.execute(f"INSERT INTO {_TURNS} VALUES (0)")
    con.execute(f"UPDATE {_TURNS} SET number = number + 1")
