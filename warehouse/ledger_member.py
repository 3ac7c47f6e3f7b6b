"""A worker among several that share one crawl: its sign of life, and what becomes of one that gives none.

A worker is a run. While it lives, the sources, hosts and pages that it took are its own. One that is dead loses them to
the others, but for the pages whose answer it was just writing: whether it did only its own disk can say, so they wait
for the next run over its data dir, its place. Whoever was held for dead and lives is told so at its next step, and may
take nothing more.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Update, and_, delete, event, func, select, text, update

from warehouse import ledger_tables as t
from warehouse.datadir import DataDir, write_atomically
from warehouse.errors import UserError
from warehouse.ledger_rows import NOBODY, is_alive, is_running_here
from warehouse.ledger_sql import chunks, upsert

DOUBT_S = 86_400.0
"""After so long the pages that a dead worker was just writing are asked again, though it may have kept them."""
PLACE_NAME = "ledger-place"


class LeaseLostError(UserError):
    """Another worker found this one dead and took its part over."""


def place_of(datadir: DataDir) -> str:
    """The name under which a data dir is known to a ledger that several share; it goes where the folder goes."""
    file = datadir.root / PLACE_NAME
    if not file.exists():
        write_atomically(file, f"{uuid.uuid4().hex}\n".encode())
    return file.read_text(encoding="utf-8").strip()


class Member:
    """One run as a worker of a shared crawl. Times are of one clock for all workers: the server's."""

    def __init__(self, engine: Engine, *, run_id: str, owner: str, place: str, lease_s: float) -> None:
        self.engine = engine
        self.run_id = run_id
        self.owner = owner
        self.place = place
        self.lease_s = lease_s
        self._connections: WeakSet[Any] = WeakSet()
        event.listen(engine, "checkout", lambda connection, _record, _proxy: self._connections.add(connection))

    def sever(self) -> None:
        """Shut all connections down: a thread that waits for a server that will never answer goes on, with an error."""
        for connection in list(self._connections):
            # it may be closed, or be closed this moment by its own thread
            with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    def server_time(self) -> float:
        """The time of the ledger's server, in seconds since 1970."""
        with self.engine.connect() as connection:
            return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())

    def join(self, now: float) -> None:
        """Begin to take part."""
        row = {
            "run_id": self.run_id,
            "owner": self.owner,
            "place": self.place,
            "joined_at": now,
            "alive_until": now + self.lease_s,
            "taken_at": None,
            "is_hungry": False,
            "commit_number": 0,
        }
        w, r = t.workers.c, t.runs.c
        with self.engine.begin() as connection:
            ended = select(r.run_id).where(r.state != "running")
            waiting = select(t.batches.c.run_id)
            connection.execute(delete(t.workers).where(w.run_id.in_(ended), w.run_id.not_in(waiting)))
            upsert(connection, t.workers, [row])

    def renew(self, now: float) -> None:
        """Give a sign of life. Raises LeaseLostError where it came too late."""
        until = now + self.lease_s
        with self.engine.begin() as connection:
            mine = and_(t.workers.c.run_id == self.run_id, t.workers.c.taken_at.is_(None))
            if not connection.execute(update(t.workers).where(mine).values(alive_until=until)).rowcount:
                raise self.lost()
            held = t.hosts.c.lease_run_id == self.run_id
            connection.execute(update(t.hosts).where(held).values(lease_until=until))

    def leave(self) -> None:
        """End taking part in good order: what is still in hand is free for others."""
        with self.engine.begin() as connection:
            _free_all(connection, self.run_id)
            self._mark_gone(connection, self.run_id)

    def break_off(self) -> None:
        """End taking part in disorder: others may take over at once, and the next run here enters what was written."""
        with self.engine.begin() as connection:
            mine = t.workers.c.run_id == self.run_id
            connection.execute(update(t.workers).where(mine).values(owner=NOBODY, alive_until=0.0))

    def take_over(self, now: float, *, has_joined: bool = True) -> list[str]:
        """Free what dead workers held, and give their run ids; before we join, a worker of our id is an earlier one.

        The hosts count as asked just now, so that the first request of whoever takes them keeps its distance from the
        last one of the dead, whenever that was.
        """
        w = t.workers.c
        with self.engine.begin() as connection:
            chosen = select(w.run_id, w.owner, w.alive_until).where(w.taken_at.is_(None))
            rows = connection.execute(chosen.order_by(w.run_id).with_for_update(skip_locked=True)).all()
            dead = [
                r.run_id
                for r in rows
                if (not has_joined if r.run_id == self.run_id else r.alive_until < now or not is_alive(r.owner))
            ]
            for run_id in dead:
                connection.execute(update(t.workers).where(w.run_id == run_id).values(taken_at=now))
                held = t.hosts.c.lease_run_id == run_id
                connection.execute(update(t.hosts).where(held).values(last_request_at=now))
                _free_all(connection, run_id)
            forlorn = select(w.run_id).where(w.taken_at < now - DOUBT_S)
            in_doubt = update(t.queue).where(t.queue.c.run_id.in_(forlorn))
            connection.execute(in_doubt.values(run_id=None, batch_id=None))
            return dead

    def broken_off_here(self) -> list[str]:
        """Runs over this data dir that others took over, or that have our id, and that no process of ours goes on with.

        Their WARC files lie here, so it is for us to say what they had written.
        """
        w, r = t.workers.c, t.runs.c
        with self.engine.connect() as connection:
            chosen = select(w.run_id, w.owner).join(t.runs, r.run_id == w.run_id)
            chosen = chosen.where(w.place == self.place, w.taken_at.is_not(None), r.state == "running")
            rows = connection.execute(chosen.order_by(w.run_id)).all()
        return [row.run_id for row in rows if row.run_id == self.run_id or not is_running_here(row.owner)]

    def resolve(self, run_id: str, kept: Sequence[str]) -> None:
        """A run's disk has been read: pages that it kept have their outcome, the others it had in hand are free."""
        q = t.queue.c
        with self.engine.begin() as connection:
            for chunk in chunks(sorted(kept)):
                connection.execute(delete(t.queue).where(q.url.in_(chunk), q.run_id == run_id))
            connection.execute(update(t.queue).where(q.run_id == run_id).values(run_id=None, batch_id=None))
            self._mark_gone(connection, run_id)

    @contextmanager
    def taking(self) -> Iterator[Connection]:
        """A transaction that only a worker may make that is not held for dead; whoever would take it over waits.

        Raises LeaseLostError.
        """
        w = t.workers.c
        with self.engine.begin() as connection:
            mine = select(w.run_id).where(w.run_id == self.run_id, w.taken_at.is_(None))
            if connection.execute(mine.with_for_update(read=True, key_share=True)).one_or_none() is None:
                raise self.lost()
            yield connection

    def _mark_gone(self, connection: Connection, run_id: str) -> None:
        """A run that has ended stays known while batches of it wait to be handed over: it says where they lie."""
        ended = update(t.workers).where(t.workers.c.run_id == run_id)
        connection.execute(ended.values(taken_at=func.coalesce(t.workers.c.taken_at, 0.0), is_hungry=False))

    def lost(self) -> LeaseLostError:
        """What is to be said of this worker where another has taken it over."""
        return LeaseLostError(
            f"run {self.run_id} gave no sign of life for {self.lease_s:g} s and another worker took its hosts over: "
            "it stops; what it captured is kept, and the next run over this data dir enters it"
        )


def free_pages(run_id: str) -> Update:
    """The statement that frees the pages of a run but for those whose answer it was writing."""
    q = t.queue.c
    return update(t.queue).where(q.run_id == run_id, q.batch_id.is_(None)).values(run_id=None)


def _free_all(connection: Connection, run_id: str) -> None:
    connection.execute(free_pages(run_id))
    connection.execute(update(t.courses).where(t.courses.c.run_id == run_id).values(run_id=None))
    held = t.hosts.c.lease_run_id == run_id
    connection.execute(update(t.hosts).where(held).values(lease_run_id=None, lease_owner=None, lease_until=None))
