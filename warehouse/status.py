"""What `broadsheet status` shows: how much there is, what came in last, and how each source fares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse.counting import count_rows
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest
from warehouse.reading import reading
from warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source over everything that is loaded."""

    source: str
    kind: str | None
    """None where it is not configured: files given by hand, or a source that was removed."""
    fetch_count: int
    capture_count: int
    article_count: int
    """Articles that a capture of this source shows."""
    rejected_count: int
    last_captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoadStatus:
    """One load, newest first."""

    load_id: str
    run_id: str
    loaded_at: datetime
    batch_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    rejected_count: int
    comment_count: int
    fetch_count: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data directory."""

    sources: tuple[SourceStatus, ...]
    loads: tuple[LoadStatus, ...]
    captures: dict[str, int]
    """Captures by outcome."""
    fetches: dict[str, int]
    """Fetches by outcome."""
    article_count: int
    version_count: int
    comment_count: int
    waiting_batches: int
    """Batches of the lake that are not loaded yet."""
    replaced_batches: int
    """Batches that were made anew since they were loaded; `rebuild` takes them over."""
    sizes: dict[str, int]
    """Bytes on disk: captures, lake, index, ledger, warehouse."""


def status(datadir: DataDir, *, load_limit: int = 10) -> Status:
    """The state of what is loaded. Raises WarehouseError where nothing is, LakeError for a broken manifest."""
    manifest = Manifest.read(datadir)
    with reading(datadir) as con:
        loaded = dict(con.execute("SELECT batch_id, digest FROM batches").fetchall())
        sources = con.execute(statement("status_sources")).fetchall()
        loads = con.execute(statement("status_loads"), [load_limit]).fetchall()
        captures = dict(con.execute("SELECT outcome, count(*) FROM captures GROUP BY 1 ORDER BY 2 DESC, 1").fetchall())
        fetches = dict(con.execute("SELECT outcome, count(*) FROM fetches GROUP BY 1 ORDER BY 2 DESC, 1").fetchall())
        [(articles, versions)] = con.execute(
            "SELECT count(*) FILTER (WHERE is_current), count(*) FROM versions"
        ).fetchall()
        comments = count_rows(con, "comments")
    return Status(
        sources=tuple(SourceStatus(*row) for row in sources),
        loads=tuple(LoadStatus(*row) for row in loads),
        captures=captures,
        fetches=fetches,
        article_count=articles,
        version_count=versions,
        comment_count=comments,
        waiting_batches=sum(key not in loaded for key in manifest.batches),
        replaced_batches=sum(loaded.get(key, b.digest) != b.digest for key, b in manifest.batches.items()),
        sizes={
            "captures": stored_size(datadir, datadir.captures),
            "lake": stored_size(datadir, datadir.lake),
            "index": size_of(datadir.index),
            "ledger": size_of(datadir.ledger),
            "warehouse": size_of(datadir.warehouse if datadir.lakehouse is None else datadir.ducklake),
        },
    )


def waiting_batches(datadir: DataDir) -> int:
    """Batches of the lake that are not loaded yet. Raises LakeError for a broken manifest."""
    held = Manifest.read(datadir).batches.keys()
    try:
        with reading(datadir) as con:
            return len(held - {key for (key,) in con.execute("SELECT batch_id FROM batches").fetchall()})
    except WarehouseError:
        return len(held)  # there is none, or it cannot be read: the next load makes it


def stored_size(datadir: DataDir, folder: Path) -> int:
    """Bytes below a folder, wherever they are stored. Raises StorageError."""
    return size_of(folder) if datadir.storage is None else sum(datadir.store.sizes(folder).values())


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder, linked ones once; 0 for what is not there, or vanishes."""
    return sum(_sizes(path).values())


def _sizes(path: Path) -> dict[tuple[int, int], int]:
    try:
        if path.is_dir():
            return {key: size for entry in path.iterdir() for key, size in _sizes(entry).items()}
        found = path.stat()
    except FileNotFoundError:
        return {}
    return {(found.st_dev, found.st_ino): found.st_size}
