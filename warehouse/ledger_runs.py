"""Runs and their batches in the ledger: what is under way, what was interrupted, what nobody has taken over yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, delete, insert, select, update

from transforms.schema import Fetch
from warehouse import ledger_tables as t
from warehouse.ledger_rows import NOBODY, BatchState, is_alive
from warehouse.ledger_sql import as_row, release_hosts, upsert

FETCH = TypeAdapter(Fetch)


def log_fetches(connection: Connection, batch_id: str, warc_file: str | None, fetches: Iterable[Fetch]) -> None:
    """Note outcomes under their batch, and the batch's WARC file where it has one."""
    log = [{"batch_id": batch_id, "capture_id": f.capture_id, "record": FETCH.dump_json(f)} for f in fetches]
    if log:
        connection.execute(insert(t.fetch_log), log)
    if warc_file is not None:
        chosen = t.batches.c.batch_id == batch_id
        connection.execute(update(t.batches).where(chosen).values(warc_file=warc_file))


"""How a Fetch is kept in the log."""


class RunLog:
    """The ledger's runs, batches and log of fetches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    def start(self, run_id: str, owner: str, now: float) -> None:
        """Enter a run as running."""
        with self._engine.begin() as connection:
            row = {"run_id": run_id, "owner": owner, "started_at": now, "finished_at": None, "state": "running"}
            upsert(connection, t.runs, [row])

    def finish(self, run_id: str, now: float, state: str) -> None:
        """End a run: its leases and claims are free."""
        with self._engine.begin() as connection:
            connection.execute(update(t.runs).where(t.runs.c.run_id == run_id).values(finished_at=now, state=state))
            connection.execute(release_hosts(t.hosts.c.lease_run_id == run_id))
            connection.execute(update(t.urls).where(t.urls.c.run_id == run_id).values(run_id=None))

    def abandon(self, run_id: str) -> None:
        """Note that a run broke off although its process lives: the next one puts it in order, as after a kill."""
        with self._engine.begin() as connection:
            connection.execute(update(t.runs).where(t.runs.c.run_id == run_id).values(owner=NOBODY))
            connection.execute(update(t.hosts).where(t.hosts.c.lease_run_id == run_id).values(lease_owner=NOBODY))

    def interrupted(self, run_id: str) -> list[str]:
        """Runs that neither finished nor run any more. A run of the same id that is not ours counts as interrupted."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(t.runs.c.run_id, t.runs.c.owner).where(t.runs.c.state == "running"))
            return [r.run_id for r in rows if r.run_id == run_id or not is_alive(r.owner)]

    def open_batch(self, batch_id: str, run_id: str) -> None:
        """Enter a batch before anything is written to it."""
        with self._engine.begin() as connection:
            upsert(connection, t.batches, [{"batch_id": batch_id, "run_id": run_id}])

    def close_batch(self, batch_id: str, warc_file: str | None, now: float) -> None:
        """Note that nothing more comes to a batch."""
        with self._engine.begin() as connection:
            chosen = t.batches.c.batch_id == batch_id
            connection.execute(update(t.batches).where(chosen).values(warc_file=warc_file, closed_at=now))

    def hand_over(self, batch_id: str) -> None:
        """Forget a batch's log: whoever loads it has it."""
        with self._engine.begin() as connection:
            connection.execute(delete(t.fetch_log).where(t.fetch_log.c.batch_id == batch_id))
            connection.execute(delete(t.batches).where(t.batches.c.batch_id == batch_id))

    def open_batches(self, run_ids: Sequence[str]) -> list[BatchState]:
        """Batches of these runs that nobody has taken over."""
        with self._reader.connect() as connection:
            chosen = select(t.batches).where(t.batches.c.run_id.in_(run_ids)).order_by(t.batches.c.batch_id)
            return [as_row(BatchState, r) for r in connection.execute(chosen)]

    def orphan_batches(self, place: str | None = None) -> list[BatchState]:
        """Batches of runs that ended, that nobody has taken over; `place` names the data dir, where several share."""
        with self._reader.connect() as connection:
            ended = select(t.runs.c.run_id).where(t.runs.c.state != "running")
            if place is not None:
                ended = ended.join(t.workers, t.workers.c.run_id == t.runs.c.run_id).where(t.workers.c.place == place)
            chosen = select(t.batches).where(t.batches.c.run_id.in_(ended)).order_by(t.batches.c.batch_id)
            return [as_row(BatchState, r) for r in connection.execute(chosen)]

    def fetches_of(self, batch_id: str) -> tuple[Fetch, ...]:
        """The log of a batch, in the order in which the outcomes became known."""
        with self._reader.connect() as connection:
            chosen = select(t.fetch_log.c.record).where(t.fetch_log.c.batch_id == batch_id)
            rows = connection.execute(chosen.order_by(t.fetch_log.c.number))
            return tuple(FETCH.validate_json(r.record) for r in rows)
