"""The manifest's log: what was committed since the manifest was last written whole, one line for each batch.

Writing the whole list for each batch costs what the lake holds: seconds for each, from some ten thousand batches on. A
line is appended and synced instead, and now and then folded into the manifest. A line that was cut off by a crash is
the last one; its batch was not committed, so readers leave it out and the next writer cuts it away.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.datadir import sync_folder


@dataclass(frozen=True, slots=True)
class Change:
    """One batch as it now is: its entries as they stand in the manifest; none where it was dropped."""

    batch_id: str
    entries: tuple[dict[str, Any], ...]


def begin_log(path: Path) -> None:
    """Make an empty log, before the manifest that names it: one that is named and missing can only have been lost."""
    with path.open("wb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def read_log(path: Path) -> list[Change]:
    """The changes in order. Raises ValueError for a damaged log, OSError."""
    return _whole_lines(path.read_bytes())[0]


def append_to_log(path: Path, change: Change) -> int:
    """Commit a change, and return how many bytes the log has. Only while holding the lake's lock.

    Raises ValueError for a damaged log, OSError, FileNotFoundError for one that was lost.
    """
    line = json.dumps({"batch_id": change.batch_id, "entries": change.entries}, ensure_ascii=False) + "\n"
    with path.open("r+b") as file:
        length = _whole_lines(file.read())[1]
        file.truncate(length)
        file.seek(length)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _whole_lines(content: bytes) -> tuple[list[Change], int]:
    """The changes of all whole lines, and the length of these lines in bytes."""
    changes: list[Change] = []
    length = 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            if not line.endswith(b"\n"):
                raise ValueError("the line has no end")
            read = json.loads(line)
            changes.append(Change(str(read["batch_id"]), tuple(read["entries"])))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise ValueError(f"line {number} of the log is damaged") from error
        length += len(line)
    return changes, length
