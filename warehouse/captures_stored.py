"""Capture files wherever they are: on this machine alone, or in a bucket with some of them here.

A capture file is closed, synced and committed on this machine first; then it is stored, its index before it, so that a
stored file has one. Another machine that is to extract a part of it copies that part alone, into a file with a hole in
front: records keep their offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from warehouse.captures import Shard, capture_files
from warehouse.cdxj import index_of
from warehouse.datadir import DataDir

_SUFFIXES = (".warc.gz", ".warc")
_LEFT_TO_OWNER = timedelta(minutes=15)
"""Far above what a machine takes from storing a file to its last shard; two that extract one file do no harm."""
_BEHIND = 1 << 16
"""Bytes read behind a shard's end: readers look whether another record begins there."""


def stored_captures(datadir: DataDir) -> tuple[str, ...]:
    """The closed WARC files, stored or only here, as paths below captures/, in sorted order. Raises StorageError."""
    if datadir.storage is None:
        return capture_files(datadir.captures)
    return tuple(sorted(name for name in datadir.store.sizes(datadir.captures) if name.endswith(_SUFFIXES)))


def captures_to_extract(datadir: DataDir, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[str]:
    """Those of them that a run may extract now, in sorted order: all, but for what another machine has just stored.

    Whoever stores a file extracts it; only what then lies there for a while is anybody's. Raises StorageError.
    """
    bucket = datadir.bucket
    if bucket is None:
        return list(capture_files(datadir.captures))
    own = capture_files(datadir.captures)
    until = now() - _LEFT_TO_OWNER
    stored = bucket.stored(datadir.captures)
    others = (name for name, one in stored.items() if name.endswith(_SUFFIXES) and one.modified_at < until)
    return sorted({*own, *others})


def keep_capture(datadir: DataDir, warc_file: str) -> Path:
    """Store a closed WARC file if it is not stored yet, and give its path, where it can be read now.

    Raises StorageError; then the file is on this machine as it was.
    """
    path = datadir.captures / warc_file
    if datadir.storage is not None:
        datadir.store.fetch([path])
        if path.exists():
            datadir.store.keep([index] if (index := index_of(path)).exists() else [])
            datadir.store.keep([path])
        if (bucket := datadir.bucket) is not None:
            bucket.trim(datadir.captures)
    return path


def fetch_capture(datadir: DataDir, warc_file: str) -> Path:
    """Where a WARC file can be read now; opening it says what is wrong if it is nowhere. Raises StorageError."""
    path = datadir.captures / warc_file
    datadir.store.fetch([path])
    return path


@contextmanager
def as_stored(datadir: DataDir, path: Path, *, or_copy: bool = True) -> Iterator[tuple[Path, Path]]:
    """A file as it is stored, whatever copy of it lies here, and the folder that stands for the data directory.

    A file that is not stored yet is given as it is; so is the copy of one that the storage has lost, unless `or_copy`
    is false: then there is no file at the path that is given. Raises StorageError.
    """
    bucket = datadir.bucket
    if bucket is None:
        yield path, datadir.root
        return
    with TemporaryDirectory(dir=bucket.scratch()) as folder:
        copy = Path(folder) / path.relative_to(datadir.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            bucket.fetch_to(path, copy)
        except FileNotFoundError:
            if or_copy or not bucket.is_copy(path):
                yield path, datadir.root
                return
        yield copy, Path(folder)


@contextmanager
def shard_file(datadir: DataDir, shard: Shard) -> Iterator[tuple[Path, Path]]:
    """A file that holds a shard at its offsets, and the folder that it is below as it is below captures/.

    Raises StorageError, FileNotFoundError where the WARC file is nowhere.
    """
    path = datadir.captures / shard.warc_file
    bucket = datadir.bucket
    if bucket is None or path.exists():
        datadir.store.fetch([path])
        yield path, datadir.captures
        return
    part = bucket.read_range(path, shard.start, shard.end + _BEHIND)
    with TemporaryDirectory(dir=bucket.scratch()) as folder:
        copy = Path(folder) / shard.warc_file
        copy.parent.mkdir(parents=True, exist_ok=True)
        with copy.open("wb") as file:
            file.write(b"\x1f\x8b" if shard.warc_file.endswith(".gz") else b"WA")  # by which readers tell them apart
            file.seek(shard.start)
            file.write(part)
        yield copy, Path(folder)
