"""A copy of the data dir that is of one moment, made while runs go on; and putting it back.

Under the two locks of the writers everything that is immutable is hard-linked into a snapshot beside the data, which
takes no time; the rest is copied. From there it is copied to the backup with no lock held. The ledger is copied before
the captures: of a capture that the ledger does not know the next crawl learns from its WARC file, the other way round
it would be lost. A backup is a folder of its own; what an earlier one beside it holds is linked, not copied.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from warehouse.datadir import DataDir, sync_folder, write_atomically
from warehouse.errors import UserError
from warehouse.locks import locked
from warehouse.manifest import lake_lock
from warehouse.publish import writer_lock

LIST_NAME = "backup.json"
"""Written last: a folder with it is a whole backup."""

_SNAPSHOT = ".snapshot"
_LEFT_OUT = ("backfill/downloads", "demo", "ledger-place", "prefect", "side")
_DATABASES = ("ledger.sqlite", "prefect/prefect.db")
_NAME = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup."""

    path: str
    bytes: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: `copied_bytes` is what it cost, `bytes` what it holds."""

    folder: Path
    file_count: int
    bytes: int
    copied_bytes: int


def back_up(
    datadir: DataDir,
    target: Path,
    *,
    now: datetime,
    on_wait: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Backup:
    """Make a backup in a new folder below `target`, named after `now`. Raises UserError."""
    if datadir.lakehouse is not None:
        raise UserError("a backup holds no catalog of a DuckLake: pg_dump that, and copy the data dir beside it")
    folder = target.absolute() / now.astimezone(UTC).strftime(_NAME)
    if folder.is_relative_to(datadir.root):
        raise UserError(f"{target} lies in the data dir itself: name a folder elsewhere, best on another disk")
    if folder.exists():
        raise UserError(f"{folder} is there already")
    partial = folder.with_name(folder.name + ".partial")
    try:
        earlier = _latest(target)
        partial.mkdir(parents=True)
        with _snapshot(datadir, on_wait) as snapshot:
            kept, copied = _copy_all(snapshot, partial, earlier, on_progress)
        listing = {"made_at": now.isoformat(), "files": [asdict(one) for one in kept]}
        write_atomically(partial / LIST_NAME, json.dumps(listing, indent=0).encode())
        partial.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise UserError(f"the backup was not made: {error.strerror or error}: {error.filename or target}") from error
    return Backup(folder, len(kept), sum(one.bytes for one in kept), copied)


def restore(folder: Path, root: Path, *, on_progress: Callable[[int, int], None] = lambda _done, _of: None) -> Backup:
    """Copy a backup to the place of a data dir, which must be empty or not there; every file is checked on the way.

    Raises UserError: no whole backup, a file that is not what was backed up, or a place that holds something.
    """
    kept = _read(folder)
    if root.exists() and any(root.iterdir()):
        raise UserError(f"{root} holds something: move it away first, or restore to another --data-dir")
    try:
        for number, one in enumerate(kept, start=1):
            place = root / one.path
            place.parent.mkdir(parents=True, exist_ok=True)
            if _copy(folder / one.path, place) != one.sha256:
                raise UserError(f"{folder / one.path} is not what was backed up: its checksum differs")
            on_progress(number, len(kept))
    except OSError as error:
        raise UserError(f"the backup was not restored: {error.strerror or error}: {error.filename}") from error
    DataDir.open(root, create=True)
    size = sum(one.bytes for one in kept)
    return Backup(folder, len(kept), size, size)


def prune(target: Path, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest `keep` backups below `target`; what they share with newer ones stays."""
    going = _backups(target)[: -keep or None]
    for folder in going:
        shutil.rmtree(folder)
    return tuple(going)


@contextmanager
def _snapshot(datadir: DataDir, on_wait: Callable[[str], None]) -> Iterator[Path]:
    """A folder beside the data that holds it as of one moment, and is removed afterwards, or by the next one."""
    snapshot = datadir.root / _SNAPSHOT
    shutil.rmtree(snapshot, ignore_errors=True)
    snapshot.mkdir()
    try:
        with writer_lock(datadir, on_wait=on_wait), locked(lake_lock(datadir), purpose="back up", on_wait=on_wait):
            for name in _DATABASES:
                _copy_database(datadir.root / name, snapshot / name)
            _link_all(datadir, snapshot)
        yield snapshot
    finally:
        shutil.rmtree(snapshot, ignore_errors=True)


def _link_all(datadir: DataDir, snapshot: Path) -> None:
    bucket = datadir.bucket
    for path in sorted(datadir.root.rglob("*")):
        place = path.relative_to(datadir.root)
        if bucket is not None and (place.parts[0] in (".stored", "lake") or bucket.is_copy(path)):
            continue  # what is in the bucket is not ours to copy, and a copy of before could come back
        if _is_left_out(place.as_posix()) or not path.is_file() or path.is_symlink():
            continue
        target = snapshot / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if _is_growing(path):
                shutil.copy2(path, target)
            else:
                target.hardlink_to(path)
        except FileNotFoundError:
            continue  # a crawl has closed it meanwhile, under another name


def _is_left_out(place: str) -> bool:
    name = place.rpartition("/")[2]
    if place.startswith(f"{_SNAPSHOT}/") or any(place == part or place.startswith(f"{part}/") for part in _LEFT_OUT):
        return True
    return place.startswith("ledger.sqlite") or ".next" in name or name.endswith((".lock", ".tmp")) or name == ".lock"


def _is_growing(path: Path) -> bool:
    return path.name.endswith((".open", ".jsonl", ".log"))


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own way: whole, whoever writes meanwhile."""
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(source, timeout=60)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise UserError(f"{source} cannot be copied: {error}") from error


def _copy_all(
    snapshot: Path, target: Path, earlier: Path | None, on_progress: Callable[[int, int], None]
) -> tuple[list[Kept], int]:
    known = {one.path: one for one in _read(earlier)} if earlier else {}
    paths = sorted(path for path in snapshot.rglob("*") if path.is_file())
    kept: list[Kept] = []
    copied = 0
    for number, path in enumerate(paths, start=1):
        place, status = path.relative_to(snapshot).as_posix(), path.stat()
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        before = known.get(place)
        if earlier and before and (before.bytes, before.modified_ns) == (status.st_size, status.st_mtime_ns):
            (target / place).hardlink_to(earlier / place)
            digest = before.sha256
        else:
            digest = _copy(path, target / place)
            copied += status.st_size
        kept.append(Kept(place, status.st_size, status.st_mtime_ns, digest))
        on_progress(number, len(paths))
    return kept, copied


def _copy(source: Path, target: Path) -> str:
    """Copy a file with its time, synced; returns the sha256 of what was written."""
    shutil.copy2(source, target)
    with target.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _backups(target: Path) -> list[Path]:
    return sorted(path.parent for path in target.glob(f"*/{LIST_NAME}")) if target.is_dir() else []


def _latest(target: Path) -> Path | None:
    found = _backups(target)
    return found[-1] if found else None


def _read(folder: Path) -> list[Kept]:
    try:
        listing = json.loads((folder / LIST_NAME).read_text(encoding="utf-8"))
        return [Kept(**fields) for fields in listing["files"]]
    except OSError as error:
        hint = f": the newest is {newest}" if (newest := _latest(folder)) else ""
        raise UserError(f"{folder} is no whole backup, it has no {LIST_NAME}{hint}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder / LIST_NAME} cannot be read: {error}") from error
