"""The lake's manifest: the one list of the Parquet files that exist, replaced atomically.

A folder listing is no snapshot: it shows files of half-written batches and of batches that were replaced. So a file
that the manifest does not name does not exist for anybody, and replacing the manifest is the commit of a batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from warehouse.datadir import DataDir, write_atomically
from warehouse.errors import LakeError
from warehouse.manifest_log import Change, append_to_log, begin_log, read_log

FORMAT_VERSION = 2
"""What is written. Version 1, before compaction, had no shared files; it is read as it is."""


FOLD_BYTES = 1_000_000
"""A log of this length, some five hundred batches, is folded into the manifest."""

_LOG_NAME = re.compile(rb'\{"version": \d+, "log": "(manifest-[0-9a-f]+\.log)"')


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """The rows of one batch, table and month: a Parquet file of their own, or a part of one that batches share."""

    batch_id: str
    table: str
    path: str
    """Below lake/, with forward slashes."""
    rows: int
    bytes: int
    """Length of the file at `path`."""
    sha256: str
    """Hash of the file that the batch was written as: what these rows are, wherever they lie now."""
    extractor: str | None
    file_sha256: str | None = None
    """Hash of the shared file at `path`, where a compaction moved the rows there; its rows name their batch."""

    @property
    def checksum(self) -> str:
        """Hash of the file at `path` as it lies on the disk."""
        return self.file_sha256 or self.sha256


@dataclass(frozen=True, slots=True)
class Batch:
    """The files that one run over one input made."""

    batch_id: str
    extractor: str | None
    entries: tuple[Entry, ...]

    @property
    def digest(self) -> str:
        """Another digest means that the batch was made anew with another result."""
        return sha256("\n".join(sorted(f"{e.table} {e.sha256}" for e in self.entries)).encode()).hexdigest()[:32]

    def rows(self, table: str) -> int:
        """Rows of one table in this batch."""
        return sum(e.rows for e in self.entries if e.table == table)


@dataclass(frozen=True)
class Manifest:
    """A snapshot of the lake: every file in it, in order of batch, table and path."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls, datadir: DataDir) -> Manifest:
        """The manifest as it is now; an empty one where nothing was written yet.

        Raises LakeError for one that is damaged, of a later version, or lost while there are files.
        """
        if (bucket := datadir.bucket) is not None:
            from warehouse.manifest_objects import read_state

            return cls(read_state(bucket).entries)
        path = manifest_path(datadir)
        try:
            while True:
                before = path.stat()
                found, log_name, entries = _parsed(path, before.st_ino, before.st_mtime_ns, before.st_size)
                if found not in (1, FORMAT_VERSION):
                    break
                log = path.parent / log_name if log_name else None
                try:
                    changes = read_log(log) if log else []
                except FileNotFoundError:
                    changes = None
                after = path.stat()
                if (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns):
                    if changes is None:
                        raise LakeError(_lost(log))
                    return cls(_changed(entries, changes))
                # the log was folded into the manifest meanwhile, and may have been gone when we came to it
        except FileNotFoundError:
            if next(datadir.lake.glob("*/month=*/*.parquet"), None) is None:
                return cls()
            raise LakeError(_lost(path)) from None
        except OSError as error:
            raise LakeError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise LakeError(f"{path} is damaged: `broadsheet verify --repair` makes it anew from the files") from error
        raise LakeError(f"{path} has version {found}, this Broadsheet knows {FORMAT_VERSION}: use a newer Broadsheet")

    @cached_property
    def batches(self) -> dict[str, Batch]:
        """The batches by id, in the order of their ids."""
        grouped: dict[str, list[Entry]] = {}
        for entry in sorted(self.entries):
            grouped.setdefault(entry.batch_id, []).append(entry)
        return {key: Batch(key, entries[0].extractor, tuple(entries)) for key, entries in grouped.items()}

    def replacing(self, batch: Batch) -> Manifest:
        """This manifest with one batch put in, in place of the batch of the same id."""
        kept = (e for e in self.entries if e.batch_id != batch.batch_id)
        return Manifest(tuple(sorted((*kept, *batch.entries))))

    def without(self, batch_ids: Iterable[str]) -> Manifest:
        """This manifest without some batches."""
        gone = set(batch_ids)
        return Manifest(tuple(e for e in self.entries if e.batch_id not in gone))

    def write(self, datadir: DataDir) -> None:
        """Replace the manifest, with an empty log of its own. Only while holding the lake's lock."""
        if (bucket := datadir.bucket) is not None:
            from warehouse.manifest_objects import rewrite

            rewrite(bucket, self.entries)
            return
        path = manifest_path(datadir)
        lines = ",\n".join(json.dumps(asdict(e), ensure_ascii=False) for e in self.entries)
        log = f"manifest-{token_hex(8)}.log"
        begin_log(path.parent / log)
        head = f'{{"version": {FORMAT_VERSION}, "log": "{log}", "entries": ['
        write_atomically(path, f"{head}\n{lines}\n]}}\n".encode())
        for old in path.parent.glob("manifest-*.log"):
            if old.name != log:
                old.unlink(missing_ok=True)


