"""The crawl ledger: each URL's state, host leases, robots copies, and the log of fetches not yet taken over.

A transactional store, so that a kill at any moment leaves whole facts. The order of commits makes the guarantee: first
the WARC record is synced, then one transaction here writes the URL's new state and its Fetch together. Several
processes may write: in a SQLite file each transaction takes the write lock at its start and waits for it, on a server
the rows that are read in order to be changed are locked (`warehouse.ledger_share`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete, func, select, update

from transforms.schema import Fetch
from warehouse import ledger_tables as t
from warehouse.ledger_member import Member
from warehouse.ledger_move import move_ledger
from warehouse.ledger_place import ledger_errors, open_engine
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState, is_alive
from warehouse.ledger_runs import FETCH, RunLog, log_fetches
from warehouse.ledger_sql import as_dicts, as_row, chunks, put_robots, release_hosts, upsert

LEASE_S = 120.0
"""A lease that is not renewed for this long is free: a run on a machine that died holds nobody up for longer."""


class Ledger:
    """One ledger. Safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.runs = RunLog(engine)

    @classmethod
    def open(cls, place: Path | str) -> Ledger:
        """The ledger in a SQLite file or at the address of a PostgreSQL database, made where it is missing.

        Raises LedgerError, in one line without a password, where it cannot be used.
        """
        return cls(open_engine(place))

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def take_in(self, file: Path) -> int:
        """Bring here what a ledger in a file knows, if there is one, and set it aside. Raises LedgerError."""
        return move_ledger(file, self._engine)

    def member(self, *, run_id: str, owner: str, place: str, lease_s: float) -> Member:
        """A run as one of several workers on this ledger."""
        return Member(self._engine, run_id=run_id, owner=owner, place=place, lease_s=lease_s)

    def commit(
        self,
        batch_id: str,
        warc_file: str | None,
        fetches: Sequence[Fetch],
        *,
        urls: Sequence[UrlState] = (),
        documents: Sequence[DocumentState] = (),
        hosts: Sequence[HostState] = (),
    ) -> None:
        """Write outcomes and the states that follow from them, in one transaction."""
        with self._engine.begin() as connection:
            log_fetches(connection, batch_id, warc_file, fetches)
            upsert(connection, t.urls, as_dicts(urls))
            upsert(connection, t.documents, as_dicts(documents))
            upsert(connection, t.hosts, as_dicts(hosts))

    # URLs

    def states(self, urls: Iterable[str]) -> dict[str, UrlState]:
        """What is known of these URLs; unknown ones are missing."""
        found: dict[str, UrlState] = {}
        with self._reader.connect() as connection:
            for chunk in chunks(list(urls)):
                for row in connection.execute(select(t.urls).where(t.urls.c.url.in_(chunk))):
                    found[row.url] = as_row(UrlState, row)
        return found

    def put_urls(self, states: Sequence[UrlState]) -> None:
        """Write states as they are."""
        with self._engine.begin() as connection:
            upsert(connection, t.urls, as_dicts(states))

    def due_urls(self, source: str, now: float, limit: int) -> list[UrlState]:
        """A source's URLs that are due and in nobody's hands, longest due first."""
        c = t.urls.c
        with self._reader.connect() as connection:
            chosen = select(t.urls).where(c.source == source, c.due_at <= now, c.run_id.is_(None))
            return [as_row(UrlState, r) for r in connection.execute(chosen.order_by(c.due_at, c.url).limit(limit))]

    def claimed_urls(self, run_id: str) -> list[UrlState]:
        """URLs that a run has in hand."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(t.urls).where(t.urls.c.run_id == run_id).order_by(t.urls.c.url))
            return [as_row(UrlState, r) for r in rows]

    # Documents, hosts, robots

    def documents(self, source: str) -> dict[str, DocumentState]:
        """A source's feeds and sitemaps by URL."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(t.documents).where(t.documents.c.source == source))
            return {r.url: as_row(DocumentState, r) for r in rows}

    def next_polls(self) -> dict[str, float]:
        """When each source is to be looked at next, by source id."""
        with self._reader.connect() as connection:
            soonest = select(t.documents.c.source, func.min(t.documents.c.due_at).label("at"))
            return {r.source: r.at for r in connection.execute(soonest.group_by(t.documents.c.source))}

    def lease(self, site: str, run_id: str, owner: str, now: float) -> HostState | None:
        """Lease a site for a run. None where another run that is alive holds it."""
        with self._engine.begin() as connection:
            row = connection.execute(select(t.hosts).where(t.hosts.c.site == site)).one_or_none()
            if row is not None and row.lease_run_id not in (None, run_id):
                is_current = row.lease_until is not None and row.lease_until > now
                if is_current and is_alive(row.lease_owner):
                    return None
            host = HostState(site=site) if row is None else as_row(HostState, row)
            held = {"lease_run_id": run_id, "lease_owner": owner, "lease_until": now + LEASE_S}
            upsert(connection, t.hosts, [dataclasses.asdict(host) | held])
            return host

    def renew_leases(self, run_id: str, now: float) -> None:
        """Keep a run's leases for another term."""
        with self._engine.begin() as connection:
            mine = t.hosts.c.lease_run_id == run_id
            connection.execute(update(t.hosts).where(mine).values(lease_until=now + LEASE_S))

    def release(self, sites: Sequence[str], run_id: str) -> None:
        """Give sites back that a run needs no more."""
        with self._engine.begin() as connection:
            for chunk in chunks(list(sites)):
                connection.execute(release_hosts(t.hosts.c.lease_run_id == run_id, t.hosts.c.site.in_(chunk)))

    def robots(self, site: str) -> RobotsState | None:
        """A site's robots.txt as last asked for."""
        with self._reader.connect() as connection:
            row = connection.execute(select(t.robots).where(t.robots.c.site == site)).one_or_none()
            return None if row is None else as_row(RobotsState, row)

    def put_robots(self, state: RobotsState) -> None:
        """Keep a site's robots.txt, and each text that it ever had, so that a past decision can be explained."""
        with self._engine.begin() as connection:
            put_robots(connection, state)

    def robots_copy(self, digest: str) -> bytes | None:
        """The robots.txt that a fetch's `robots_digest` names."""
        with self._reader.connect() as connection:
            chosen = select(t.robots_copies.c.body).where(t.robots_copies.c.digest == digest)
            row = connection.execute(chosen).one_or_none()
            return None if row is None else bytes(row.body)

    def counts(self) -> dict[str, int]:
        """URLs by their last outcome; `waiting` for those that were never asked for."""
        with self._reader.connect() as connection:
            name = func.coalesce(t.urls.c.outcome, "waiting").label("name")
            rows = connection.execute(select(name, func.count().label("urls")).group_by(name))
            return {r.name: r.urls for r in rows}

    def forget(self, is_meant: Callable[[str], bool]) -> int:
        """Remove all URLs that are meant, and what is logged of them; gives how many. Listed again, they are new."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(t.urls.c.url, t.urls.c.original_url, t.urls.c.final_url)).all()
            meant = [r.url for r in rows if any(is_meant(u) for u in (r.url, r.original_url, r.final_url) if u)]
            for chunk in chunks(meant):
                connection.execute(delete(t.urls).where(t.urls.c.url.in_(chunk)))
                connection.execute(delete(t.queue).where(t.queue.c.url.in_(chunk)))
            for row in connection.execute(select(t.fetch_log.c.number, t.fetch_log.c.record)).all():
                fetch = FETCH.validate_json(row.record)
                if any(is_meant(u) for u in (fetch.url, fetch.final_url, *(a.url for a in fetch.attempts)) if u):
                    connection.execute(delete(t.fetch_log).where(t.fetch_log.c.number == row.number))
            return len(meant)

    def gone(self) -> dict[str, float]:
        """Pages that we had and that are gone, by URL, with the time at which that was first seen."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(t.urls.c.url, t.urls.c.gone_at).where(t.urls.c.gone_at.is_not(None)))
            return {r.url: r.gone_at for r in rows}


@contextmanager
def open_ledger(place: Path | str) -> Iterator[Ledger]:
    """The ledger for the length of a with-block. Raises LedgerError for what the database refuses meanwhile."""
    ledger = Ledger.open(place)
    try:
        with ledger_errors(place):
            yield ledger
    finally:
        ledger.close()
