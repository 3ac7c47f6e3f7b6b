"""What two places say of the same thing: archives and lake, ledger and captures, the warehouse and its index.

Each place can be whole in itself and yet not belong to the other: a copy restored from another day, a file that
somebody put back. What is merely waiting for the next run is no finding.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import duckdb

from warehouse.batch_names import warc_file_of, whole_files
from warehouse.captures import Captured, read_captures
from warehouse.captures_record import Unusable, kind_of
from warehouse.captures_stored import as_stored, stored_captures
from warehouse.captures_writer import OPEN_SUFFIX
from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.finding import Finding
from warehouse.lakeviews import create_lake_views
from warehouse.manifest import Batch, Manifest
from warehouse.reading import first_line
from warehouse.search import SearchRequest, find, parsed
from warehouse.search_files import SearchIndexError, damaged_files
from warehouse.search_open import opened
from warehouse.statements import statement
from warehouse.warc_records import RawRecord, read_records

_EXTRACT_AGAIN = "`broadsheet extract --again`, then `broadsheet rebuild`"


def archives_and_lake(datadir: DataDir) -> Iterator[Finding]:
    """Pages in a capture file that is extracted, of which the lake knows nothing."""
    try:
        manifest = Manifest.read(datadir)
    except LakeError:
        return  # said already
    by_file: dict[str, list[Batch]] = {}
    for batch in manifest.batches.values():
        by_file.setdefault(warc_file_of(batch.batch_id) or "", []).append(batch)
    whole = whole_files(manifest.batches)
    for name in stored_captures(datadir):
        if name in whole and (count := _unknown_count(datadir, name, by_file[name])):
            yield Finding(f"captures/{name}", f"{count} pages in it are not in the lake", _EXTRACT_AGAIN)


def ledger_and_captures(datadir: DataDir) -> Iterator[Finding]:
    """URLs that the ledger says were captured, whose capture is nowhere."""
    try:
        manifest = Manifest.read(datadir)
        if set(stored_captures(datadir)) - whole_files(manifest.batches) or _is_open(datadir):
            return  # what the lake does not hold may be waiting there
        with sqlite3.connect(f"{datadir.ledger.as_uri()}?mode=ro", uri=True) as ledger:
            rows = ledger.execute("SELECT capture_id FROM urls WHERE capture_id IS NOT NULL").fetchall()
        with duckdb.connect() as con:
            create_lake_views(con, datadir, manifest.batches.values())
            known = {key for (key,) in con.execute("SELECT capture_id FROM lake_captures").fetchall()}
    except (LakeError, sqlite3.Error, duckdb.Error):
        return  # said already
    if missing := sum(key not in known for (key,) in rows):
        yield Finding(
            "ledger.sqlite",
            f"{missing} of its {len(rows)} captured URLs have a capture that is not there",
            "restore captures/ and the ledger from the same copy; the next visit fetches what has changed since",
        )


def index_and_warehouse(datadir: DataDir, name: str | None, article_count: int) -> Iterator[Finding]:
    """An index that cannot be opened, is not as it was written, or holds other articles than the warehouse."""
    if name is None:
        if article_count:
            yield Finding("index", "the warehouse names no search index", "`broadsheet load` makes one")
        return
    place, mending = f"index/{name}", f"remove index/{name}, then `broadsheet load` makes it anew"
    try:
        if damaged := damaged_files(datadir.index / name):
            yield Finding(place, f"{', '.join(damaged)}: not what was written", mending)
            return
        with opened(datadir, name) as index:
            count, _ = find(index, SearchRequest(query="*", limit=1), parsed("*"))
    except (SearchIndexError, OSError, ValueError) as error:
        yield Finding(place, first_line(error), mending)
        return
    if count != article_count:
        yield Finding(place, f"it holds {count} articles, the warehouse {article_count}", mending)


def _unknown_count(datadir: DataDir, name: str, batches: Sequence[Batch]) -> int:
    """The pages of a file that are in no batch; a page that stands in it twice is known by its capture."""
    try:
        with duckdb.connect() as con:
            create_lake_views(con, datadir, batches)
            rows = con.execute(statement("captures_of_file"), {"file": name}).fetchall()
        ids, offsets = {row[0] for row in rows}, {row[1] for row in rows}
        with as_stored(datadir, datadir.captures / name) as (path, root):
            found = {r.offset for r in read_records(path, block_max=0) if isinstance(r, RawRecord) and _is_capture(r)}
            if found <= offsets:
                return 0
            return sum(
                isinstance(item, Captured) and item.warc_offset not in offsets and item.page.capture_id not in ids
                for item in read_captures(path, root=root / "captures")
            )
    except (OSError, duckdb.Error):
        return 0  # said already: one of the two cannot be read


def _is_capture(record: RawRecord) -> bool:
    kind = kind_of(record.headers)
    return kind is not None and not isinstance(kind, Unusable)


def _is_open(datadir: DataDir) -> bool:
    return next(datadir.captures.rglob(f"*{OPEN_SUFFIX}"), None) is not None
