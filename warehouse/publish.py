"""Publishing: the next warehouse is built beside the live one and renamed over it.

DuckDB lets either one process write or several read. Readers come at any moment, so the live file is never opened for
writing: whoever holds the lock copies it to `.next`, changes that, checkpoints, closes, syncs and renames. A reader has
the old file or the new one, whole; a killed writer leaves a `.next` that the next one removes.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.conflicts import again_on_conflict
from warehouse.datadir import DataDir, sync_folder
from warehouse.empty import write_empty
from warehouse.errors import WarehouseError
from warehouse.locks import locked
from warehouse.reading import has_warehouse

T = TypeVar("T")

_log = logging.getLogger(__name__)

STORAGE_VERSION = "v1.5.0"
"""Files of DuckDB 2.0's own format cannot be opened by the 1.5 shells that people have."""
ZSTD_MIN_STRING_LENGTH = 512
"""Long strings are stored uncompressed by default; with this the file is a third of the size."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What building a warehouse may take. `threads` 0 is one a core."""

    memory: str = "2GB"
    """For DuckDB. The process has as much again beside it while a search index merges its parts."""
    threads: int = 0


DEFAULT_LIMITS = Limits()


def publish(
    datadir: DataDir,
    change: Callable[[duckdb.DuckDBPyConnection], T],
    *,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> T:
    """Apply `change` to a copy of the warehouse and publish it. If it raises, nothing is published.

    A warehouse that is not there yet is made, with all its tables. Raises WarehouseError where the disk refuses.
    """
    with writer_lock(datadir, on_wait=on_wait):
        return again_on_conflict(
            lambda: build_next(datadir, change, is_fresh=not has_warehouse(datadir), limits=limits, on_step=on_step)
        )


@contextmanager
def writer_lock(datadir: DataDir, *, on_wait: Callable[[str], None] = _log.info) -> Iterator[None]:
    """Be the one who builds the next warehouse; wait for whoever is."""
    with locked(datadir.lock, purpose="write to the warehouse", on_wait=on_wait):
        yield


def build_next(
    datadir: DataDir,
    change: Callable[[duckdb.DuckDBPyConnection], T],
    *,
    is_fresh: bool,
    limits: Limits = DEFAULT_LIMITS,
    on_step: Callable[[str], None] = lambda _: None,
) -> T:
    """What `publish` does once it has the lock; with `is_fresh` it starts from empty tables, not from a copy."""
    if datadir.lakehouse is not None:
        from warehouse.ducklake_publish import commit_change

        return commit_change(datadir, datadir.lakehouse, change, is_fresh=is_fresh, limits=limits, on_step=on_step)
    live = datadir.warehouse
    following = live.with_name(live.name + ".next")
    try:
        _remove_remains(following)
        if is_fresh:
            write_empty(following, storage_version=STORAGE_VERSION)
        else:
            on_step("copy")
            clone_file(live, following)
        on_step("change")
        con = duckdb.connect(str(following), config=_config(following, limits))
        try:
            con.execute("SET TimeZone = 'UTC'")
            con.execute(f"SET zstd_min_string_length = {ZSTD_MIN_STRING_LENGTH}")
            # one transaction: nobody sees the file before it is whole, and each commit would wait for the disk
            con.begin()
            result = change(con)
            on_step("checkpoint")
            con.commit()
            con.execute("CHECKPOINT")
        finally:
            con.close()
        on_step("publish")
        _put_in_place(following, live)
        on_step("published")
    except BaseException as error:
        _remove_remains(following)
        if isinstance(error, OSError):
            raise WarehouseError(f"cannot publish {live}: {error.strerror or error}; it is as it was") from error
        raise
    return result


class CopyWay(StrEnum):
    """How a file was copied, the cheapest first."""

    REFLINK = "reflink"
    """The file system shares the blocks between the two files (btrfs, XFS, bcachefs): nothing is copied."""
    COPY_RANGE = "copy_file_range"
    """The kernel copies, and nothing passes through this process."""
    COPY = "copy"


def clone_file(source: Path, target: Path) -> CopyWay:
    """Copy a file in the cheapest way that its file system has, and say which that was."""
    for way, copy in ((CopyWay.REFLINK, _reflink), (CopyWay.COPY_RANGE, _copy_range)):
        try:
            copy(source, target)
            return way
        except OSError as error:
            if error.errno not in _NOT_POSSIBLE_HERE:
                raise
    shutil.copyfile(source, target)
    return CopyWay.COPY


_NOT_POSSIBLE_HERE = {errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY}
_FICLONE = 0x40049409
"""Linux's ioctl "this file shall share that file's blocks"; Python has no name for it."""


def _reflink(source: Path, target: Path) -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "another system's call")
    with source.open("rb") as reader, target.open("wb") as writer:
        fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())


def _copy_range(source: Path, target: Path) -> None:
    if not hasattr(os, "copy_file_range"):
        raise OSError(errno.ENOSYS, "this system cannot copy within the kernel")
    with source.open("rb") as reader, target.open("wb") as writer:
        left = os.fstat(reader.fileno()).st_size
        while left > 0:
            copied = os.copy_file_range(reader.fileno(), writer.fileno(), left)
            if copied == 0:
                raise OSError(errno.EIO, "the file became shorter while it was copied")
            left -= copied


def _config(following: Path, limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "memory_limit": limits.memory,
        "temp_directory": str(_spill(following)),
        # the commit checkpoints: a log of this file, which goes where the load fails, would only be written twice
        "checkpoint_threshold": "1KB",
        "preserve_insertion_order": False,
        # what is freed goes back to the system, of this size on: else tens of megabytes stay between the steps
        "allocator_flush_threshold": "1MB",
        "allocator_bulk_deallocation_flush_threshold": "1MB",
    }
    if limits.threads:
        config["threads"] = limits.threads
    return config


def _put_in_place(following: Path, live: Path) -> None:
    log = _log_beside(following)
    if log.exists():
        raise WarehouseError(f"DuckDB left {log.name} behind after its checkpoint: nothing was published")
    handle = os.open(following, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    # a log beside the live file can only be a stranger's; beside the new file it would break every open
    _log_beside(live).unlink(missing_ok=True)
    following.replace(live)
    sync_folder(live.parent)


def _remove_remains(following: Path) -> None:
    following.unlink(missing_ok=True)
    _log_beside(following).unlink(missing_ok=True)
    shutil.rmtree(_spill(following), ignore_errors=True)


def _log_beside(database: Path) -> Path:
    return database.with_name(database.name + ".wal")


def _spill(following: Path) -> Path:
    return following.with_name(following.name + ".spill")
