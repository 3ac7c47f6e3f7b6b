"""Compaction: many small files of one table and month become few, and nothing that is loaded changes.

A crawl closes a batch a minute, and each batch has a file of its own for every table: after a year most of a rebuild is
opening files. A compacted file is shared by batches and names in each row the batch that it belongs to. In the manifest
every batch keeps its entry, with the hash of the file that it was written as; so its digest stays, and there is nothing
to load again. Only the place of the rows changes, in one replacement of the manifest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.lake import vacuum
from warehouse.locks import locked
from warehouse.manifest import Manifest, lake_lock, move
from warehouse.publish import writer_lock
from warehouse.shared_files import write_shared

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is worth compacting."""

    small_bytes: int = 8_000_000
    """A file below this is small: reading it costs more in opening than in reading."""
    target_bytes: int = 64_000_000
    """A compacted file has about this size at most: it is what one forgotten page makes us write again."""
    min_files: int = 8
    """Fewer small files of one table and month are left alone: each compaction writes all that it merges."""


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What a compaction did to the lake."""

    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    written_files: int
    removed_files: int
    """Files that no batch needs any more, left over from other work included."""
    why_none: str = ""
    """Why nothing was merged."""

    def words(self) -> str:
        """The same in a line."""
        sizes = f"{self.bytes_before / 1e6:.1f} MB -> {self.bytes_after / 1e6:.1f} MB"
        what = f"{self.files_before} files -> {self.files_after}, {sizes}; {self.removed_files} old files removed"
        return f"{what}; {self.why_none}" if self.why_none else what


def compact(
    datadir: DataDir,
    *,
    policy: Policy = DEFAULT_POLICY,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Compaction:
    """Merge small files of the lake, and delete what no batch needs. Rows, batches and what is loaded stay the same.

    Readers and extraction go on meanwhile; loads wait for one file at most. Raises LakeError.
    """
    before = Manifest.read(datadir)
    groups = _groups(datadir, before, policy)
    written = 0
    for done, group in enumerate(groups):
        on_progress(done, len(groups))
        # nobody vacuums without this lock, so what is merged, and what is not in the manifest yet, stays
        with writer_lock(datadir, on_wait=on_wait):
            written += _merge(datadir, group, on_step)
    with writer_lock(datadir, on_wait=on_wait):
        on_step("compaction vacuum")
        removed = vacuum(datadir)
    after = Manifest.read(datadir)
    return Compaction(
        files_before=len(_sizes(before)),
        files_after=len(_sizes(after)),
        bytes_before=sum(_sizes(before).values()),
        bytes_after=sum(_sizes(after).values()),
        written_files=written,
        removed_files=removed,
        why_none="" if groups else _why_none(policy),
    )


def _why_none(policy: Policy) -> str:
    return f"nothing to merge: no table has {policy.min_files} files of one month under {policy.small_bytes / 1e6:g} MB"


def clean_shared(datadir: DataDir, *, on_step: Callable[[str], None] = lambda _: None) -> int:
    """Write shared files again that hold rows of batches made anew since; give how many.

    Only while holding the warehouse's lock. The old files, with the rows in them, go with the next vacuum.
    """
    return sum(_merge(datadir, {path}, on_step) for path in sorted(_with_dead_rows(datadir, Manifest.read(datadir))))


def _groups(datadir: DataDir, manifest: Manifest, policy: Policy) -> list[Set[str]]:
    """Paths that become one file each, by table and month."""
    sizes = _sizes(manifest)
    small: dict[str, list[str]] = {}
    for path in sorted(sizes):
        if sizes[path] < policy.small_bytes:
            small.setdefault(path.rpartition("/")[0], []).append(path)
    groups = [
        group
        for paths in small.values()
        if len(paths) >= policy.min_files
        for group in _packed(paths, sizes, policy.target_bytes)
    ]
    planned = set().union(*groups)
    return groups + [{path} for path in sorted(_with_dead_rows(datadir, manifest) - planned)]


def _packed(paths: Sequence[str], sizes: dict[str, int], target_bytes: int) -> Iterator[Set[str]]:
    """The paths in groups of about one target size, none of them alone."""
    group: set[str] = set()
    for path in paths:
        if sum(sizes[p] for p in group) + sizes[path] > target_bytes and len(group) > 1:
            yield group
            group = set()
        group.add(path)
    if len(group) > 1:
        yield group


def _with_dead_rows(datadir: DataDir, manifest: Manifest) -> set[str]:
    """Shared files that hold more rows than their batches in the manifest have."""
    live: dict[str, int] = {}
    for entry in manifest.entries:
        if entry.file_sha256 is not None:
            live[entry.path] = live.get(entry.path, 0) + entry.rows
    datadir.store.fetch(datadir.lake / path for path in live)
    return {path for path, rows in live.items() if _row_count(datadir.lake / path) > rows}


def _row_count(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise LakeError(f"cannot read {path}: {str(error).splitlines()[0]}; `broadsheet verify` tells more") from error


def _sizes(manifest: Manifest) -> dict[str, int]:
    return {entry.path: entry.bytes for entry in manifest.entries}


def _merge(datadir: DataDir, paths: Set[str], on_step: Callable[[str], None]) -> int:
    """Write the live rows of some files as one, and repoint their entries; 1 where there was something to do."""
    manifest = Manifest.read(datadir)
    entries = sorted(e for e in manifest.entries if e.path in paths)
    if not entries:
        return 0  # made anew or dropped meanwhile
    on_step("compaction")
    try:
        counts = {e.batch_id: len(manifest.batches[e.batch_id].entries) for e in entries}
        path, digest = write_shared(datadir, entries, counts)
        datadir.store.keep([path])
        place, size = path.relative_to(datadir.lake).as_posix(), path.stat().st_size
        moved = {e: replace(e, path=place, bytes=size, file_sha256=digest) for e in entries}
        on_step("compaction manifest")
        with locked(lake_lock(datadir), purpose="write to the lake"):
            move(datadir, moved)
    except OSError as error:
        raise LakeError(f"cannot compact in {datadir.lake}: {error.strerror or error}") from error
    return 1
