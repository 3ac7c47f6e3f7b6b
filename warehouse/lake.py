"""Writing the lake: one batch is the output of one input, complete or not there.

Files are written under a temporary name, synced, renamed, and only then named in the manifest; a killed writer leaves
files that nobody reads. A file's name holds a hash of its content, so replacing a batch never changes a file under a
reader. Rows are sorted and values are cast to the declared schema, so the same rows give the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, file_digest
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.columns import arrow_schema, columns_of
from transforms.outcome import VERSION_OUTCOMES
from transforms.schema import RECORDS
from warehouse.datadir import DataDir, sync_folder
from warehouse.errors import LakeError
from warehouse.locks import locked
from warehouse.manifest import Batch, Entry, Manifest, begin, commit, lake_lock
from warehouse.reading import open_read_only
from warehouse.texts import named_paths

ROW_GROUP_ROWS = 20_000

_ORDER: dict[str, tuple[str, ...]] = {
    "captures": ("captured_at", "warc_file", "warc_offset"),
    "articles": ("host", "published_at", "capture_id"),
    "comments": ("article_id", "capture_id", "position", "comment_id"),
    "evidence": ("capture_id", "position"),
    "links": ("capture_id", "position"),
    "signatures": ("capture_id",),
    "fetches": ("fetched_at", "source", "url"),
}
_UNIQUE: dict[str, tuple[str, ...]] = {
    "captures": ("capture_id",),
    "articles": ("capture_id",),
    "comments": ("capture_id", "comment_id"),
    "evidence": ("capture_id", "position"),
    "links": ("capture_id", "position"),
    "signatures": ("capture_id",),
}
_TIME = {"captures": "captured_at", "articles": "captured_at", "comments": "seen_at", "fetches": "fetched_at"}

BATCH_KEY, EXTRACTOR_KEY, FILES_KEY = b"broadsheet.batch_id", b"broadsheet.extractor", b"broadsheet.files"
"""Keys of each file's own metadata: with them a lost manifest can be made anew."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one table and month: what becomes one file."""

    table: str
    month: str
    rows: pa.Table


def write_batch(
    datadir: DataDir,
    batch_id: str,
    tables: Mapping[str, pa.Table],
    *,
    extractor: str | None,
    on_step: Callable[[str], None] = lambda _: None,
) -> Batch:
    """Write a batch and commit it; one with the same id is replaced, and nothing else is.

    `tables` are keyed by the lake's table names; each is cast to its declared schema, and empty ones leave no file.
    A capture that stands in the batch twice is kept once. Raises ValueError where the tables contradict each other or
    the schema, LakeError where the disk refuses.
    """
    prepared = _prepare(tables)
    parts = [part for name in sorted(prepared) for part in _by_month(name, prepared)]
    try:
        with locked(lake_lock(datadir), purpose="write to the lake"):
            begin(datadir)
            on_step("parquet")
            own = {
                BATCH_KEY: batch_id.encode(),
                EXTRACTOR_KEY: (extractor or "").encode(),
                FILES_KEY: str(len(parts)).encode(),
            }
            paths = [_write_part(datadir, part, own) for part in parts]
            entries = tuple(
                Entry(
                    batch_id=batch_id,
                    table=part.table,
                    path=path.relative_to(datadir.lake).as_posix(),
                    rows=part.rows.num_rows,
                    bytes=path.stat().st_size,
                    sha256=digest,
                    extractor=extractor,
                )
                for part, (path, digest) in zip(parts, paths, strict=True)
            )
            batch = Batch(batch_id, extractor, entries)
            on_step("manifest")
            commit(datadir, batch)
    except OSError as error:
        raise LakeError(f"cannot write to {datadir.lake}: {error.strerror or error}") from error
    return batch


def drop_batches(datadir: DataDir, batch_ids: Iterable[str]) -> None:
    """Take batches out of the manifest; their files go with the next vacuum."""
    with locked(lake_lock(datadir), purpose="write to the lake"):
        Manifest.read(datadir).without(batch_ids).write(datadir)


def known_batches(datadir: DataDir) -> dict[str, str | None]:
    """The batches that the lake holds, each with the extractor that made it."""
    return {key: batch.extractor for key, batch in Manifest.read(datadir).batches.items()}


