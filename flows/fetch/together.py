"""A run as one of several workers: what it needs of a ledger on a server, put together before the crawl begins."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError

from flows.fetch.gate import Gate
from flows.fetch.keeper import Keeper
from flows.fetch.model import Job, Tally
from flows.fetch.politeness import Scheduler
from flows.fetch.share import Share
from flows.settings import Settings
from flows.sources import Source
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.ledger import Ledger
from warehouse.ledger_member import Member, place_of
from warehouse.ledger_outcomes import Outcomes
from warehouse.ledger_place import label
from warehouse.ledger_rows import RobotsState, this_owner


@dataclass(frozen=True, slots=True)
class Together:
    """One worker, with the clock that all workers of the ledger go by."""

    member: Member
    keeper: Keeper
    outcomes: Outcomes
    clock: Callable[[], float]

    def begin(self) -> Callable[[Callable[[UserError], None]], Coroutine[Any, Any, None]]:
        """Take part from now on; gives what is to be kept running beside the crawl, and tells it when all is lost."""
        self.keeper.join()
        return self.keeper.run

    def share(
        self,
        *,
        settings: Settings,
        sources: Sequence[Source],
        gate: Gate,
        scheduler: Scheduler[Job],
        tally: Tally,
        should_stop: Callable[[], bool],
    ) -> Share:
        """Its part of the crawl over these sources."""
        return Share(
            settings=settings,
            sources=sources,
            member=self.member,
            keeper=self.keeper,
            gate=gate,
            scheduler=scheduler,
            tally=tally,
            clock=self.clock,
            should_stop=should_stop,
        )

    def leave(self) -> None:
        """End in good order."""
        self.keeper.patiently(self.member.leave)

    def break_off(self, _run_id: str) -> None:
        """End in disorder. A ledger that is out of reach finds out by itself, when the lease is over."""
        with suppress(DBAPIError):
            self.member.break_off()


@dataclass(slots=True)
class SharedRobots:
    """The robots.txt files that this worker knows; what it learns is written with the outcomes."""

    write: Callable[[RobotsState], None]
    _known: dict[str, RobotsState] = field(default_factory=dict)

    def robots(self, site: str) -> RobotsState | None:
        """A site's robots.txt as last asked for."""
        return self._known.get(site)

    def put_robots(self, state: RobotsState) -> None:
        """Keep a site's robots.txt."""
        if self._known.get(state.site) != state:
            self._known[state.site] = state
            self.write(state)


def work_together(
    ledger: Ledger, datadir: DataDir, settings: Settings, run_id: str, own_clock: Callable[[], float], *, is_given: bool
) -> Together | None:
    """The run as a worker of the ledger's crawl; None where the ledger is a file, which is one crawl's own.

    `is_given` says that the clock is to be used as it is; else it is set by the server's, so that workers on machines
    whose clocks differ agree on when a host may be asked and when a lease ends. Raises UserError.
    """
    if datadir.ledger_url is None:
        return None
    if settings.lease_s < 2 * settings.total_timeout_s:
        raise UserError(
            f"setting lease_s: {settings.lease_s:g} is too short: a worker that loses the ledger ends its requests ("
            f"total_timeout_s) before others take over; it must be at least {2 * settings.total_timeout_s:g}"
        )
    ledger.take_in(datadir.ledger)
    owner = this_owner(is_shared=True)
    member = ledger.member(run_id=run_id, owner=owner, place=place_of(datadir), lease_s=settings.lease_s)
    ahead_s = 0.0 if is_given else member.server_time() - own_clock()

    def clock() -> float:
        return own_clock() + ahead_s

    keeper = Keeper(member, name=label(datadir.ledger_place), clock=clock, margin_s=settings.total_timeout_s)
    return Together(member, keeper, Outcomes(member), clock)
