"""Making a lost or damaged manifest anew from the lake's files.

Each file carries the name of its batch, its extractor and how many files the batch has, so whole batches can be told
from what a killed writer left. A batch that is not whole is left out and named: its input must be extracted again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.schema import RECORDS
from warehouse.captures_stored import as_stored
from warehouse.datadir import DataDir
from warehouse.lake import BATCH_KEY, EXTRACTOR_KEY, FILES_KEY
from warehouse.locks import locked
from warehouse.manifest import Entry, Manifest, lake_lock
from warehouse.shared_files import BATCHES_KEY

_IN_MONTH = re.compile(r"month=[^/]+/[^/]+\.parquet")


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of the lake's files."""

    batches: int
    problems: tuple[str, ...]
    """What was left out, one line each."""


@dataclass(frozen=True, slots=True)
class _Found:
    entry: Entry
    files: int
    written_at: float

    @property
    def place(self) -> str:
        """Table and month: a batch has one file for each."""
        return self.entry.path.rpartition("/")[0]


def recover_manifest(datadir: DataDir) -> Recovery:
    """Write the manifest anew from the files; the old one, if there is one, is overwritten.

    Where a batch was replaced and the files of its earlier state are still there, the later files count.
    """
    problems: list[str] = []
    batches: dict[str, dict[str, _Found]] = {}
    with locked(lake_lock(datadir), purpose="write to the lake"):
        for found in _found(datadir, problems):
            files = batches.setdefault(found.entry.batch_id, {})
            if found.place not in files or files[found.place].written_at < found.written_at:
                files[found.place] = found
        entries: list[Entry] = []
        whole = 0
        for key, files in sorted(batches.items()):
            wanted = max(files.values(), key=lambda f: f.written_at).files
            if len(files) == wanted:
                whole += 1
                entries.extend(f.entry for f in files.values())
            else:
                problems.append(
                    f"batch {key}: {len(files)} of its {wanted} files are there; extract its captures again"
                )
        Manifest(tuple(sorted(entries))).write(datadir)
    return Recovery(whole, tuple(problems))


def _found(datadir: DataDir, problems: list[str]) -> Iterator[_Found]:
    for table in RECORDS:
        for name in sorted(datadir.store.sizes(datadir.lake / table)):
            if not _IN_MONTH.fullmatch(name):
                continue
            place = f"{table}/{name}"
            try:
                with as_stored(datadir, datadir.lake / place) as (path, _):
                    yield from _read(path, place, table)
            except (OSError, pa.ArrowInvalid, KeyError, ValueError) as error:
                problems.append(f"lake/{place} is no file of ours: {str(error).splitlines()[0]}")


def _read(path: Path, place: str, table: str) -> list[_Found]:
    """The batches that a file says that it holds: one, or those that share it."""
    footer = pq.read_metadata(path)
    own = footer.metadata or {}
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    status = path.stat()
    entry = Entry(
        batch_id=own.get(BATCH_KEY, b"").decode(),
        table=table,
        path=place,
        rows=footer.num_rows,
        bytes=status.st_size,
        sha256=digest,
        extractor=own.get(EXTRACTOR_KEY, b"").decode() or None,
    )
    if BATCHES_KEY not in own:
        return [_Found(entry, int(own[FILES_KEY]), status.st_mtime)]
    return [
        _Found(
            replace(entry, file_sha256=digest, **{k: shared[k] for k in ("batch_id", "rows", "sha256", "extractor")}),
            int(shared["files"]),
            status.st_mtime,
        )
        for shared in json.loads(own[BATCHES_KEY])
    ]
