"""Files of the lake that several batches share: their rows, each with its batch, and what the batches are.

A shared file tells its batches in its own metadata, with the hash of the file that each was written as; so a lost
manifest can be made anew from the lake alone.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from secrets import token_hex

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.columns import columns_of
from transforms.schema import RECORDS
from warehouse.datadir import DataDir, sync_folder
from warehouse.errors import LakeError
from warehouse.lake import ROW_GROUP_ROWS
from warehouse.manifest import Entry

BATCHES_KEY = b"broadsheet.batches"
"""Key of the file's metadata: JSON, the entries of its batches."""
BATCH_COLUMN = "batch_id"


def write_shared(datadir: DataDir, entries: Sequence[Entry], counts: dict[str, int]) -> tuple[Path, str]:
    """Write the rows of entries of one table and month into one file; its path and the hash of its content.

    `counts` are the files of each batch. Raises LakeError where a file cannot be read or lacks rows, OSError where the
    new one cannot be written.
    """
    folder = (datadir.lake / entries[0].path).parent
    own = [
        {
            "batch_id": e.batch_id,
            "rows": e.rows,
            "sha256": e.sha256,
            "extractor": e.extractor,
            "files": counts[e.batch_id],
        }
        for e in entries
    ]
    schema = _shared_schema(RECORDS[entries[0].table]).with_metadata({BATCHES_KEY: json.dumps(own).encode()})
    temporary = folder / "compacted.parquet.tmp"
    with pq.ParquetWriter(temporary, schema, compression="zstd", compression_level=3) as writer:
        waiting: list[pa.Table] = []
        for table in _tables(datadir, entries, schema):
            waiting.append(table)
            if sum(t.num_rows for t in waiting) >= ROW_GROUP_ROWS:
                writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=ROW_GROUP_ROWS)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
        digest = file_digest(file, "sha256").hexdigest()
    token = f"-{token_hex(4)}" if datadir.storage is not None else ""
    path = folder / f"compacted-{digest[:16]}{token}.parquet"
    temporary.replace(path)
    sync_folder(folder)
    return path, digest


def _shared_schema(record: type) -> pa.Schema:
    """The record's columns and the batch. None is declared to hold no null: files of earlier schemas may lack some."""
    return pa.schema([(c.name, c.arrow_type) for c in columns_of(record)] + [(BATCH_COLUMN, pa.string())])


def _tables(datadir: DataDir, entries: Sequence[Entry], schema: pa.Schema) -> Iterator[pa.Table]:
    """The entries' rows in the shared file's columns, file by file."""
    datadir.store.fetch({datadir.lake / entry.path for entry in entries})
    by_path: dict[str, list[Entry]] = {}
    for entry in entries:
        by_path.setdefault(entry.path, []).append(entry)
    for path, listed in sorted(by_path.items()):
        wanted = {e.batch_id: e.rows for e in listed}
        found = Counter[str]()
        try:
            for rows in _live(datadir.lake / path, listed):
                found.update(rows[BATCH_COLUMN].to_pylist())
                given = {name: rows[name] for name in rows.column_names}
                columns = [given.get(f.name, pa.nulls(rows.num_rows, f.type)).cast(f.type) for f in schema]
                yield pa.Table.from_arrays(columns, schema=schema)
        except (OSError, pa.ArrowInvalid) as error:
            raise LakeError(f"cannot read lake/{path}: {str(error).splitlines()[0]}") from error
        if found != wanted:
            raise LakeError(
                f"lake/{path} does not hold the rows that the manifest names: `broadsheet verify` tells more"
            )


def _live(path: Path, entries: Sequence[Entry]) -> Iterator[pa.Table]:
    """The rows of the entries in one file, each with its batch."""
    if entries[0].file_sha256 is None:
        rows = pq.read_table(path, partitioning=None)
        yield rows.append_column(BATCH_COLUMN, pa.array([entries[0].batch_id] * rows.num_rows, pa.string()))
        return
    live = pa.array([e.batch_id for e in entries])
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROW_GROUP_ROWS):
            table = pa.Table.from_batches([batch])
            yield table.filter(pc.is_in(table[BATCH_COLUMN], live))
