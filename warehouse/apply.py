"""What a load does to the next warehouse, step by step, on an open connection.

The steps are SQL files; this module says in which order they run and what passes between them. The same steps serve a
load of a few batches and a rebuild from all of them, so the two cannot come to different rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import duckdb
import pyarrow as pa

from transforms.columns import to_table
from transforms.outcome import Outcome
from warehouse.changes import update_changes
from warehouse.checks import check
from warehouse.contracts import implausible, quarantine_violations
from warehouse.counting import count_rows, number_of
from warehouse.datadir import DataDir
from warehouse.ddl import refresh_views
from warehouse.health import update_health
from warehouse.identity import Sighting, canonical_key, merge
from warehouse.lakeviews import create_lake_views
from warehouse.manifest import Batch, Manifest
from warehouse.marts import remember_days, update_marts
from warehouse.present import find_touched_versions, last_row_of_versions
from warehouse.records import Load, LoadedBatch, SourceRow
from warehouse.retired import put_retired
from warehouse.search_index import update_index
from warehouse.statements import statement
from warehouse.stories import update_stories
from warehouse.tallies import Tally
from warehouse.text_store import TextStore
from warehouse.texts import name_files, versions_with_text


class NeedsRebuild(Exception):  # noqa: N818 - a way on, not an error
    """What the lake now holds cannot be reached from what is loaded; why is said in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """Who asks for a load, when, and with which sources configured."""

    run_id: str
    now: datetime
    sources: Sequence[SourceRow] = ()
    is_rebuild: bool = False
    is_fresh: bool = False
    """Whether the tables are empty before: all batches come at once, and every article is touched."""
    text_store: TextStore | None = None
    """Where texts shall be kept; None for where they are."""
    health_period: timedelta | None = None
    """The period that sources are judged by; None for what it was, at first a day."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a load came to."""

    load: Load
    captures: tuple[Tally, ...]
    fetches: tuple[Tally, ...]
    warnings: tuple[str, ...]
    """Sources that look unlike before."""


_FEW_ROWS = 20_000
"""Captures, loaded and new, up to which one thread takes no longer than two, and a tenth less CPU and memory."""
_CAPTURED = (
    "(SELECT s.source, coalesce(o.outcome, s.outcome) AS outcome "
    "FROM staged_captures AS s LEFT JOIN outcomes AS o USING (capture_id))"
)
"""The captures that came in, as they are now."""


def apply_batches(
    con: duckdb.DuckDBPyConnection,
    datadir: DataDir,
    manifest: Manifest,
    batch_ids: Sequence[str],
    request: LoadRequest,
    *,
    on_step: Callable[[str], None] = lambda _: None,
) -> Applied:
    """Bring batches into the warehouse that `con` has open for writing, and check it.

    `on_step` is told the name of each step as it begins. Raises NeedsRebuild where that is not possible by adding,
    WarehouseError where a check fails.
    """
    batches = [manifest.batches[key] for key in batch_ids]
    on_step("stage")
    _spare_threads(con, batches)
    refresh_views(con, versions_with_text(con))
    create_lake_views(con, datadir, batches)
    quarantine_violations(con)
    con.execute(statement("stage"))
    if number_of(con, statement("contradictions")):
        raise NeedsRebuild("captures that are loaded were read differently in another batch")
    remember_days(con)
    _find_canonical_keys(con)
    con.execute(statement("observe"))
    _decide_articles(con)
    con.execute(statement("touch"))
    con.execute(statement("former"))
    on_step("versions")
    con.execute(statement("spans"))
    comments, fetches = count_rows(con, "comments"), count_rows(con, "fetches")
    con.execute(statement("comments"))
    con.execute(statement("fetches"))
    captured = _tally(con, _CAPTURED)
    fetched = _tally(con, "lake_fetches")
    last_row = last_row_of_versions(con)
    _fetch_content(con, datadir, manifest, batch_ids)
    find_touched_versions(con, last_row)
    _put_sources(con, request.sources)
    put_retired(con, datadir)
    comments = count_rows(con, "comments") - comments
    fetches = count_rows(con, "fetches") - fetches
    load = _load_row(request, batches, captured, comments=comments, fetches=fetches)
    loaded = (
        LoadedBatch(batch_id=b.batch_id, digest=b.digest, extractor=b.extractor, load_id=load.load_id) for b in batches
    )
    insert_rows(con, "batches", LoadedBatch, loaded)
    name_files(con, datadir, manifest, now=request.now)
    refresh_views(con, versions_with_text(con))
    # derived from article_versions, for the articles in `touched` alone, each in a step of its own that is announced:
    # changes, stories, links and marts
    on_step("changes")
    update_changes(con, datadir)
    on_step("stories")
    update_stories(con)
    on_step("marts")
    update_marts(con)
    index = update_index(con, datadir, load.load_id, is_fresh=request.is_fresh, on_step=on_step)
    load = replace(load, search_index=index)
    insert_rows(con, "loads", Load, [load])
    # derived from the whole load
    on_step("health")
    update_health(con, now=request.now, period=request.health_period, load_id=load.load_id)
    on_step("checks")
    check(con, of_load=True)
    return Applied(load, captured, fetched, implausible(con))


