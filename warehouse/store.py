"""What is stored, and where: the one seam between files of this machine and a bucket.

Whoever writes a capture or Parquet file writes it below the data directory, whole and synced, and then says `keep`;
whoever reads one says `fetch` before. In a folder that is all there is to it, and both do nothing. With a bucket the
files below the data directory are the writer's place and a cache (`warehouse.bucket_store`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from warehouse.storage import Storage


class Store(Protocol):
    """Where finished files are. Paths are those below the data directory, whether a copy lies there or not."""

    def keep(self, paths: Iterable[Path]) -> None:
        """Store files that are complete and synced; what is stored as it is now costs nothing. Raises StorageError."""
        ...

    def fetch(self, paths: Iterable[Path]) -> None:
        """See that files can be opened, as they are stored now; those that are nowhere stay missing. StorageError."""
        ...

    def sizes(self, folder: Path) -> Mapping[str, int]:
        """Every file in and below a folder, stored or only here, as path below it, with its bytes. StorageError."""
        ...

    def names(self, folder: Path) -> set[str]:
        """The names in a folder that is there, stored or only here. Raises StorageError, OSError."""
        ...

    def size(self, path: Path) -> int | None:
        """Bytes of a file that is stored, or only here; None where it is not there. Raises StorageError."""
        ...

    def remove(self, paths: Iterable[Path]) -> None:
        """Delete files, wherever they are; what is not there is no error. Raises StorageError, OSError."""
        ...


class FolderStore:
    """Files of this machine: what is written is stored."""

    def keep(self, paths: Iterable[Path]) -> None:
        """Nothing to do."""

    def fetch(self, paths: Iterable[Path]) -> None:
        """Nothing to do."""

    def sizes(self, folder: Path) -> Mapping[str, int]:
        """Every file in and below a folder."""
        return local_sizes(folder)

    def names(self, folder: Path) -> set[str]:
        """The names in a folder."""
        return set(os.listdir(folder))  # noqa: PTH208 - names alone, and many

    def size(self, path: Path) -> int | None:
        """Its bytes."""
        return path.stat().st_size if path.exists() else None

    def remove(self, paths: Iterable[Path]) -> None:
        """Delete files."""
        for path in paths:
            path.unlink(missing_ok=True)


def store_of(root: Path, storage: Storage | None) -> Store:
    """The store of a data directory. Raises StorageError for a bucket without keys or client."""
    return _FOLDER if storage is None else _bucket_store(root, storage)


_FOLDER = FolderStore()


@lru_cache(maxsize=8)
def _bucket_store(root: Path, storage: Storage) -> Store:
    # one client a process: it keeps its connections open
    from warehouse.bucket_store import BucketStore

    return BucketStore(root, storage)


def local_sizes(folder: Path) -> dict[str, int]:
    """The files below a folder of this machine; what vanishes meanwhile is left out."""
    found = {}
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                found[path.relative_to(folder).as_posix()] = path.stat().st_size
        except FileNotFoundError:
            continue
    return found
