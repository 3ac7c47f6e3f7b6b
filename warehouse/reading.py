"""Opening the live warehouse to read: shut in, read-only, and only for as long as it takes.

A connection sees the file that it opened, also after a newer one was renamed over it; so each question opens and closes
its own. Files, network and extensions are out of reach from inside it, whatever the SQL says.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.datadir import DataDir
from warehouse.errors import NotLoadedYet, WarehouseError
from warehouse.texts import moved_from, moved_words, shut_in

REBUILD_HINT = "`broadsheet rebuild` makes it anew"


@contextmanager
def reading(datadir: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the live warehouse, times shown in UTC, its settings locked.

    Raises WarehouseError where there is no warehouse, or it cannot be opened.
    """
    path = datadir.warehouse
    if datadir.lakehouse is None and not path.exists():
        raise WarehouseError(f"nothing is loaded in {datadir.root} yet: `broadsheet run` or `broadsheet ingest` does")
    try:
        con = open_live(datadir)
    except duckdb.Error as error:
        raise WarehouseError(cannot_open(path, error)) from error
    with con:
        try:
            yield con
        except duckdb.Error as error:
            raise WarehouseError(_cannot_answer(con, datadir, error)) from error


def _cannot_answer(con: duckdb.DuckDBPyConnection, datadir: DataDir, error: duckdb.Error) -> str:
    """One line for what goes wrong while a warehouse is read that could be opened."""
    if datadir.lakehouse is not None and not isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return f"the warehouse with {datadir.lakehouse.place} cannot be read: {first_line(error)}"
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return f"{datadir.warehouse} was made by another version: `broadsheet load` makes it anew"
    if isinstance(error, duckdb.PermissionException) and (folder := moved_from(con)):
        return moved_words(folder)
    return cannot_open(datadir.warehouse, error)


def live_file(datadir: DataDir) -> tuple[int, int, int] | None:
    """What tells the live file from the one that replaces it: inode, time in ns, bytes; None where there is none."""
    try:
        found = datadir.warehouse.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def is_moved(datadir: DataDir) -> bool:
    """Whether the live warehouse looks for its texts where the data dir was before it was moved or copied."""
    if datadir.lakehouse is not None or not datadir.warehouse.exists():
        return False
    with reading(datadir) as con:
        return moved_from(con) is not None


def has_warehouse(datadir: DataDir) -> bool:
    """Whether something was ever loaded. Raises WarehouseError where that cannot be asked."""
    if datadir.lakehouse is None:
        return datadir.warehouse.exists()
    try:
        open_live(datadir).close()
    except NotLoadedYet:
        return False
    return True


def open_live(datadir: DataDir) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the live warehouse. Raises duckdb.Error, and what `ducklake.open_pinned` raises."""
    if datadir.lakehouse is None:
        return open_read_only(datadir.warehouse)
    from warehouse.ducklake import open_pinned

    return open_pinned(datadir, datadir.lakehouse)


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """The connection itself. All readers of one process must open the file with the same settings, hence one place."""
    con = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(Path(tempfile.gettempdir()) / "broadsheet-sql"),
        },
    )
    try:
        shut_in(con, DataDir(path.parent))
        con.execute("SET TimeZone = 'UTC'")
    except duckdb.Error:
        con.close()
        raise
    return con


def cannot_open(path: Path, error: duckdb.Error) -> str:
    """One line that tells a damaged file from one that another program holds."""
    if is_locked(error):
        return f"another program has {path} open for writing: close it, or open it there with -readonly"
    if isinstance(error, duckdb.ConnectionException):
        return f"this process has {path} open with other settings: close that connection first"
    return f"{path} cannot be read ({first_line(error)}): {REBUILD_HINT}"


def first_line(error: Exception) -> str:
    """The first line of an error's message."""
    return str(error).strip().split("\n", 1)[0]


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error is what DuckDB raises while reading a damaged file. A full disk can look the same."""
    kinds = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
    return isinstance(error, kinds) or "Corrupt database file" in str(error)


def is_locked(error: duckdb.Error) -> bool:
    """Whether another program holds the file open for writing."""
    return "set lock on file" in str(error)