def _spare_threads(con: duckdb.DuckDBPyConnection, batches: Sequence[Batch]) -> None:
    """Have a small warehouse made by one thread: to divide its little work costs more than the work."""
    new = sum(entry.rows for batch in batches for entry in batch.entries if entry.table in ("captures", "fetches"))
    if new + count_rows(con, "captures") <= _FEW_ROWS:
        con.execute("SET threads = 1")


def _find_canonical_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Which declared canonical URLs may count is decided in Python, where URLs are understood."""
    pairs = con.execute(
        "SELECT DISTINCT final_url, declared_canonical_url FROM staged_observations "
        "WHERE declared_canonical_url IS NOT NULL AND declared_canonical_url <> final_url"
    ).fetchall()
    keys = [(final, declared, canonical_key(final, declared)) for final, declared in pairs]
    _temp_table(con, "canonical_keys", keys, ("final_url", "declared_canonical_url", "canonical_key"))


def _decide_articles(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(statement("sightings"))
    is_any = count_rows(con, "reached_pages") > 0
    rows = con.execute(statement("sightings_of_pages")).fetchall() if is_any else []
    _temp_table(con, "article_keys", list(merge(Sighting(*row) for row in rows).items()), ("page_key", "article_id"))


def _fetch_content(
    con: duckdb.DuckDBPyConnection, datadir: DataDir, manifest: Manifest, batch_ids: Sequence[str]
) -> None:
    """Insert the versions that are not there yet; some may come from batches that were loaded long ago.

    The views on the lake are those on `batch_ids` before, and on all batches that are needed afterwards.
    """
    needed = [key for (key,) in con.execute("SELECT DISTINCT batch_id FROM missing ORDER BY 1").fetchall()]
    if gone := [key for key in needed if key not in manifest.batches]:
        raise NeedsRebuild(f"batch {gone[0]} is no longer in the lake")
    if not set(needed) <= set(batch_ids):
        create_lake_views(con, datadir, (manifest.batches[key] for key in needed))
    if number_of(con, statement("content")) < count_rows(con, "missing"):
        raise NeedsRebuild("a batch was made anew since it was loaded")
    con.execute(statement("evidence"))


def _put_sources(con: duckdb.DuckDBPyConnection, sources: Sequence[SourceRow]) -> None:
    if not sources:
        return
    con.execute("DELETE FROM sources WHERE source IN (SELECT unnest(?))", [[source.source for source in sources]])
    insert_rows(con, "sources", SourceRow, sources)


def _tally(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[Tally, ...]:
    rows = con.execute(f"SELECT source, outcome, count(*) FROM {relation} GROUP BY ALL ORDER BY ALL").fetchall()
    return tuple(Tally(*row) for row in rows)


def _load_row(
    request: LoadRequest, batches: Sequence[Batch], captures: Sequence[Tally], *, comments: int, fetches: int
) -> Load:
    counts = Counter[str]()
    for tally in captures:
        counts[tally.outcome] += tally.count
    articles = {o: counts.pop(o, 0) for o in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)}
    revisits = counts.pop(Outcome.REVISIT, 0)
    subject = "\n".join((request.run_id, *(f"{b.batch_id} {b.digest}" for b in batches)))
    return Load(
        load_id=f"{request.now:%Y%m%dT%H%M%S%f}-{blake2b(subject.encode(), digest_size=4).hexdigest()}",
        run_id=request.run_id,
        loaded_at=request.now,
        is_rebuild=request.is_rebuild,
        batch_count=len(batches),
        new_count=articles[Outcome.NEW],
        changed_count=articles[Outcome.CHANGED],
        unchanged_count=articles[Outcome.UNCHANGED],
        revisit_count=revisits,
        rejected_count=counts.total(),
        comment_count=comments,
        fetch_count=fetches,
        extractor=", ".join(sorted({b.extractor for b in batches if b.extractor})) or None,
    )


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, record: type, rows: Iterable[Any]) -> None:
    """Append records to a table of the warehouse."""
    con.register("new_rows", to_table(record, rows))
    con.execute(f"INSERT INTO {table} BY NAME FROM new_rows")
    con.unregister("new_rows")


def _temp_table(
    con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[str | None, ...]], columns: Sequence[str]
) -> None:
    """A temporary table of text columns."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    con.register("new_rows", pa.table({c: pa.array(v, pa.string()) for c, v in zip(columns, values, strict=True)}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM new_rows")
    con.unregister("new_rows")
