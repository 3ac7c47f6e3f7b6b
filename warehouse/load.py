"""Loading: bring the lake's new batches into the warehouse and publish them in one piece.

A batch is loaded once: the warehouse remembers which batches, and with which content, it holds. A load that was killed
left nothing behind, so the next one does its work; two loads at once take turns, and the second finds nothing to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from warehouse.apply import Applied, LoadRequest, NeedsRebuild, Tally, apply_batches
from warehouse.datadir import DataDir
from warehouse.ddl import is_current_layout
from warehouse.errors import WarehouseError
from warehouse.lake import vacuum
from warehouse.lakeviews import unreadable
from warehouse.manifest import Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, build_next, writer_lock
from warehouse.reading import first_line, is_damage, open_read_only
from warehouse.rebuild import build_anew
from warehouse.records import SourceRow

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
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> LoadReport:
    """Load every batch of the lake that is not in the warehouse yet, and publish. Idempotent.

    A warehouse that is missing, damaged or of another layout is built anew from the whole lake. Raises LakeError and
    WarehouseError; whatever is raised, readers keep the warehouse that they had.
    """
    request = LoadRequest(run_id=run_id, now=now, sources=sources)
    with writer_lock(datadir, on_wait=on_wait):
        on_step("vacuum")
        vacuum(datadir)
        manifest = Manifest.read(datadir)
        if not datadir.warehouse.exists():
            return report_of(build_anew(datadir, manifest, request, limits=limits, on_step=on_step))
        anew = replace(request, is_rebuild=True)
        loaded = _loaded(datadir)
        if isinstance(loaded, str):
            return report_of(build_anew(datadir, manifest, anew, limits=limits, on_step=on_step), rebuilt=loaded)
        batch_ids, replaced, problems = _sort_out(datadir, manifest, loaded.batches)
        if not batch_ids and not loaded.lacks(sources):
            return LoadReport(load_id=None, replaced=replaced, problems=problems)

        def change(con: duckdb.DuckDBPyConnection) -> Applied:
            # what the copy holds is decisive: an open reader in this process may have shown us an older file
            held = {key for (key,) in con.execute("SELECT batch_id FROM batches").fetchall()}
            return apply_batches(con, datadir, manifest, [b for b in batch_ids if b not in held], request)

        rebuilt = None
        try:
            applied = build_next(datadir, change, is_fresh=False, limits=limits, on_step=on_step)
        except NeedsRebuild as reason:
            rebuilt = str(reason)
        except duckdb.Error as error:
            if not is_damage(error):
                raise WarehouseError(f"the load failed, nothing was published: {first_line(error)}") from error
            rebuilt = f"{datadir.warehouse} is damaged ({first_line(error)})"
        if rebuilt:
            applied = build_anew(datadir, manifest, anew, limits=limits, on_step=on_step)
            replaced = ()
        return report_of(applied, rebuilt=rebuilt, replaced=replaced, problems=problems)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What the live warehouse holds."""

    batches: dict[str, str]
    sources: tuple[SourceRow, ...]

    def lacks(self, sources: Sequence[SourceRow]) -> bool:
        """Whether one of the sources is not in it as it is configured now."""
        return any(source not in self.sources for source in sources)


def _loaded(datadir: DataDir) -> _Loaded | str:
    """What is loaded, or why the warehouse must be built anew."""
    try:
        with open_read_only(datadir.warehouse) as con:
            if not is_current_layout(con):
                return "the warehouse was made for other columns"
            batches = dict(con.execute("SELECT batch_id, digest FROM batches").fetchall())
            cursor = con.execute("SELECT COLUMNS(*) FROM sources")
            names = [str(column[0]) for column in cursor.description or ()]
            sources = tuple(SourceRow(**dict(zip(names, row, strict=True))) for row in cursor.fetchall())
            return _Loaded(batches, sources)
    except duckdb.ConnectionException:
        return _Loaded({}, ())
    except duckdb.Error as error:
        return _Loaded({}, ()) if "lock" in str(error) else f"the warehouse is damaged ({first_line(error)})"


def _sort_out(
    datadir: DataDir, manifest: Manifest, loaded: dict[str, str]
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The batches to load, those that were replaced since they were loaded, and what cannot be read."""
    new, replaced, problems = [], [], []
    for key, batch in manifest.batches.items():
        if key in loaded:
            if loaded[key] != batch.digest:
                replaced.append(key)
        elif problem := unreadable(datadir, batch):
            problems.append(problem)
        else:
            new.append(key)
    return new, tuple(replaced), tuple(problems)


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
