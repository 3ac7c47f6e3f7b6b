"""How a worker of a shared crawl enters outcomes: what it is about to write, and, once it is on disk, that it was.

Between the two only the worker's own disk knows whether a page was captured. A page in that state is nobody else's to
ask for, also when the worker dies: so no page is captured twice, and what a disk holds is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, or_, select, update

from transforms.schema import Fetch
from warehouse import ledger_tables as t
from warehouse.ledger_leases import remember_hosts
from warehouse.ledger_member import Member
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState
from warehouse.ledger_runs import log_fetches
from warehouse.ledger_sql import as_dicts, chunks, in_order, insert_into, put_robots, upsert


class Outcomes:
    """The outcomes of one worker, group by group."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def intend(self, batch_id: str, urls: Sequence[str]) -> None:
        """Say that these pages' answers are about to be written. Raises LeaseLostError: then they must not be."""
        q = t.queue.c
        with self._member.taking() as connection:
            for chunk in chunks(sorted(urls)):
                mine = and_(q.url.in_(chunk), q.run_id == self._member.run_id)
                connection.execute(update(t.queue).where(mine).values(batch_id=batch_id))

    def commit(
        self,
        number: int,
        batch_id: str,
        warc_file: str | None,
        fetches: Sequence[Fetch],
        *,
        urls: Sequence[UrlState] = (),
        documents: Sequence[DocumentState] = (),
        hosts: Sequence[HostState] = (),
        robots: Sequence[RobotsState] = (),
    ) -> None:
        """Write a group of outcomes and what follows from them, in one transaction.

        `number` counts this worker's groups from 1: a group that is sent again because the answer to its commit was
        lost is not written twice. Raises LeaseLostError where others have taken over; what was on this worker's disk
        is entered all the same.
        """
        with self._member.engine.begin() as connection:
            is_lost = self._count(connection, number)
            if is_lost is None:
                return
            owned = {url for chunk in chunks(sorted(s.url for s in urls)) for url in self._settle(connection, chunk)}
            kept = [fetch for fetch in fetches if not is_lost or fetch.url in owned]
            log_fetches(connection, batch_id, warc_file, kept)
            upsert(connection, t.urls, as_dicts([state for state in urls if state.url in owned]))
            if not is_lost:
                _put_refused(connection, [state for state in urls if state.url not in owned])
                upsert(connection, t.documents, as_dicts(documents))
                for state in robots:
                    put_robots(connection, state)
                remember_hosts(connection, self._member.run_id, hosts)
        if is_lost:
            raise self._member.lost()

    def _count(self, connection: Connection, number: int) -> bool | None:
        """Enter the number of a group: whether we were taken over, None where the group is there already."""
        w = t.workers.c
        mine = w.run_id == self._member.run_id
        row = connection.execute(select(w.commit_number, w.taken_at).where(mine).with_for_update()).one_or_none()
        if row is None:
            raise self._member.lost()
        if row.commit_number >= number:
            return None
        connection.execute(update(t.workers).where(mine).values(commit_number=number))
        return row.taken_at is not None

    def _settle(self, connection: Connection, urls: Sequence[str]) -> Sequence[str]:
        """Take pages out of the queue; gives those that were there in our hands."""
        q = t.queue.c
        mine = delete(t.queue).where(q.url.in_(urls), q.run_id == self._member.run_id)
        return connection.execute(mine.returning(q.url)).scalars().all()


def _put_refused(connection: Connection, states: Sequence[UrlState]) -> None:
    """States of URLs that were not in the queue: written unless a worker has had the page since they were read."""
    if not states:
        return
    statement = insert_into(connection, t.urls)
    new, old = statement.excluded, t.urls.c
    is_as_read = and_(
        old.visits == new.visits,
        or_(old.captured_at == new.captured_at, and_(old.captured_at.is_(None), new.captured_at.is_(None))),
    )
    rows = in_order(t.urls, as_dicts(states))
    changed = {name: new[name] for name in rows[0] if name != "url"}
    connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=changed, where=is_as_read), rows)
