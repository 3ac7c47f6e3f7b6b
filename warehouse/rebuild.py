"""Building the warehouse anew from the whole lake, in one publication.

It runs the steps of a load over all batches at once, so it gives the rows that loading them one by one gives. Only what
the lake does not hold, the list of loads and the sources, is carried over from the old file, where that can be read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from transforms.columns import columns_of
from warehouse.apply import Applied, LoadRequest, apply_batches
from warehouse.conflicts import again_on_conflict
from warehouse.datadir import DataDir
from warehouse.errors import LakeError, WarehouseError
from warehouse.lake import vacuum
from warehouse.lakeviews import fetch_files, unreadable, unsound
from warehouse.manifest import Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, build_next, writer_lock
from warehouse.reading import first_line, has_warehouse, open_live
from warehouse.records import Load, SourceRow, TextFile
from warehouse.text_store import TextStore
from warehouse.texts import refuse_texts_in_bucket, set_text_store, text_store_of

_log = logging.getLogger(__name__)

_CARRIED: dict[str, type] = {"loads": Load, "sources": SourceRow, "text_files": TextFile}
_LOST = {
    "loads": "the list of earlier loads is lost with the damaged warehouse",
    "sources": "the list of sources is lost with the damaged warehouse, the next run puts it back",
}
"""What is said of a table that cannot be carried over; the list of text files is made anew at once."""


def rebuild(
    datadir: DataDir,
    *,
    run_id: str,
    now: datetime,
    text_store: TextStore | None = None,
    health_period: timedelta | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> Applied:
    """Build the warehouse anew from every batch in the lake and publish it.

    Batches that were made anew are taken over with what they now hold. Texts stay where they are kept, or go where
    `text_store` says. Raises LakeError where a file of the lake cannot be read: a warehouse without it would lack rows
    that the present one has.
    """
    request = LoadRequest(run_id=run_id, now=now, is_rebuild=True, text_store=text_store, health_period=health_period)
    refuse_texts_in_bucket(datadir, text_store)
    with writer_lock(datadir, on_wait=on_wait):
        on_step("vacuum")
        vacuum(datadir)
        return again_on_conflict(
            lambda: build_anew(datadir, Manifest.read(datadir), request, limits=limits, on_step=on_step)
        )


def build_anew(
    datadir: DataDir,
    manifest: Manifest,
    request: LoadRequest,
    *,
    limits: Limits = DEFAULT_LIMITS,
    on_step: Callable[[str], None] = lambda _: None,
) -> Applied:
    """What `rebuild` does once it has the lock."""
    fetch_files(datadir, manifest.entries)
    problems = [p for p in (unreadable(datadir, batch) for batch in manifest.batches.values()) if p]
    if problems:
        more = f" (and {len(problems) - 1} more such batches)" if len(problems) > 1 else ""
        raise LakeError(f"{problems[0]}: extract its captures again{more}")
    carried, lost = _carried(datadir)
    store = request.text_store or _text_store(datadir)

    def change(con: duckdb.DuckDBPyConnection) -> Applied:
        set_text_store(con, store)
        for table, rows in carried.items():
            con.register("old_rows", rows)
            con.execute(f"INSERT INTO {table} BY NAME FROM old_rows")
            con.unregister("old_rows")
        # the files stay for those who read the old catalog
        con.execute("UPDATE text_files SET replaced_at = coalesce(replaced_at, ?)", [request.now])
        fresh = replace(request, is_fresh=True)
        return apply_batches(con, datadir, manifest, list(manifest.batches), fresh, on_step=on_step)

    try:
        applied = build_next(datadir, change, is_fresh=True, limits=limits, on_step=on_step)
        return replace(applied, warnings=(*lost, *applied.warnings))
    except duckdb.Error as error:
        if found := next(filter(None, (unsound(datadir, batch) for batch in manifest.batches.values())), None):
            raise WarehouseError(f"{found}; nothing was published") from error
        raise WarehouseError(f"the rebuild failed, nothing was published: {first_line(error)}") from error


def _text_store(datadir: DataDir) -> TextStore:
    """Where the old warehouse has its texts; in the warehouse where there is none, or it cannot be read."""
    if has_warehouse(datadir):
        try:
            with open_live(datadir) as con:
                return text_store_of(con)
        except duckdb.Error:
            pass
    return TextStore.WAREHOUSE


def _carried(datadir: DataDir) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    """The rows of the old warehouse that the lake cannot give, and one line for each table of them that is lost."""
    rows: dict[str, pa.Table] = {}
    lost: list[str] = []
    if not has_warehouse(datadir):
        return rows, ()
    for table, record in _CARRIED.items():
        try:
            with open_live(datadir) as con:
                found = con.sql(f"FROM {table}").to_arrow_table()
                # a column that is new since is null in the rows of before
                rows[table] = found.select([c.name for c in columns_of(record) if c.name in found.schema.names])
        except duckdb.CatalogException:
            continue  # a warehouse of an earlier layout
        except (duckdb.Error, KeyError) as error:
            if table in _LOST:
                lost.append(f"{_LOST[table]} ({first_line(error)})")
    return rows, tuple(lost)
