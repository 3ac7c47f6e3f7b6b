"""The lake as DuckDB sees it while loading: views on an explicit list of files, in the declared schema.

Never a glob: it shows files that the manifest does not name. Never the files' own schema: a column that was added since
would be dropped in silence, or missing; here it is null.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from transforms.columns import columns_of
from transforms.schema import RECORDS
from warehouse.datadir import DataDir
from warehouse.ddl import duckdb_type, empty_relation, literal, quoted
from warehouse.manifest import Batch


def create_lake_views(
    con: duckdb.DuckDBPyConnection, datadir: DataDir, batches: Iterable[Batch], *, prefix: str = "lake"
) -> None:
    """Temporary views `<prefix>_<table>` on the files of some batches: the record's columns and batch_id."""
    files: dict[str, list[tuple[str, str]]] = {table: [] for table in RECORDS}
    for batch in batches:
        for entry in batch.entries:
            files[entry.table].append((str(datadir.lake / entry.path), batch.batch_id))
    for table, listed in files.items():
        con.execute(f"CREATE OR REPLACE TEMP VIEW {prefix}_{table} AS {_relation(RECORDS[table], listed)}")


def unreadable(datadir: DataDir, batch: Batch) -> str | None:
    """Why a batch's files cannot be read, in one line; None where they are there in full length."""
    for entry in batch.entries:
        path = datadir.lake / entry.path
        try:
            size = path.stat().st_size
        except OSError as error:
            return f"batch {batch.batch_id}: cannot read {path}: {error.strerror}"
        if size != entry.bytes:
            return f"batch {batch.batch_id}: {path} has {size} bytes, not {entry.bytes}"
    return None


def _relation(record: type, files: list[tuple[str, str]]) -> str:
    empty = empty_relation(record)
    if not files:
        return f"SELECT *, CAST(NULL AS VARCHAR) AS batch_id FROM ({empty})"
    columns = ", ".join(
        f"CAST(rows.{quoted(c.name)} AS {duckdb_type(c.arrow_type)}) AS {quoted(c.name)}" for c in columns_of(record)
    )
    paths = ", ".join(literal(path) for path, _ in files)
    names = ", ".join(f"({literal(path)}, {literal(batch)})" for path, batch in files)
    return (
        f"SELECT {columns}, files.batch_id FROM ("
        f"SELECT *, CAST(NULL AS VARCHAR) AS filename FROM ({empty}) UNION ALL BY NAME "
        f"SELECT * FROM read_parquet([{paths}], union_by_name = true, filename = true, hive_partitioning = false)"
        f") AS rows JOIN (VALUES {names}) AS files (filename, batch_id) USING (filename)"
    )
