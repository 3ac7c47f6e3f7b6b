"""The pages that a shared crawl has taken on and that have no outcome yet, for whichever worker holds their host.

A page is in the queue once, whoever lists it: what a worker read of a page before it put it there is compared with what
is known now, under a lock, so that a page which another worker has just had is not asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, select, update

from warehouse import ledger_tables as t
from warehouse.ledger_member import Member, free_pages
from warehouse.ledger_rows import HostState, UrlState
from warehouse.ledger_sql import as_dicts, as_row, chunks, insert_into, insert_new

_PORTION = 500
_CHOICE = 4
"""Of so many free sites for each that there is room for, those with the most pages are taken first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A page for the queue, or out of it."""

    state: UrlState
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What there is to do for some sources."""

    free: dict[str, int]
    """Sites that nobody holds, and how many pages wait there, most first; no more than there was room for."""
    ours: frozenset[str]
    """Sites that we hold and of which pages wait."""
    is_elsewhere: bool
    """Whether workers who live have pages in hand, or hold a host of which pages wait."""
    hungry_held: int | None
    """How many hosts the worker has that looks for some in vain; None where none does."""


class PageQueue:
    """The queue as one worker uses it."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def enqueue(self, pages: Sequence[Queued], now: float) -> set[str]:
        """Put pages into the queue, in this order; gives the URLs that are new in it.

        One whose state has changed since it was read was had by another worker meanwhile, and is left out.
        """
        u = t.urls.c
        by_url = {page.state.url: page for page in pages}
        with self._member.taking() as connection:
            known: dict[str, float | None] = {}
            for chunk in chunks(sorted(by_url)):
                chosen = select(u.url, u.outcome_at).where(u.url.in_(chunk)).order_by(u.url).with_for_update()
                known |= {row.url: row.outcome_at for row in connection.execute(chosen)}
            fresh = [page for url, page in by_url.items() if known.get(url) == page.state.outcome_at]
            insert_new(connection, t.urls, as_dicts([page.state for page in fresh if page.state.url not in known]))
            _set_dates(connection, [page.state for page in fresh if page.state.url in known])
            sites = {page.site for page in fresh}
            insert_new(connection, t.hosts, as_dicts([HostState(site=site) for site in sites]))
            rows = [
                {
                    "url": page.state.url,
                    "site": page.site,
                    "source": page.state.source,
                    "depth": page.state.depth,
                    "queued_at": now,
                    "rank": rank,
                }
                for rank, page in enumerate(fresh)
            ]
            return set(_insert(connection, rows))

    def say_hungry(self, is_hungry: bool) -> None:
        """Tell the others whether we could take hosts and find none."""
        with self._member.engine.begin() as connection:
            mine = t.workers.c.run_id == self._member.run_id
            connection.execute(update(t.workers).where(mine).values(is_hungry=is_hungry))

    def look(self, sources: Sequence[str], room: int) -> Look:
        """What there is to do, with at most so many free sites. Costs by the hosts that are held, not by the queue."""
        q, h, w, run_id = t.queue.c, t.hosts.c, t.workers.c, self._member.run_id
        waits = and_(q.source.in_(sources), q.run_id.is_(None))
        waits_there = exists().where(q.site == h.site, waits)
        with self._member.taking() as connection:
            ours = connection.execute(select(h.site).where(h.lease_run_id == run_id, waits_there)).scalars().all()
            held_elsewhere = select(h.site).where(h.lease_run_id != run_id, waits_there).limit(1)
            in_hand = select(q.url).where(q.source.in_(sources), q.run_id != run_id, q.batch_id.is_(None)).limit(1)
            is_elsewhere = any(connection.execute(query).first() is not None for query in (held_elsewhere, in_hand))
            some = select(h.site).where(h.lease_run_id.is_(None), waits_there).limit(_CHOICE * max(0, room)).subquery()
            count = select(func.count()).where(q.site == some.c.site, waits).scalar_subquery().label("pages")
            chosen = select(some.c.site, count).order_by(count.desc(), some.c.site).limit(max(0, room))
            free = {row.site: row.pages for row in connection.execute(chosen)}
            held = (
                select(func.count(h.site).label("held"))
                .select_from(t.workers.outerjoin(t.hosts, h.lease_run_id == w.run_id))
                .where(w.is_hungry, w.run_id != run_id, w.taken_at.is_(None))
                .group_by(w.run_id)
                .subquery()
            )
            hungry_held = connection.execute(select(func.min(held.c.held))).scalar()
        return Look(free=free, ours=frozenset(ours), is_elsewhere=is_elsewhere, hungry_held=hungry_held)

    def claim(self, wanted: Mapping[str, int], sources: Sequence[str]) -> list[Queued]:
        """Take pages of hosts that we hold, at most so many of each, in the order in which they were queued."""
        q, u = t.queue.c, t.urls.c
        with self._member.taking() as connection:
            rows: list[Any] = []
            for site in sorted(wanted):
                chosen = select(t.queue).where(q.site == site, q.run_id.is_(None), q.source.in_(sources))
                ordered = chosen.order_by(q.queued_at, q.rank, q.url).limit(wanted[site])
                rows += connection.execute(ordered.with_for_update(skip_locked=True)).all()
            states: dict[str, UrlState] = {}
            for chunk in chunks(sorted(row.url for row in rows)):
                taken = update(t.queue).where(q.url.in_(chunk))
                connection.execute(taken.values(run_id=self._member.run_id))
                found = connection.execute(select(t.urls).where(u.url.in_(chunk)))
                states |= {row.url: as_row(UrlState, row) for row in found}
            return [Queued(state=states[row.url], site=row.site) for row in rows if row.url in states]

    def give_back(self, urls: Sequence[str] | None = None) -> int:
        """Put pages back that were taken and not asked for; None: all that are not being written. Gives how many."""
        q, count = t.queue.c, 0
        with self._member.engine.begin() as connection:
            if urls is None:
                return connection.execute(free_pages(self._member.run_id)).rowcount
            for chunk in chunks(sorted(urls)):
                mine = and_(q.url.in_(chunk), q.run_id == self._member.run_id)
                count += connection.execute(update(t.queue).where(mine).values(run_id=None)).rowcount
        return count


def _set_dates(connection: Connection, states: Sequence[UrlState]) -> None:
    rows = [{"b_url": s.url, "published": s.listed_published_at, "modified": s.listed_modified_at} for s in states]
    if rows:
        dates: dict[str, Any] = {
            "listed_published_at": bindparam("published"),
            "listed_modified_at": bindparam("modified"),
        }
        statement = update(t.urls).where(t.urls.c.url == bindparam("b_url")).values(dates)
        connection.execute(statement, sorted(rows, key=lambda row: str(row["b_url"])))


def _insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for start in range(0, len(rows), _PORTION):
        statement = insert_into(connection, t.queue).values(list(rows[start : start + _PORTION]))
        yield from connection.execute(statement.on_conflict_do_nothing().returning(t.queue.c.url)).scalars()