def begin(datadir: DataDir) -> None:
    """Make sure that there is a manifest with a log before the first file: files without one mean that it was lost.

    Only while holding the lake's lock. Raises LakeError for one that is damaged.
    """
    if (bucket := datadir.bucket) is not None:
        from warehouse import manifest_objects

        manifest_objects.begin(bucket)
    elif _log_of(datadir) is None:
        Manifest.read(datadir).write(datadir)


def commit(datadir: DataDir, batch: Batch) -> None:
    """Put one batch into the manifest on disk, in place of the one of the same id. Call `begin` before.

    It costs what the batch costs, however many others there are. Raises LakeError and OSError.
    """
    if (bucket := datadir.bucket) is not None:
        from warehouse.manifest_objects import put_batches

        put_batches(bucket, {batch.batch_id: batch.entries})
        return
    log = _log_of(datadir)
    if log is None:
        Manifest.read(datadir).replacing(batch).write(datadir)
        return
    try:
        written = append_to_log(log, Change(batch.batch_id, tuple(asdict(e) for e in batch.entries)))
    except FileNotFoundError:
        raise LakeError(_lost(log)) from None
    except ValueError as error:
        raise LakeError(f"{log} is damaged: `broadsheet verify --repair` makes the manifest anew") from error
    if written > FOLD_BYTES:
        Manifest.read(datadir).write(datadir)


def drop(datadir: DataDir, batch_ids: Iterable[str]) -> None:
    """Take batches out of the manifest. Only while holding the lake's lock."""
    gone = set(batch_ids)
    if (bucket := datadir.bucket) is not None:
        from warehouse.manifest_objects import put_batches

        if gone:
            put_batches(bucket, dict.fromkeys(sorted(gone), ()))
        return
    Manifest.read(datadir).without(gone).write(datadir)


def move(datadir: DataDir, moved: Mapping[Entry, Entry]) -> None:
    """Say that entries lie elsewhere; a batch that was made anew meanwhile keeps its new files.

    Only while holding the lake's lock.
    """
    if (bucket := datadir.bucket) is not None:
        from warehouse import manifest_objects

        manifest_objects.move(bucket, moved)
        return
    current = Manifest.read(datadir).entries
    Manifest(tuple(sorted(moved.get(e, e) for e in current))).write(datadir)


@lru_cache(maxsize=2)
def _parsed(path: Path, *_stamp: int) -> tuple[int, str | None, tuple[Entry, ...]]:
    """Version, name of the log and entries of a manifest file, read anew where its stamp is another.

    A run asks before each file of captures, and with ten thousand batches reading takes a third of a second.
    """
    content: Any = json.loads(path.read_bytes())
    version, entries = content["version"], content["entries"]
    known = entries if version in (1, FORMAT_VERSION) else ()
    return version, content.get("log"), tuple(Entry(**entry) for entry in known)


def _log_of(datadir: DataDir) -> Path | None:
    """The log that the manifest names, by its first line alone; None where it names none or cannot be read."""
    path = manifest_path(datadir)
    try:
        with path.open("rb") as file:
            named = _LOG_NAME.match(file.read(200))
    except FileNotFoundError:
        return None
    return path.parent / named[1].decode() if named else None


def _changed(entries: tuple[Entry, ...], changes: Sequence[Change]) -> tuple[Entry, ...]:
    """The entries with all changes made, the last one of each batch; in their order."""
    if not changes:
        return entries
    last = {change.batch_id: change for change in changes}
    kept = (e for e in entries if e.batch_id not in last)
    return tuple(sorted((*kept, *(Entry(**e) for change in last.values() for e in change.entries))))


def _lost(path: Path | None) -> str:
    return f"{path} is lost: `broadsheet verify --repair` makes the manifest anew from the files"


def manifest_path(datadir: DataDir) -> Path:
    """Where the manifest lies."""
    return datadir.lake / "manifest.json"


def lake_lock(datadir: DataDir) -> Path:
    """Locked by whoever writes to the lake; not the warehouse's lock, so that extraction goes on beside a load."""
    return datadir.lake / ".lock"
