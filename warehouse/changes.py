"""What each version changed, worked out at a load for those versions that follow another one than before.

A version is compared with the one before it. A capture that comes late puts itself between two, so what is compared
anew is decided by which captures stand beside each other now, not by what is new.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from warehouse.counting import count_rows
from warehouse.datadir import DataDir
from warehouse.former_texts import read_former_texts
from warehouse.statements import statement
from warehouse.texts import in_rows, rows_with_text

_ROWS = 1_000
"""Pairs that are held in memory at once: two texts each."""

_PAIRS = """
SELECT f.capture_id, f.previous_capture_id, old, new
FROM followers AS f
JOIN sides AS old ON old.capture_id = f.previous_capture_id
JOIN sides AS new ON new.capture_id = f.capture_id
"""
_SCHEMA = pa.schema(
    [
        ("capture_id", pa.string()),
        ("previous_capture_id", pa.string()),
        ("changed_fields", pa.string()),
        ("words_added_count", pa.int64()),
        ("words_removed_count", pa.int64()),
        ("is_silent", pa.bool_()),
    ]
)


def update_changes(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> None:
    """Bring changed_fields, word counts and is_silent up to date for the touched articles. Reads their texts alone.

    `datadir` has the search index of the load before, which gives most of the former texts.
    """
    con.execute(statement("changes_pairs"))
    if not count_rows(con, "compared_rows"):
        return
    read_former_texts(con, datadir)
    sides = statement("changes_sides").replace("in_compared_rows", in_rows(con, "compared_rows"))
    con.execute(sides.replace("unread_with_text", rows_with_text(con, "unread_rows")))
    pairs = con.execute(_PAIRS)
    compared: list[dict[str, Any]] = []
    while rows := pairs.fetchmany(_ROWS):
        compared.extend(_compared(*row) for row in rows)
    con.register("compared", pa.Table.from_pylist(compared, _SCHEMA))
    con.execute(statement("changes_put"))
    con.unregister("compared")
    con.execute("DROP TABLE sides")


def _compared(capture_id: str, previous: str, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    from transforms.changes import Shown, compare  # its patterns take 0.03 s, and most loads compare nothing

    shown = (Shown(**{name: value for name, value in side.items() if name != "capture_id"}) for side in (old, new))
    change = compare(*shown)
    return {
        "capture_id": capture_id,
        "previous_capture_id": previous,
        "changed_fields": ",".join(change.changed_fields) or None,
        "words_added_count": change.words_added_count,
        "words_removed_count": change.words_removed_count,
        "is_silent": change.is_silent,
    }
