"""Giving a data directory its storage, once; and finding it again.

The address is written into the data directory, so that a command that is told nothing finds what is there. A directory
that keeps its files itself, or elsewhere, is not given another storage in passing: half of it would stay behind.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from warehouse.bucket import Bucket
from warehouse.datadir import LAYOUT_VERSION, write_atomically
from warehouse.errors import DataDirError, StorageError
from warehouse.storage import FILE_NAME, Storage, read_storage, storage_text

_VERSION_KEY = "broadsheet-version"


def attached(root: Path, storage: Storage | None, *, create: bool) -> Storage:
    """The storage of the data directory at `root`, which `storage` becomes where it has none yet.

    With `create` the server is asked, so that a wrong key or a bucket that is not there is said before any work.
    Raises DataDirError for a directory that keeps its files elsewhere, StorageError.
    """
    known = read_storage(root)
    if known is None or storage is None:
        found = known or storage
        if found is None:
            raise StorageError(f"{root / FILE_NAME} is gone: name the storage again")
    else:
        if known.url != storage.url:
            raise DataDirError(f"{root} keeps its files in {known.url}, not in {storage.url}: name another data dir")
        # what is not said again stays as it was
        found = replace(storage, endpoint=storage.endpoint or known.endpoint)
    if not create:
        return found
    if known is None and _has_files(root):
        raise DataDirError(
            f"{root} keeps its captures and lake itself: name a new data dir for {found.url}, "
            f"and `broadsheet ingest {root / 'captures'}` takes them over"
        )
    _check(found)
    if found != known:
        write_atomically(root / FILE_NAME, storage_text(found))
    return found


def _check(storage: Storage) -> None:
    """Ask for what says which layout the storage has, and say it where nothing does."""
    bucket = Bucket(storage)
    try:
        text = bucket.get(_VERSION_KEY).decode(errors="replace").strip()
    except FileNotFoundError:
        bucket.put(_VERSION_KEY, f"{LAYOUT_VERSION}\n".encode())
        return
    if not (text.isascii() and text.isdigit()):
        raise StorageError(f"{storage.url}/{_VERSION_KEY} does not hold a layout: is it Broadsheet's place?")
    if int(text) > LAYOUT_VERSION:
        raise StorageError(
            f"{storage.url} has layout {text}, this Broadsheet knows {LAYOUT_VERSION}: use a newer Broadsheet"
        )


def _has_files(root: Path) -> bool:
    folders = (root / "captures", root / "lake")
    return any(path.suffix in (".gz", ".warc", ".parquet") for folder in folders for path in folder.rglob("*"))
