"""What the ledger's classes share: rows to values and back, and one statement for insert-or-replace."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, Update, update
from sqlalchemy.dialects import postgresql, sqlite

from warehouse.ledger_rows import RobotsState
from warehouse.ledger_tables import hosts, robots, robots_copies

R = TypeVar("R")
_CHUNK = 500


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace in rows of the same key the columns that are given."""
    if not rows:
        return
    statement = insert_into(connection, table)
    keys = [c.name for c in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), in_order(table, rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, and leave those of the same key as they are."""
    if rows:
        statement = insert_into(connection, table).on_conflict_do_nothing()
        connection.execute(statement, in_order(table, rows))


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def in_order(table: Table, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows by their keys: transactions that lock rows in one order never wait for each other in a circle."""
    keys = [c.name for c in table.primary_key]
    return sorted(rows, key=lambda row: [row[key] for key in keys])


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


def put_robots(connection: Connection, state: RobotsState) -> None:
    """Keep a site's robots.txt, and each text that it ever had, so that a past decision can be explained."""
    upsert(connection, robots, [dataclasses.asdict(state)])
    if state.body is not None and state.digest is not None:
        copy = {"digest": state.digest, "site": state.site, "body": state.body}
        insert_new(connection, robots_copies, [{**copy, "first_seen_at": state.fetched_at}])
