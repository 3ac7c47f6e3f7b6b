"""What the ledger's classes share: rows to values and back, and one statement for insert-or-replace."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, Update, update
from sqlalchemy.dialects import postgresql, sqlite

from warehouse.ledger_tables import hosts

R = TypeVar("R")
_CHUNK = 500


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace in rows of the same key the columns that are given."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [c.name for c in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement, list(rows))


def as_row(kind: Callable[..., R], row: Any) -> R:
    """A result row as one of the ledger's row classes."""
    names = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names})


def as_dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Row classes as parameters of a statement."""
    return [{f.name: getattr(row, f.name) for f in dataclasses.fields(row)} for row in rows]


def chunks(items: list[str]) -> Iterator[list[str]]:
    """Keys in portions that fit into one statement."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def release_hosts(*where: Any) -> Update:
    """The statement that gives leases back."""
    return update(hosts).where(*where).values(lease_run_id=None, lease_owner=None, lease_until=None)