def vacuum(datadir: DataDir, *, keep_for_readers: bool = True) -> int:
    """Delete the files that the manifest does not name, and return how many.

    Files that the live warehouse reads texts from stay, and those that it read from a while ago, unless
    `keep_for_readers` is false. Only while holding the warehouse's lock: a load may still be reading files of a batch
    that was replaced meanwhile.
    """
    with locked(lake_lock(datadir), purpose="clear up the lake"):
        named = {datadir.lake / e.path for e in Manifest.read(datadir).entries}
        if keep_for_readers and datadir.warehouse.exists():
            named |= _read_by_catalog(datadir)
        stale = [p for p in datadir.lake.glob("*/month=*/*") if p not in named]
        for path in stale:
            path.unlink(missing_ok=True)
    return len(stale)


def _read_by_catalog(datadir: DataDir) -> set[Path]:
    try:
        with open_read_only(datadir.warehouse) as con:
            return {datadir.lake / path for path in named_paths(con, with_replaced=True)}
    except duckdb.CatalogException:
        return set()  # a warehouse of an earlier layout, with its texts inside
    except duckdb.Error:
        # it cannot be asked: what it may read stays, until it can, or is built anew
        return set(datadir.lake.glob("articles/month=*/*.parquet"))


def _prepare(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables as they are written: cast, checked, without repeated captures, sorted."""
    unknown = tables.keys() - RECORDS.keys()
    if unknown:
        raise ValueError(f"the lake has no table {', '.join(sorted(unknown))}")
    prepared = {name: _checked(name, table) for name, table in tables.items() if table.num_rows}
    captures, articles = prepared.get("captures"), prepared.get("articles")
    claimed = set()
    if captures is not None:
        shows_article = pc.is_in(captures["outcome"], pa.array([o.value for o in VERSION_OUTCOMES]))
        claimed = set(captures.filter(shows_article)["capture_id"].to_pylist())
    held = set(articles["capture_id"].to_pylist()) if articles is not None else set()
    if claimed != held:
        one = sorted(claimed ^ held)[0]
        raise ValueError(f"capture {one} is in articles or has an article's outcome, but not both")
    return prepared


def _checked(name: str, table: pa.Table) -> pa.Table:
    record = RECORDS[name]
    for spec in columns_of(record):
        if not spec.is_nullable and table[spec.name].null_count:
            raise ValueError(f"{name}.{spec.name} may not be null")
    table = table.select([c.name for c in columns_of(record)]).cast(arrow_schema(record))
    table = table.sort_by([(column, "ascending") for column in _ORDER[name]])
    keys = zip(*(table[column].to_pylist() for column in _UNIQUE.get(name, ())), strict=True)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    if first and len(first) < table.num_rows:
        table = table.take(pa.array(sorted(first.values())))
    return table


def _by_month(name: str, tables: Mapping[str, pa.Table]) -> list[_Part]:
    months = pa.array([f"{t.year:04}-{t.month:02}" for t in _times(name, tables)])
    return [_Part(name, m, tables[name].filter(pc.equal(months, m))) for m in sorted(set(months.to_pylist()))]


def _times(name: str, tables: Mapping[str, pa.Table]) -> list[datetime]:
    """The time that decides each row's partition; evidence and links have none and take their capture's."""
    if name in _TIME:
        return list(tables[name][_TIME[name]].to_pylist())
    captures = tables.get("captures", pa.table({"capture_id": [], "captured_at": []}))
    at = dict(zip(captures["capture_id"].to_pylist(), captures["captured_at"].to_pylist(), strict=True))
    named = tables[name]["capture_id"].to_pylist()
    if missing := set(named) - at.keys():
        raise ValueError(f"{name} names capture {min(missing)}, which the batch does not hold")
    return [at[key] for key in named]


def _write_part(datadir: DataDir, part: _Part, own: Mapping[bytes, bytes]) -> tuple[Path, str]:
    """Write one file, and return its path and the hash of its content."""
    folder = datadir.lake / part.table / f"month={part.month}"
    folder.mkdir(parents=True, exist_ok=True)
    batch_id = own[BATCH_KEY]
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", batch_id.decode())[-80:].lstrip(".")
    stem = f"{readable}-{blake2b(batch_id, digest_size=4).hexdigest()}"
    temporary = folder / f"{stem}.parquet.tmp"
    pq.write_table(
        part.rows.replace_schema_metadata(own),
        temporary,
        compression="zstd",
        compression_level=3,
        row_group_size=ROW_GROUP_ROWS,
        coerce_timestamps="us",
    )
    digest = _sync_and_hash(temporary)
    path = folder / f"{stem}-{digest[:12]}.parquet"
    temporary.replace(path)
    for changed in (folder, folder.parent, datadir.lake):
        sync_folder(changed)
    return path, digest


def _sync_and_hash(path: Path) -> str:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return file_digest(file, "sha256").hexdigest()
