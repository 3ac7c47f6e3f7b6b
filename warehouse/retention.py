"""Retention: which capture files may go because they are old or the disk is small, and taking them away.

Whole files go, the oldest first, and only those whose every capture is in the lake and loaded. Their rows stay, in the
lake and in the warehouse; what is lost is that they can be extracted anew. A rebuild keeps them as they were last read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.batch_names import whole_files
from warehouse.captures_stored import stored_captures
from warehouse.cdxj import index_of
from warehouse.datadir import DataDir, sync_folder
from warehouse.ddl import is_current_layout
from warehouse.errors import UserError, WarehouseError
from warehouse.lakeviews import create_lake_views
from warehouse.manifest import Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, build_next, writer_lock
from warehouse.reading import first_line, reading
from warehouse.records import RetiredFile
from warehouse.retired import add_notes, put_retired, retired_files
from warehouse.statements import statement

_log = logging.getLogger(__name__)

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long captures are kept; None is for ever, and without bound."""

    max_age: timedelta | None = None
    """A file goes when its newest capture is older."""
    max_bytes: int | None = None
    """The oldest files go until what is left is not more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFile:
    """One capture file as retention sees it."""

    warc_file: str
    """Path below captures/."""
    bytes: int
    """Its length, with the index beside it."""
    capture_count: int = 0
    oldest_at: datetime | None = None
    newest_at: datetime | None = None
    """None where the lake holds nothing of it yet."""
    is_loaded: bool = False
    """Whether every shard of it is in the lake and in the warehouse; no other file may go."""
    reason: str | None = None
    """Why it would go; None where it stays."""


def plan(datadir: DataDir, policy: Policy, *, now: datetime) -> tuple[CaptureFile, ...]:
    """Every closed capture file, the oldest first, with the reason where it would go; nothing is changed.

    Raises WarehouseError where nothing is loaded, LakeError where the lake cannot be read.
    """
    files = _files(datadir)
    gone = {
        f.warc_file: f"older than {policy.max_age.days} days"
        for f in files
        if policy.max_age is not None and f.is_loaded and f.newest_at and f.newest_at < now - policy.max_age
    }
    if policy.max_bytes is not None:
        left = sum(f.bytes for f in files if f.warc_file not in gone)
        for file in files:
            if left <= policy.max_bytes:
                break
            if file.is_loaded and file.warc_file not in gone:
                gone[file.warc_file] = f"beyond the budget of {policy.max_bytes / 1e9:g} GB"
                left -= file.bytes
    return tuple(replace(f, reason=gone.get(f.warc_file)) for f in files)


def retire(
    datadir: DataDir,
    files: Sequence[str],
    *,
    reason: str,
    run_id: str,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> tuple[RetiredFile, ...]:
    """Remove capture files for ever, and note it in `retired.jsonl` and in the table `retired`. Can be repeated.

    Raises UserError for a file that is not wholly loaded, or that cannot be removed.
    """
    with writer_lock(datadir, on_wait=on_wait):
        known = {file.warc_file: file for file in _files(datadir)}
        for name in files:
            if name not in known or not known[name].is_loaded:
                raise UserError(f"{name} is not wholly loaded, or not there: `broadsheet run` loads what is waiting")
        notes = tuple(
            RetiredFile(
                warc_file=name,
                retired_at=now,
                run_id=run_id,
                reason=reason,
                capture_count=known[name].capture_count,
                warc_bytes=known[name].bytes,
                newest_captured_at=known[name].newest_at or now,
            )
            for name in files
        )
        if notes:
            on_step("retire note")
            add_notes(datadir, notes)
            on_step("retire files")
            for name in files:
                _remove(datadir, datadir.captures / name)
        _publish(datadir, limits, on_step)
    return notes


def _files(datadir: DataDir) -> tuple[CaptureFile, ...]:
    manifest = Manifest.read(datadir)
    with reading(datadir) as con:
        loaded = whole_files(str(key) for (key,) in con.execute("SELECT batch_id FROM batches").fetchall())
    held = whole_files(manifest.batches)
    try:
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            create_lake_views(con, datadir, manifest.batches.values())
            read = {str(name): row for name, *row in con.execute(statement("lake_files")).fetchall()}
    except duckdb.Error as error:
        raise WarehouseError(f"the lake cannot be read: {first_line(error)}; `broadsheet verify` tells more") from error
    found = []
    sizes = datadir.store.sizes(datadir.captures)
    for name in stored_captures(datadir):
        (count, oldest, newest) = read.get(name, (0, None, None))
        found.append(
            CaptureFile(
                warc_file=name,
                bytes=sizes.get(name, 0) + sizes.get(index_of(Path(name)).as_posix(), 0),
                capture_count=int(count),
                oldest_at=oldest,
                newest_at=newest,
                is_loaded=name in loaded and name in held and newest is not None,
            )
        )
    return tuple(sorted(found, key=lambda f: (f.newest_at or _NEVER, f.warc_file)))


def _remove(datadir: DataDir, path: Path) -> None:
    try:
        datadir.store.remove([index_of(path), path])
        if path.parent.exists():
            sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"cannot remove {path}: {error.strerror or error}") from error


def _publish(datadir: DataDir, limits: Limits, on_step: Callable[[str], None]) -> None:
    """Say it in the warehouse too. One of another layout is left alone: the next load builds it anew and says it."""

    def change(con: duckdb.DuckDBPyConnection) -> None:
        put_retired(con, datadir)

    with reading(datadir) as con:
        if not is_current_layout(con):
            return
        said = {(name, at) for name, at in con.execute("SELECT warc_file, retired_at FROM retired").fetchall()}
    if said == {(note.warc_file, note.retired_at) for note in retired_files(datadir).values()}:
        return
    try:
        build_next(datadir, change, is_fresh=False, limits=limits, on_step=on_step)
    except duckdb.Error as error:
        raise WarehouseError(f"the files are gone, and the warehouse does not say so: {first_line(error)}") from error
