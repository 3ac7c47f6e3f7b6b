"""Writing the lake: one batch is the output of one input, complete or not there.

Files are written under a temporary name, synced, renamed, and only then named in the manifest; a killed writer leaves
files that nobody reads. A file's name holds a hash of its content, so replacing a batch never changes a file under a
reader. Rows are sorted and values are cast to the declared schema, so the same rows give the same bytes.

Arrow and DuckDB are loaded where they are used: what the lake holds is asked before there is anything to write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b, file_digest
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from warehouse.datadir import DataDir, sync_folder
from warehouse.errors import LakeError
from warehouse.locks import locked
from warehouse.manifest import Batch, Entry, Manifest, begin, commit, drop, lake_lock
from warehouse.pending import announce, announced, withdraw

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.lake_parts import Part

ROW_GROUP_ROWS = 20_000
_FEW_ROWS = 5_000
"""Up to so many, zstd alone makes the smaller file, and sooner than with a dictionary for each column."""

BATCH_KEY, EXTRACTOR_KEY, FILES_KEY = b"broadsheet.batch_id", b"broadsheet.extractor", b"broadsheet.files"
"""Keys of each file's own metadata: with them a lost manifest can be made anew."""


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
    from warehouse.lake_parts import parts_of

    parts = parts_of(tables)
    try:
        with locked(lake_lock(datadir), purpose="write to the lake"):
            begin(datadir)
            on_step("parquet")
            batch = _write_parts(datadir, batch_id, parts, extractor)
            if datadir.storage is not None:
                on_step("upload")
                datadir.store.keep(datadir.lake / entry.path for entry in batch.entries)
            on_step("manifest")
            commit(datadir, batch)
    except OSError as error:
        raise LakeError(f"cannot write to {datadir.lake}: {error.strerror or error}") from error
    return batch


def begin_lake(datadir: DataDir) -> None:
    """Make the lake ready for `write_files`: the first file must not come before the manifest."""
    with locked(lake_lock(datadir), purpose="write to the lake"):
        begin(datadir)


def write_files(datadir: DataDir, batch_id: str, tables: Mapping[str, pa.Table], *, extractor: str | None) -> Batch:
    """Write a batch's files, whole and durable, and leave it to another process to commit them.

    For writers on other machines: it takes no lock, and nobody sees the files before `commit_files`. Two writers of one
    batch do each other no harm. Raises as `write_batch`.
    """
    from warehouse.lake_parts import parts_of

    parts = parts_of(tables)
    try:
        announce(datadir, _stem(batch_id))
        batch = _write_parts(datadir, batch_id, parts, extractor)
        datadir.store.keep(files := [datadir.lake / entry.path for entry in batch.entries])
        if (bucket := datadir.bucket) is not None and not datadir.warehouse.exists():
            bucket.drop(files)  # nobody loads here
    except OSError as error:
        raise LakeError(f"cannot write to {datadir.lake}: {error.strerror or error}") from error
    return batch


def commit_files(datadir: DataDir, batch: Batch) -> None:
    """Commit what `write_files` wrote. Raises LakeError where a file is not there as it was written."""
    try:
        with locked(lake_lock(datadir), purpose="write to the lake"):
            for entry in batch.entries:
                path = datadir.lake / entry.path
                if datadir.store.size(path) != entry.bytes:
                    raise LakeError(f"{path} is not as it was written: do workers and this machine share one disk?")
            begin(datadir)
            commit(datadir, batch)
            withdraw(datadir, _stem(batch.batch_id))
    except OSError as error:
        raise LakeError(f"cannot write to {datadir.lake}: {error.strerror or error}") from error


def drop_batches(datadir: DataDir, batch_ids: Iterable[str]) -> None:
    """Take batches out of the manifest; their files go with the next vacuum."""
    with locked(lake_lock(datadir), purpose="write to the lake"):
        drop(datadir, batch_ids)


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
        if waiting := announced(datadir):
            stale = [p for p in stale if not p.name.startswith(waiting)]
        for path in stale:
            path.unlink(missing_ok=True)
        if (bucket := datadir.bucket) is not None:
            from warehouse.bucket_vacuum import vacuum_bucket

            return vacuum_bucket(bucket, at_once=not keep_for_readers)
    return len(stale)


def _read_by_catalog(datadir: DataDir) -> set[Path]:
    import duckdb

    from warehouse.reading import open_read_only
    from warehouse.texts import named_paths

    try:
        with open_read_only(datadir.warehouse) as con:
            return {datadir.lake / path for path in named_paths(con, with_replaced=True)}
    except duckdb.CatalogException:
        return set()  # a warehouse of an earlier layout, with its texts inside
    except duckdb.Error:
        # it cannot be asked: what it may read stays, until it can, or is built anew
        return set(datadir.lake.glob("articles/month=*/*.parquet"))


def _write_parts(datadir: DataDir, batch_id: str, parts: list[Part], extractor: str | None) -> Batch:
    own = {
        BATCH_KEY: batch_id.encode(),
        EXTRACTOR_KEY: (extractor or "").encode(),
        FILES_KEY: str(len(parts)).encode(),
    }
    paths = [_write_part(datadir, part, own, _stem(batch_id)) for part in parts]
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
    return Batch(batch_id, extractor, entries)


def _stem(batch_id: str) -> str:
    """What the names of a batch's files begin with: readable, and no other batch's."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", batch_id)[-80:].lstrip(".")
    return f"{readable}-{blake2b(batch_id.encode(), digest_size=4).hexdigest()}"


def _write_part(datadir: DataDir, part: Part, own: Mapping[bytes, bytes], stem: str) -> tuple[Path, str]:
    """Write one file, and return its path and the hash of its content."""
    import pyarrow.parquet as pq

    folder = datadir.lake / part.table / f"month={part.month}"
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{stem}.{token_hex(4)}.parquet.tmp"
    pq.write_table(
        part.rows.replace_schema_metadata(own),
        temporary,
        compression="zstd",
        compression_level=3,
        row_group_size=ROW_GROUP_ROWS,
        use_dictionary=part.rows.num_rows > _FEW_ROWS,
        coerce_timestamps="us",
    )
    digest = _sync_and_hash(temporary)
    # in a bucket nobody writes a name again that another machine may be clearing away
    token = f"-{token_hex(4)}" if datadir.storage is not None else ""
    path = folder / f"{stem}-{digest[:12]}{token}.parquet"
    temporary.replace(path)
    for changed in (folder, folder.parent, datadir.lake):
        sync_folder(changed)
    return path, digest


def _sync_and_hash(path: Path) -> str:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return file_digest(file, "sha256").hexdigest()
