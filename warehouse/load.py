"""Loading: bring the lake's new batches into the warehouse and publish them in one piece.

A batch is loaded once: the warehouse remembers which batches, and with which content, it holds. A load that was killed
left nothing behind, so the next one does its work; two loads at once take turns, and the second finds nothing to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb

from warehouse.apply import Applied, LoadRequest, NeedsRebuild, apply_batches
from warehouse.conflicts import again_on_conflict
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.lake import vacuum
from warehouse.lakeviews import fetch_files, unreadable, unsound
from warehouse.loaded import Loaded, Unusable, is_live_whole, moved_texts, read_live, read_loaded
from warehouse.manifest import Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, build_next, writer_lock
from warehouse.reading import first_line, has_warehouse, is_damage, open_live
from warehouse.rebuild import build_anew
from warehouse.records import SourceRow
from warehouse.search_index import adopt_index, is_index_sound
from warehouse.tallies import Tally
from warehouse.text_store import TextStore
from warehouse.texts import are_named, refuse_texts_in_bucket

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did. The tallies are of this load's captures and fetches, by source and outcome."""

    load_id: str | None
    """None where nothing was published."""
    batches: int = 0
    captures: tuple[Tally, ...] = ()
    fetches: tuple[Tally, ...] = ()
    comments: int = 0
    """Readers' comments seen for the first time."""
    rebuilt: str | None = None
    """Why the whole warehouse was built anew, where it was."""
    replaced: tuple[str, ...] = ()
    """Batches that were made anew in the lake since they were loaded: `rebuild` takes them over."""
    problems: tuple[str, ...] = ()
    """Batches that could not be read, one line each; the others were loaded."""
    warnings: tuple[str, ...] = ()
    """Sources whose captures look unlike all before, one line each."""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to load."""
        return self.load_id is None

    @property
    def counts(self) -> dict[str, int]:
        """Captures of this load by outcome."""
        counts: dict[str, int] = {}
        for tally in self.captures:
            counts[tally.outcome] = counts.get(tally.outcome, 0) + tally.count
        return counts


def load(
    datadir: DataDir,
    *,
    run_id: str,
    now: datetime,
    sources: Sequence[SourceRow] = (),
    text_store: TextStore | None = None,
    health_period: timedelta | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> LoadReport:
    """Load every batch of the lake that is not in the warehouse yet, and publish. Idempotent.

    A warehouse that is missing, damaged, of another layout or with its texts elsewhere than `text_store` says is built
    anew from the whole lake; None leaves the texts where they are. Batches that cannot be read are left for a later
    load, unless that would cost rows that readers have. Raises LakeError and WarehouseError; whatever is raised,
    readers keep the warehouse that they had.
    """
    request = LoadRequest(run_id=run_id, now=now, sources=sources, text_store=text_store, health_period=health_period)
    refuse_texts_in_bucket(datadir, text_store)
    with writer_lock(datadir, on_wait=on_wait):
        return again_on_conflict(lambda: _load(datadir, request, limits=limits, on_step=on_step))


def _load(datadir: DataDir, request: LoadRequest, *, limits: Limits, on_step: Callable[[str], None]) -> LoadReport:
    on_step("vacuum")
    with _kept_open(datadir):
        vacuum(datadir)
        manifest = Manifest.read(datadir)
        loaded = read_live(datadir, request.text_store)
    if isinstance(loaded, Unusable):
        return _build(datadir, manifest, request, loaded, limits=limits, on_step=on_step)
    return _add(datadir, manifest, request, loaded, limits=limits, on_step=on_step)


@contextmanager
def _kept_open(datadir: DataDir) -> Iterator[None]:
    """Keep the live file open, so that who opens it meanwhile need not read its catalog again: 25 ms and more each."""
    with ExitStack() as stack:
        if datadir.lakehouse is None and has_warehouse(datadir):
            with suppress(duckdb.Error):  # whoever needs it says what is wrong
                stack.enter_context(open_live(datadir))
        yield


def _add(
    datadir: DataDir,
    manifest: Manifest,
    request: LoadRequest,
    loaded: Loaded,
    *,
    limits: Limits,
    on_step: Callable[[str], None],
) -> LoadReport:
    """Add what is new to a copy of the live warehouse."""
    batch_ids, replaced, problems = _sort_out(datadir, manifest, loaded.batches)
    nothing = LoadReport(load_id=None, replaced=replaced, problems=problems)
    if not batch_ids and not loaded.lacks(request.sources) and is_live_whole(datadir, manifest):
        return nothing

    def change(con: duckdb.DuckDBPyConnection) -> Applied:
        # what the copy holds is decisive: an open reader in this process may have shown us an older file
        if moved := moved_texts(con, request.text_store):
            raise NeedsRebuild(moved)
        held = read_loaded(con)
        wanted = [key for key in batch_ids if key not in held.batches]
        if not wanted and datadir.lakehouse is not None:
            adopt_index(con, datadir)
        is_whole = are_named(con, datadir, manifest) and is_index_sound(con, datadir)
        if not wanted and not held.lacks(request.sources) and is_whole:
            raise _NothingToLoad
        return apply_batches(con, datadir, manifest, wanted, request, on_step=on_step)

    try:
        applied = build_next(datadir, change, is_fresh=False, limits=limits, on_step=on_step)
    except _NothingToLoad:
        return nothing
    except NeedsRebuild as needed:
        unusable = Unusable(str(needed), has_rows=True)
        return _build(datadir, manifest, request, unusable, limits=limits, on_step=on_step)
    except duckdb.Error as error:
        if found := _unsound(datadir, manifest, batch_ids):
            sound = _add(datadir, manifest.without(found), request, loaded, limits=limits, on_step=on_step)
            return replace(sound, problems=(*sound.problems, *found.values()))
        # what a server does not give may be there all the same: only whoever asks for it rebuilds a DuckLake
        if not is_damage(error) or datadir.lakehouse is not None:
            raise WarehouseError(f"the load failed, nothing was published: {first_line(error)}") from error
        unusable = Unusable(f"the warehouse is damaged ({first_line(error)})", has_rows=False)
        return _build(datadir, manifest, request, unusable, limits=limits, on_step=on_step)
    return report_of(applied, replaced=replaced, problems=problems)


def _build(
    datadir: DataDir,
    manifest: Manifest,
    request: LoadRequest,
    unusable: Unusable,
    *,
    limits: Limits,
    on_step: Callable[[str], None],
) -> LoadReport:
    """Build anew; from the batches that can be read, if there are no readers whose rows the others hold."""
    if datadir.lakehouse is not None and unusable.has_rows:
        _require_one_lake(datadir, manifest, unusable)
    looked_at = {} if unusable.has_rows else {k: unreadable(datadir, b) for k, b in manifest.batches.items()}
    problems = {key: problem for key, problem in looked_at.items() if problem}
    request = replace(request, is_rebuild=unusable.reason is not None)
    manifest = manifest.without(problems)
    try:
        applied = build_anew(datadir, manifest, request, limits=limits, on_step=on_step)
    except WarehouseError:
        found = _unsound(datadir, manifest, manifest.batches)
        if unusable.has_rows or not found:
            raise
        problems |= found
        applied = build_anew(datadir, manifest.without(found), request, limits=limits, on_step=on_step)
    return report_of(applied, rebuilt=unusable.reason, problems=tuple(problems.values()))


def _require_one_lake(datadir: DataDir, manifest: Manifest, unusable: Unusable) -> None:
    """Raise WarehouseError where a rebuild would lose what another writer loaded from a lake of its own."""
    try:
        with open_live(datadir) as con:
            held = [key for (key,) in con.execute("SELECT batch_id FROM batches ORDER BY 1").fetchall()]
    except duckdb.Error as error:
        raise WarehouseError(f"the warehouse cannot be read, nothing was changed: {first_line(error)}") from error
    if gone := [key for key in held if key not in manifest.batches]:
        raise WarehouseError(
            f"{unusable.reason}, and batch {gone[0]} is not in this lake: all who load into a DuckLake share one lake"
        )


class _NothingToLoad(Exception):  # noqa: N818 - a way out, not an error
    """The copy holds everything already."""


def _sort_out(
    datadir: DataDir, manifest: Manifest, loaded: dict[str, str]
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The batches to load, those that were replaced since they were loaded, and what cannot be read."""
    new, replaced, problems = [], [], []
    fetch_files(datadir, (e for key, batch in manifest.batches.items() if key not in loaded for e in batch.entries))
    for key, batch in manifest.batches.items():
        if key in loaded:
            if loaded[key] != batch.digest:
                replaced.append(key)
        elif problem := unreadable(datadir, batch):
            problems.append(problem)
        else:
            new.append(key)
    return new, tuple(replaced), tuple(problems)


def _unsound(datadir: DataDir, manifest: Manifest, batch_ids: Iterable[str]) -> dict[str, str]:
    """Which of some batches are the cause where DuckDB could not read them all, each with what is wrong."""
    found = {key: unsound(datadir, manifest.batches[key]) for key in batch_ids}
    return {key: problem for key, problem in found.items() if problem}


def report_of(
    applied: Applied,
    *,
    rebuilt: str | None = None,
    replaced: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
) -> LoadReport:
    """What `load` or `rebuild` applied, as a report."""
    return LoadReport(
        load_id=applied.load.load_id,
        batches=applied.load.batch_count,
        captures=applied.captures,
        fetches=applied.fetches,
        comments=applied.load.comment_count,
        rebuilt=rebuilt,
        replaced=replaced,
        problems=problems,
        warnings=applied.warnings,
    )
