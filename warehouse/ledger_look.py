"""Questions to a ledger on a server, for the commands that look after a data dir; they change nothing.

What such a ledger knows belongs to all data dirs whose workers share it. Whether one of them holds a capture that the
ledger names cannot be asked: another may hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from warehouse import ledger_tables as t
from warehouse.datadir import DataDir
from warehouse.ledger_member import PLACE_NAME, place_of
from warehouse.ledger_place import ledger_errors, open_engine
from warehouse.ledger_rows import is_alive


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLedger:
    """How a ledger on a server stands."""

    version: str
    """Of the server."""
    url_count: int
    queued_count: int
    """Pages that a shared crawl has taken on and that have no outcome yet."""
    worker_count: int
    """Workers that give signs of life."""
    ahead_count: int
    """URLs with an outcome from a time to come."""


def look_at_server(datadir: DataDir, now: float) -> ServerLedger:
    """How the ledger stands. Raises LedgerError where it cannot be read."""
    with _looking(datadir) as connection:
        alive = select(func.count()).select_from(t.workers)
        alive = alive.where(t.workers.c.taken_at.is_(None), t.workers.c.alive_until >= now)
        ahead = select(func.count()).select_from(t.urls).where(t.urls.c.outcome_at > now + 3_600)
        return ServerLedger(
            version=str(connection.execute(text("SHOW server_version")).scalar_one()).split()[0],
            url_count=connection.execute(select(func.count()).select_from(t.urls)).scalar_one(),
            queued_count=connection.execute(select(func.count()).select_from(t.queue)).scalar_one(),
            worker_count=connection.execute(alive).scalar_one(),
            ahead_count=connection.execute(ahead).scalar_one(),
        )


def due_and_claimed(datadir: DataDir, now: float) -> tuple[int, int]:
    """How many URLs may be asked for now, and how many a worker has in hand. Raises LedgerError."""
    with _looking(datadir) as connection:
        q, u = t.queue.c, t.urls.c
        claimed = connection.execute(select(func.count(q.run_id))).scalar_one()
        due = select(func.count()).select_from(t.urls).where(u.due_at <= now)
        return connection.execute(due).scalar_one() - claimed, claimed


def runs_over(datadir: DataDir) -> tuple[str, ...]:
    """Ids of the runs that crawl into this data dir, in processes that live. Raises LedgerError."""
    if not (datadir.root / PLACE_NAME).exists():
        return ()
    w = t.workers.c
    with _looking(datadir) as connection:
        now = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
        rows = connection.execute(
            select(w.run_id, w.owner).where(w.place == place_of(datadir), w.taken_at.is_(None), w.alive_until >= now)
        ).all()
    return tuple(row.run_id for row in rows if is_alive(row.owner))


@contextmanager
def _looking(datadir: DataDir) -> Iterator[Connection]:
    engine = open_engine(datadir.ledger_place)
    try:
        with ledger_errors(datadir.ledger_place), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
