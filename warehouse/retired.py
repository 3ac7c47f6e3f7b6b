"""Which capture files were removed on purpose, so that nobody takes their absence for damage.

The note stands in `retired.jsonl` beside the data, written before a file is deleted: it outlives every rebuild. A file
counts as retired while it is noted and not there; one that is ingested again is a capture file like any other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import duckdb

from transforms.columns import to_table
from warehouse.batch_names import warc_file_of
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.records import RetiredFile

NOTES_NAME = "retired.jsonl"


def retired_files(datadir: DataDir) -> dict[str, RetiredFile]:
    """The files that were removed on purpose and are not there, by path below captures/. Raises UserError."""
    path = datadir.root / NOTES_NAME
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    noted = [_note(json.loads(line)) for line in lines if line.endswith("}")]  # a killed writer can leave half a line
    return {n.warc_file: n for n in noted if datadir.store.size(datadir.captures / n.warc_file) is None}


def add_notes(datadir: DataDir, notes: Iterable[RetiredFile]) -> None:
    """Write notes durably."""
    lines = (json.dumps(asdict(note), default=datetime.isoformat, ensure_ascii=False) for note in notes)
    with (datadir.root / NOTES_NAME).open("a", encoding="utf-8") as file:
        file.write("".join(f"\n{line}" for line in lines) + "\n")  # on a line of its own, whatever a kill left before
        file.flush()
        os.fsync(file.fileno())


def batches_of_retired(datadir: DataDir, batch_ids: Iterable[str]) -> set[str]:
    """Those of the batches that no capture file can give any more, because theirs was removed on purpose."""
    gone = retired_files(datadir)
    return {batch_id for batch_id in batch_ids if warc_file_of(batch_id) in gone}


def put_retired(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> None:
    """Bring the table `retired` of an open warehouse up to date."""
    con.execute("DELETE FROM retired")
    con.register("new_rows", to_table(RetiredFile, retired_files(datadir).values()))
    con.execute("INSERT INTO retired BY NAME FROM new_rows")
    con.unregister("new_rows")


def _note(fields: dict[str, Any]) -> RetiredFile:
    times = {name: datetime.fromisoformat(fields[name]) for name in ("retired_at", "newest_captured_at")}
    return RetiredFile(**(fields | times))
