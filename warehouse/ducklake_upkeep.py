"""Looking after a DuckLake: small files merged, old snapshots given up, files deleted that no snapshot names.

Each load adds files and keeps those that it replaces, since earlier snapshots can still be asked. A snapshot that is
given up cannot; whoever opened it an hour ago still finds its files. After a page was forgotten nothing may wait:
everything but the newest snapshot goes at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import duckdb

from warehouse.datadir import DataDir
from warehouse.ddl import literal
from warehouse.ducklake import ALIAS, open_for_writing
from warehouse.errors import WarehouseError
from warehouse.publish import DEFAULT_LIMITS

T = TypeVar("T")

SNAPSHOTS_KEPT = timedelta(days=7)
"""How far back time travel reaches after upkeep."""
FILES_KEPT = timedelta(hours=1)
"""How long files of a snapshot that was given up stay for those who have it open."""
ORPHANS_KEPT = timedelta(days=1)
"""How old a file must be that no snapshot names: a load that is under way has written such files too."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What upkeep did."""

    merged_count: int
    """Files that went into larger ones."""
    expired_count: int
    """Snapshots that were given up."""
    deleted_count: int
    """Files that were deleted."""

    def words(self) -> str:
        """One line for people."""
        return (
            f"warehouse: {self.merged_count} files merged, {self.expired_count} old snapshots given up, "
            f"{self.deleted_count} files deleted"
        )


def tidy(datadir: DataDir, *, now: datetime) -> Tidied:
    """Merge, give up and delete what is old. Raises WarehouseError. Loads may run meanwhile."""

    def work(con: duckdb.DuckDBPyConnection) -> Tidied:
        merged = _rows(con, f"CALL {ALIAS}.merge_adjacent_files()")
        merged += _rows(con, f"CALL ducklake_rewrite_data_files('{ALIAS}')")
        expired = _call(con, "ducklake_expire_snapshots", f"older_than => {_moment(now - SNAPSHOTS_KEPT)}")
        deleted = _call(con, "ducklake_cleanup_old_files", f"older_than => {_moment(now - FILES_KEPT)}")
        deleted += _call(con, "ducklake_delete_orphaned_files", f"older_than => {_moment(now - ORPHANS_KEPT)}")
        return Tidied(merged, expired, deleted)

    return _upkeep(datadir, work)


def forget_history(datadir: DataDir) -> int:
    """Delete every file that the newest snapshot does not read, and return how many that was.

    Only while nobody loads: the files of a load under way would go too. Raises WarehouseError.
    """

    def work(con: duckdb.DuckDBPyConnection) -> int:
        [(newest,)] = con.execute(f"FROM {ALIAS}.current_snapshot()").fetchall()
        earlier = con.execute(
            f"SELECT list(snapshot_id) FROM {ALIAS}.snapshots() WHERE snapshot_id < ?", [newest]
        ).fetchall()[0][0]
        if earlier:
            _call(con, "ducklake_expire_snapshots", f"versions => {earlier}")
        deleted = _call(con, "ducklake_cleanup_old_files", "cleanup_all => true")
        return deleted + _call(con, "ducklake_delete_orphaned_files", "cleanup_all => true")

    deleted = _upkeep(datadir, work)
    if datadir.ducklake_catalog.exists():
        # the least and the greatest value of each column of a deleted file would stay in free pages
        with closing(sqlite3.connect(datadir.ducklake_catalog)) as catalog:
            catalog.execute("VACUUM")
    return deleted


def _upkeep(datadir: DataDir, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    assert datadir.lakehouse is not None
    try:
        with closing(open_for_writing(datadir, datadir.lakehouse, DEFAULT_LIMITS)) as con:
            return work(con)
    except duckdb.Error as error:
        raise WarehouseError(
            f"upkeep of the warehouse with {datadir.lakehouse.place} failed: {' '.join(str(error).split())}"
        ) from error


def _call(con: duckdb.DuckDBPyConnection, function: str, how: str) -> int:
    return _rows(con, f"CALL {function}('{ALIAS}', {how})")


def _rows(con: duckdb.DuckDBPyConnection, call: str) -> int:
    return len(con.execute(call).fetchall())


def _moment(at: datetime) -> str:
    return f"CAST({literal(at.isoformat())} AS TIMESTAMP WITH TIME ZONE)"
