"""Bringing the data dirs of several crawl workers together in one: their capture files, and what they noted of fetches.

Each worker of a shared crawl writes captures and fetch records into a data dir of its own. The captures are taken in as
any files are; the fetch records, which nothing could make anew, are copied batch by batch under the names that they
have, so that a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.captures_writer import OPEN_SUFFIX
from warehouse.datadir import DataDir
from warehouse.lake import known_batches, write_batch
from warehouse.manifest import Batch, Manifest


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is to be taken in, and what is to be said about it."""

    paths: tuple[Path, ...]
    """Files and folders as they were given; of a data dir its captures."""
    notes: tuple[str, ...]


def gather(paths: Sequence[Path], datadir: DataDir) -> Gathered:
    """Copy the fetch records of those paths that are data dirs into the lake. Raises LakeError, DataDirError."""
    taken: list[Path] = []
    notes: list[str] = []
    for path in paths:
        other = DataDir(path.absolute())
        if other.root == datadir.root or not other.version_file.is_file():
            taken.append(path)
            continue
        DataDir.open(other.root, create=False)  # refuses one that a later version made
        taken.append(other.captures)
        if count := _take_fetches(other, datadir):
            notes.append(f"{path}: fetch records of {count} batches were copied")
        if left := len(list(other.captures.rglob(f"*{OPEN_SUFFIX}"))):
            notes.append(
                f"{path}: {left} capture files there are open: a crawl is at it, or one was killed and the next "
                "`broadsheet crawl` over that data dir puts it in order; then take it in again"
            )
    return Gathered(tuple(taken), tuple(notes))


def _take_fetches(other: DataDir, datadir: DataDir) -> int:
    """How many batches of fetch records were copied; those that are here already are not."""
    here = known_batches(datadir)
    fetched = [b for b in Manifest.read(other).batches.values() if b.extractor is None and b.batch_id not in here]
    for batch in fetched:
        _copy(other, datadir, batch)
    return len(fetched)


def _copy(other: DataDir, datadir: DataDir, batch: Batch) -> None:
    import duckdb  # only where another data dir is given

    from warehouse.lakeviews import create_lake_views

    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        create_lake_views(con, other, [batch])
        table = con.sql("SELECT * EXCLUDE (batch_id) FROM lake_fetches").to_arrow_table()
    write_batch(datadir, batch.batch_id, {"fetches": table}, extractor=None)
