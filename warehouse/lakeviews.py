"""The lake as DuckDB sees it while loading: views on an explicit list of files, in the declared schema.

Never a glob: it shows files that the manifest does not name. Never the files' own schema: a column that was added since
would be dropped in silence, or missing; here it is null.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import file_digest

import duckdb

from transforms.columns import columns_of
from transforms.schema import RECORDS
from warehouse.datadir import DataDir
from warehouse.ddl import duckdb_type, empty_relation, literal, quoted
from warehouse.manifest import Batch, Entry


def create_lake_views(
    con: duckdb.DuckDBPyConnection, datadir: DataDir, batches: Iterable[Batch], *, prefix: str = "lake"
) -> None:
    """Temporary views `<prefix>_<table>` on the files of some batches: the record's columns and batch_id."""
    entries: dict[str, list[Entry]] = {table: [] for table in RECORDS}
    for batch in batches:
        for entry in batch.entries:
            entries[entry.table].append(entry)
    fetch_files(datadir, (entry for listed in entries.values() for entry in listed))
    for table, listed in entries.items():
        con.execute(f"CREATE OR REPLACE TEMP VIEW {prefix}_{table} AS {_relation(datadir, RECORDS[table], listed)}")


def fetch_files(datadir: DataDir, entries: Iterable[Entry]) -> None:
    """See that files can be opened here; what is nowhere, or is not what was written, is left to its readers to say.

    Raises StorageError.
    """
    if datadir.storage is not None:
        datadir.store.fetch({datadir.lake / entry.path for entry in entries})


def unreadable(datadir: DataDir, batch: Batch) -> str | None:
    """Why a batch's files cannot be read, in one line; None where they are there in full length. StorageError."""
    fetch_files(datadir, batch.entries)
    for entry in batch.entries:
        path = datadir.lake / entry.path
        try:
            size = path.stat().st_size
        except OSError as error:
            return f"batch {batch.batch_id}: cannot read {path}: {error.strerror}"
        if size != entry.bytes:
            return f"batch {batch.batch_id}: {path} has {size} bytes, not {entry.bytes}"
    return None


def unsound(datadir: DataDir, batch: Batch) -> str | None:
    """The same, but every byte is read: foreign and garbled files, other types and what may not be missing is found."""
    if problem := unreadable(datadir, batch):
        return problem
    for entry in batch.entries:
        path = datadir.lake / entry.path
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != entry.checksum:
                return f"batch {batch.batch_id}: {path} is not what was written, its checksum differs"
    with duckdb.connect() as con:
        create_lake_views(con, datadir, [batch])
        for table in sorted({entry.table for entry in batch.entries}):
            needed = [c.name for c in columns_of(RECORDS[table]) if not c.is_nullable]
            counts = ", ".join(f"count(*) - count({quoted(name)})" for name in needed)
            try:
                con.execute(f"SELECT count(COLUMNS(*)) FROM lake_{table}").fetchall()
                [lacking] = con.execute(f"SELECT {counts} FROM lake_{table}").fetchall()
            except duckdb.Error as error:
                return f"batch {batch.batch_id}: its {table} cannot be read: {str(error).splitlines()[0]}"
            if missing := [name for name, count in zip(needed, lacking, strict=True) if count]:
                return f"batch {batch.batch_id}: its {table} lack {', '.join(missing)}: extract its captures again"
    return None


def _relation(datadir: DataDir, record: type, entries: list[Entry]) -> str:
    empty = empty_relation(record)
    own = [_place(datadir, e) for e in entries if e.file_sha256 is None]
    shared = [_place(datadir, e) for e in entries if e.file_sha256 is not None]
    parts = [
        # a file of one batch does not say in its rows which
        *([_rows(record, own, "USING (filename)")] if own else []),
        # a shared file may still hold rows of batches that were made anew since
        *(
            [_rows(record, shared, "ON rows.filename = files.filename AND rows.batch_id = files.batch_id")]
            if shared
            else []
        ),
    ]
    return " UNION ALL ".join(parts) or f"SELECT *, CAST(NULL AS VARCHAR) AS batch_id FROM ({empty})"


def _place(datadir: DataDir, entry: Entry) -> tuple[str, str]:
    return str(datadir.lake / entry.path), entry.batch_id


def _rows(record: type, places: list[tuple[str, str]], condition: str) -> str:
    """The rows of some batches in some files, in the declared columns."""
    columns = ", ".join(
        f"CAST(rows.{quoted(c.name)} AS {duckdb_type(c.arrow_type)}) AS {quoted(c.name)}" for c in columns_of(record)
    )
    paths = ", ".join(literal(path) for path in dict.fromkeys(path for path, _ in places))
    names = ", ".join(f"({literal(path)}, {literal(batch)})" for path, batch in places)
    return (
        f"SELECT {columns}, files.batch_id FROM ("
        f"SELECT *, CAST(NULL AS VARCHAR) AS filename FROM ({empty_relation(record)}) UNION ALL BY NAME "
        f"SELECT * FROM read_parquet([{paths}], union_by_name = true, filename = true, hive_partitioning = false)"
        f") AS rows JOIN (VALUES {names}) AS files (filename, batch_id) {condition}"
    )
