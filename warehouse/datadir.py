"""The data directory: where each thing lies, and which version of the layout it is.

One object answers for all paths, so that no module spells a file name of another. The version file is written first and
holds one number: code refuses data of a later layout, because writing into what it does not know would break it, and
upgrades data of an earlier one before it writes (`warehouse.upgrade`). Who only reads takes earlier data as it is.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from warehouse.errors import DataDirError
from warehouse.lakehouse import Lakehouse, is_marked
from warehouse.store import Store, store_of

if TYPE_CHECKING:
    from warehouse.bucket_store import BucketStore
    from warehouse.storage import Storage

_log = logging.getLogger(__name__)

LAYOUT_VERSION = 2
"""The layout that this code reads and writes. 2: files of the lake that batches share, derived tables, indexes."""

_VERSION_NAME = "broadsheet-version"
_STORAGE_NAME = "broadsheet-storage"


@dataclass(frozen=True, slots=True)
class DataDir:
    """The paths of one data directory. Make it with `open`, which checks that it can be used."""

    root: Path
    storage: Storage | None = None
    """Where finished captures and the lake are kept; None is here."""
    ledger_url: str | None = field(default=None, repr=False)
    """The address of a PostgreSQL database that keeps the ledger instead of the file; may hold a password."""
    lakehouse: Lakehouse | None = None
    """The DuckLake that is the warehouse instead of the file."""

    @property
    def store(self) -> Store:
        """What finished files are handed to, and fetched from. Raises StorageError."""
        return store_of(self.root, self.storage)

    @property
    def bucket(self) -> BucketStore | None:
        """The same where it is a bucket, for what is done otherwise there. Raises StorageError."""
        return None if self.storage is None else cast("BucketStore", self.store)

    @property
    def captures(self) -> Path:
        """Folder of the WARC files: what was fetched or given, the truth."""
        return self.root / "captures"

    @property
    def lake(self) -> Path:
        """Folder of the Parquet files and their manifest."""
        return self.root / "lake"

    @property
    def index(self) -> Path:
        """Folder of the search indexes, one a load."""
        return self.root / "index"

    @property
    def ledger(self) -> Path:
        """The crawl state (SQLite), where no server keeps it."""
        return self.root / "ledger.sqlite"

    @property
    def ledger_place(self) -> Path | str:
        """Where the crawl state is: the file, or the address of a database."""
        return self.ledger_url or self.ledger

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that is always open to readers and never written in place."""
        return self.root / "warehouse.duckdb"

    @property
    def ducklake(self) -> Path:
        """Folder of the warehouse's data files where it is a DuckLake."""
        return self.root / "ducklake"

    @property
    def ducklake_catalog(self) -> Path:
        """The DuckLake's catalog, where no server keeps it."""
        return self.root / "ducklake.sqlite"

    @property
    def version_file(self) -> Path:
        """Holds the number of the layout; its presence says that this is a data directory."""
        return self.root / _VERSION_NAME

    @property
    def lock(self) -> Path:
        """Locked by whoever builds the next warehouse."""
        return self.root / ".lock"

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        create: bool,
        storage: Storage | None = None,
        ledger_url: str | None = None,
        lakehouse: Lakehouse | None = None,
        on_note: Callable[[str], None] = _log.warning,
    ) -> DataDir:
        """The data directory at `root`, made there if `create` and the place is free.

        With `create` it must be writable, and one of an earlier layout is upgraded, which `on_note` is told in one
        line; without, nothing is written, so a read-only copy or an earlier layout can be queried. `storage` says
        where captures and lake are kept; None is where they are. Raises DataDirError: not there, not a data directory,
        no permission, or made by a later version; StorageError.
        """
        datadir = cls(Path(root).absolute(), ledger_url=ledger_url, lakehouse=lakehouse)
        try:
            if not datadir.version_file.exists():
                if not create:
                    raise DataDirError(_missing(datadir.root))
                datadir._make()
            version = datadir.read_version()
            if lakehouse is None and is_marked(datadir.root):
                raise DataDirError(
                    f"the warehouse of {datadir.root} is a DuckLake: set BROADSHEET_WAREHOUSE=ducklake, and "
                    "BROADSHEET_WAREHOUSE_CATALOG to its catalog"
                )
            if storage is not None or (datadir.root / _STORAGE_NAME).exists():
                from warehouse.attach import attached

                datadir = replace(datadir, storage=attached(datadir.root, storage, create=create))
            if create:
                datadir._check_writable()
                if version < LAYOUT_VERSION:
                    from warehouse.upgrade import upgrade

                    upgrade(datadir, on_note=on_note)
                for folder in (datadir.captures, datadir.lake, datadir.index):
                    folder.mkdir(exist_ok=True)
        except OSError as error:
            raise DataDirError(f"cannot use {datadir.root} as data directory: {error.strerror or error}") from error
        return datadir

    def _make(self) -> None:
        if self.root.is_dir() and any(not entry.name.startswith(_VERSION_NAME) for entry in self.root.iterdir()):
            raise DataDirError(f"{self.root} holds other files: name an empty or a new folder as data directory")
        self.root.mkdir(parents=True, exist_ok=True)
        self.write_version(LAYOUT_VERSION)

    def read_version(self) -> int:
        """The number of its layout. Raises DataDirError for one that this code does not know, OSError."""
        text = self.version_file.read_text(encoding="utf-8", errors="replace").strip()
        if not (text.isascii() and text.isdigit() and int(text)):
            raise DataDirError(
                f"{self.version_file} should hold the number of a layout and does not: restore it or remove the folder"
            )
        if int(text) > LAYOUT_VERSION:
            raise DataDirError(
                f"{self.root} has layout {text}, this Broadsheet knows {LAYOUT_VERSION}: use a newer Broadsheet"
            )
        return int(text)

    def write_version(self, version: int) -> None:
        """Say which layout it has. Atomic and durable."""
        write_atomically(self.version_file, f"{version}\n".encode())

    def _check_writable(self) -> None:
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise DataDirError(f"no permission to write to the data directory {self.root}")


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a small file so that after a crash there is the old content or the new, whole and on the disk."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _missing(root: Path) -> str:
    if root.exists():
        return f"{root} is not a Broadsheet data directory: name one with --data-dir"
    return f"there is no data directory {root} yet: `broadsheet run` or `broadsheet ingest` makes it"
