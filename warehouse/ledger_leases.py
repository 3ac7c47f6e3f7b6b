"""What a worker of a shared crawl holds: hosts, which nobody else may ask meanwhile, and sources, whose lists it reads.

When a host may be asked next goes with it from worker to worker: it is written when the host is given back, in the same
transaction, and read when it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from warehouse import ledger_tables as t
from warehouse.ledger_member import Member
from warehouse.ledger_rows import HostState, RobotsState
from warehouse.ledger_sql import as_dicts, as_row, chunks, in_order, insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A host that is now ours: when it may be asked next, and its robots.txt as last read by anybody."""

    host: HostState
    robots: RobotsState | None


class Leases:
    """The hosts and sources of one worker."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def take_hosts(self, sites: Sequence[str], now: float) -> dict[str, Leased]:
        """Those of these sites that nobody held, now ours."""
        h, member = t.hosts.c, self._member
        held = {"lease_run_id": member.run_id, "lease_owner": member.owner, "lease_until": now + member.lease_s}
        leased: dict[str, Leased] = {}
        with member.taking() as connection:
            insert_new(connection, t.hosts, as_dicts([HostState(site=site) for site in sites]))
            for chunk in chunks(sorted(sites)):
                chosen = select(t.hosts).where(h.site.in_(chunk), h.lease_run_id.is_(None)).order_by(h.site)
                rows = connection.execute(chosen.with_for_update(skip_locked=True)).all()
                got = [row.site for row in rows]
                connection.execute(update(t.hosts).where(h.site.in_(got)).values(held))
                found = connection.execute(select(t.robots).where(t.robots.c.site.in_(got)))
                robots = {row.site: as_row(RobotsState, row) for row in found}
                leased |= {r.site: Leased(host=as_row(HostState, r), robots=robots.get(r.site)) for r in rows}
        return leased

    def release_hosts(self, hosts: Sequence[HostState]) -> None:
        """Give hosts back, with when each may be asked again."""
        with self._member.engine.begin() as connection:
            free = {"lease_run_id": None, "lease_owner": None, "lease_until": None}
            remember_hosts(connection, self._member.run_id, hosts, free)

    def take_sources(self, sources: Sequence[str], since: float, limit: int) -> tuple[list[str], list[str]]:
        """Of these sources: those that are now ours, at most `limit`, and those that somebody read through since."""
        c = t.courses.c
        with self._member.taking() as connection:
            insert_new(connection, t.courses, [{"source": source} for source in sources])
            rows: list[Any] = []
            for chunk in chunks(list(sources)):
                chosen = select(t.courses).where(c.source.in_(chunk), c.run_id.is_(None)).order_by(c.source)
                rows += connection.execute(chosen.with_for_update(skip_locked=True)).all()
            done = {r.source for r in rows if r.done_at is not None and r.done_at >= since}
            taken = [r.source for r in rows if r.source not in done][:limit]
            connection.execute(update(t.courses).where(c.source.in_(taken)).values(run_id=self._member.run_id))
            return taken, sorted(done)

    def finish_source(self, source: str, now: float) -> None:
        """Note that all its feeds, sitemaps and lists were read, and give it back."""
        mine = and_(t.courses.c.source == source, t.courses.c.run_id == self._member.run_id)
        with self._member.engine.begin() as connection:
            connection.execute(update(t.courses).where(mine).values(run_id=None, done_at=now))


def remember_hosts(
    connection: Connection, run_id: str, hosts: Sequence[HostState], values: Mapping[str, Any] | None = None
) -> None:
    """Write what politeness knows of hosts that a run holds: of one that was given back somebody else knows more."""
    if not hosts:
        return
    rows = [{f"b_{name}": value for name, value in row.items()} for row in in_order(t.hosts, as_dicts(hosts))]
    names = ("not_before", "last_request_at", "latency_s", "failures")
    known: dict[str, Any] = {name: bindparam(f"b_{name}") for name in names}
    mine = and_(t.hosts.c.site == bindparam("b_site"), t.hosts.c.lease_run_id == run_id)
    connection.execute(update(t.hosts).where(mine).values({**known, **(values or {})}), rows)
