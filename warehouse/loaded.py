"""What the live warehouse holds, as far as it decides what a load has to do: add to it, or build it anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from warehouse.datadir import DataDir
from warehouse.ddl import is_current_layout
from warehouse.errors import NotLoadedYet, WarehouseError
from warehouse.manifest import Manifest
from warehouse.reading import first_line, has_warehouse, is_locked, open_live
from warehouse.records import SourceRow
from warehouse.search_index import is_index_sound
from warehouse.text_store import TextStore
from warehouse.texts import are_named, text_store_of


@dataclass(frozen=True, slots=True)
class Unusable:
    """A warehouse that cannot be added to; reason None where there is none yet."""

    reason: str | None
    has_rows: bool
    """Whether readers can still use it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the live warehouse holds."""

    batches: dict[str, str]
    sources: tuple[SourceRow, ...]

    def lacks(self, sources: Sequence[SourceRow]) -> bool:
        """Whether one of the sources is not in it as it is configured now."""
        return any(source not in self.sources for source in sources)


def read_live(datadir: DataDir, text_store: TextStore | None) -> Loaded | Unusable:
    """What the live warehouse holds, or why a load into it with its texts in `text_store` builds it anew.

    Raises WarehouseError for a DuckLake that cannot be read.
    """
    if datadir.lakehouse is None and not has_warehouse(datadir):
        return Unusable(None, has_rows=False)
    try:
        with open_live(datadir) as con:
            reason = None if is_current_layout(con) else "the warehouse was made for other columns"
            reason = reason or moved_texts(con, text_store)
            return Unusable(reason, has_rows=True) if reason else read_loaded(con)
    except NotLoadedYet:
        return Unusable(None, has_rows=False)
    except duckdb.Error as error:
        if datadir.lakehouse is not None:
            raise WarehouseError(f"{datadir.lakehouse.place} cannot be read: {first_line(error)}") from error
        if isinstance(error, duckdb.ConnectionException) or is_locked(error):
            return Loaded({}, ())  # it is open elsewhere, which does not keep us from copying it
        return Unusable(f"the warehouse is damaged ({first_line(error)})", has_rows=False)


def moved_texts(con: duckdb.DuckDBPyConnection, text_store: TextStore | None) -> str | None:
    """Why texts that are to be kept elsewhere need a rebuild; None where they stay."""
    if text_store is None or text_store is text_store_of(con):
        return None
    return f"texts are kept in the {text_store} from now on"


def is_live_whole(datadir: DataDir, manifest: Manifest) -> bool:
    """Whether the live warehouse has its search index and names the files of its texts; true if it cannot be asked."""
    try:
        with open_live(datadir) as con:
            return are_named(con, datadir, manifest) and is_index_sound(con, datadir)
    except duckdb.Error:
        return True


def read_loaded(con: duckdb.DuckDBPyConnection) -> Loaded:
    """What an open warehouse holds."""
    batches = dict(con.execute("SELECT batch_id, digest FROM batches").fetchall())
    rows = con.execute("SELECT to_json(s) FROM sources AS s").fetchall()
    return Loaded(batches, tuple(SourceRow(**json.loads(row)) for (row,) in rows))
