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
            is_made = _has_turns(con)  # not within the transaction, which a table that is not there would end
            con.begin()
            _take_turn(con, is_made=is_made)
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


def _take_turn(con: duckdb.DuckDBPyConnection, *, is_made: bool) -> None:
    """Change what every writer changes."""
    if not is_made:
        con.execute("CREATE SCHEMA IF NOT EXISTS turns")
        con.execute(f"CREATE TABLE IF NOT EXISTS {_TURNS} (number BIGINT NOT NULL)")
        con.execute(f"COMMENT ON TABLE {_TURNS} IS 'How many writers there were: what makes two at once conflict'")
        con.execute(f"INSERT INTO {_TURNS} SELECT 0 WHERE NOT EXISTS (FROM {_TURNS})")
    con.execute(f"UPDATE {_TURNS} SET number = number + 1")


def _has_turns(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a writer was here before. Asking for the list of tables costs two questions to the server for each."""
    try:
        con.execute(f"SELECT number FROM {_TURNS} LIMIT 0")
    except duckdb.CatalogException:
        return False
    return True
