"""One worker's part of a crawl that several share: it takes sources to read and hosts to ask, and gives them back.

A worker holds a host as long as the queue has pages of it, so that nobody else asks it. It takes pages a portion at a
time: what a worker that dies had in hand is little, and what one gives to another is cheap. Who finds no host free says
so, and whoever holds most gives half of what it has more. Who is through first waits until the others are: it takes
over what one of them leaves when it dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flows.fetch.gate import Gate
from flows.fetch.keeper import Keeper
from flows.fetch.model import Job, Tally
from flows.fetch.politeness import Scheduler
from flows.settings import Settings
from flows.sources import Source
from warehouse.ledger import Ledger
from warehouse.ledger_leases import Leases
from warehouse.ledger_member import Member
from warehouse.ledger_queue import Look, PageQueue, Queued
from warehouse.ledger_rows import DocumentState, HostState, UrlState

R = TypeVar("R")
PORTION = 64
"""Pages of one host that are taken at once; the next when half of them are asked for."""
SITES_PER_TURN = 4
"""Hosts that a worker holds for each that it may ask at one moment: most are in their pause."""
SOURCES_AT_ONCE = 16
_SOURCES_LOOKED_AT = 500
_TICK_S = 0.2
_LOOK_S = 1.0
_LOOK_SHARE, _LOOK_MAX_S = 5.0, 15.0
"""Where a look takes longer it is taken less often: at most one part in so many of the time."""
_OFFER_S = 2 * _LOOK_MAX_S
"""So long a host that was given away is left to whoever is hungry, who may look no sooner."""


class Board(Protocol):
    """What the share needs of the crawl's loop."""

    def begin(self, source: Source) -> Coroutine[Any, Any, None]:
        """Read a source's documents and lists."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the loop."""
        ...

    def is_quiet(self) -> bool:
        """Whether nothing is under way but the share itself."""
        ...

    async def took(self, pages: Sequence[Queued]) -> None:
        """Take pages on that were taken from the queue."""
        ...


@dataclass(frozen=True, slots=True)
class PatientLedger:
    """What a crawl asks of the ledger while it looks for pages, asked again while the server is away."""

    ledger: Ledger
    keeper: Keeper

    def states(self, urls: Iterable[str]) -> dict[str, UrlState]:
        """What is known of these URLs; unknown ones are missing."""
        return self.keeper.patiently(lambda: self.ledger.states(urls))

    def due_urls(self, source: str, now: float, limit: int) -> list[UrlState]:
        """A source's URLs that are due, longest due first."""
        return self.keeper.patiently(lambda: self.ledger.due_urls(source, now, limit))

    def documents(self, source: str) -> dict[str, DocumentState]:
        """A source's feeds and sitemaps by URL."""
        return self.keeper.patiently(lambda: self.ledger.documents(source))


class Share:
    """The part of one worker. Everything but `put` runs in the event loop."""

    def __init__(
        self,
        *,
        settings: Settings,
        sources: Sequence[Source],
        member: Member,
        keeper: Keeper,
        gate: Gate,
        scheduler: Scheduler[Job],
        tally: Tally,
        clock: Callable[[], float],
        should_stop: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._sources = {source.id: source for source in sources}
        self._member = member
        self._leases = Leases(member)
        self._queue = PageQueue(member)
        self._keeper = keeper
        self._gate = gate
        self._scheduler = scheduler
        self._tally = tally
        self._clock = clock
        self._should_stop = should_stop
        self._sites_max = SITES_PER_TURN * settings.hosts_at_once
        self._begun = clock()
        self._pending = list(self._sources)
        self._reading: set[str] = set()
        self._drained: set[str] = set()
        """Hosts of ours of which the queue had no more pages when we asked last."""
        self._leaving: set[str] = set()
        self._given: dict[str, float] = {}
        """When hosts were given to a hungry worker: not taken back and not given again at once."""
        self._next_look = 0.0
        self._is_hungry = False

    def may_ask(self, now: float) -> bool:
        """Whether a site may be asked now: not when our lease may be over before it answers."""
        return self._keeper.may_ask(now)

    def put(self, pages: Sequence[Queued], now: float) -> set[str]:
        """Put pages into the queue; gives the URLs that are new in it. Blocks."""
        return self._keeper.patiently(lambda: self._queue.enqueue(pages, now))

    async def finished(self, source: Source) -> None:
        """A source was read through."""
        await self._patiently(lambda: self._leases.finish_source(source.id, self._clock()))
        self._reading.discard(source.id)

    async def run(self, board: Board) -> None:
        """Work until nothing is left, for us or for another worker that may yet die."""
        while True:
            await self._give_back()
            if self._should_stop():
                if board.is_quiet():
                    break
            else:
                had_room = len(self._gate.held_sites()) < self._sites_max  # without, a look leaves free sites out
                look = await self._look(board)
                await self._claim(board)
                await self._release_idle()
                if look is not None and had_room and board.is_quiet() and await self._is_over(look):
                    break
            await asyncio.sleep(_TICK_S)
        await self._release(self._gate.held_sites())

    async def _look(self, board: Board) -> Look | None:
        """Now and then: take over from the dead, sources that nobody reads, hosts that nobody asks."""
        if self._clock() < self._next_look:
            return None
        await self._patiently(lambda: self._member.take_over(self._clock()))
        await self._take_sources(board)
        started = self._clock()
        held = len(self._gate.held_sites())
        room = self._sites_max - held
        look = await self._patiently(lambda: self._queue.look(list(self._sources), room))
        pause_s = min(_LOOK_MAX_S, max(_LOOK_S, _LOOK_SHARE * (self._clock() - started)))
        self._drained -= look.ours
        offered = self._given_lately() & look.free.keys() if look.hungry_held is not None else set()
        taken = await self._take_hosts([*self._gate.wanted, *(site for site in look.free if site not in offered)])
        is_hungry = room > 0 and not look.free and look.is_elsewhere
        if is_hungry != self._is_hungry:
            self._is_hungry = is_hungry
            await self._patiently(lambda: self._queue.say_hungry(is_hungry))
        if not taken and look.hungry_held is not None:
            on_the_way = len(self._leaving) + len(offered)
            self._share_out(held - len(self._leaving), look.hungry_held + on_the_way)
        self._give_up_waiting()
        self._next_look = self._clock() + pause_s
        return look

    async def _take_sources(self, board: Board) -> None:
        room = SOURCES_AT_ONCE - len(self._reading)
        looked_at = self._pending[:_SOURCES_LOOKED_AT]
        if not looked_at or not room:
            return
        taken, done = await self._patiently(lambda: self._leases.take_sources(looked_at, self._begun, room))
        settled = {*taken, *done}
        rest = [source for source in self._pending if source not in settled]
        self._pending = rest[_SOURCES_LOOKED_AT:] + rest[:_SOURCES_LOOKED_AT]
        for source in taken:
            self._reading.add(source)
            board.spawn(board.begin(self._sources[source]))

    async def _take_hosts(self, sites: Sequence[str]) -> int:
        if not sites:
            return 0
        leased = await self._patiently(lambda: self._leases.take_hosts(sites, self._clock()))
        for site, found in leased.items():
            self._gate.opened(site, found.host, found.robots)
        return len(leased)

    async def _claim(self, board: Board) -> None:
        """Take the next portion of each host that will be through with its last soon."""
        wanted = {}
        for site in self._gate.held_sites() - self._drained - self._leaving:
            if (missing := PORTION - self._gate.backlog(site)) >= PORTION // 2:
                wanted[site] = missing
        if not wanted:
            return
        pages = await self._patiently(lambda: self._queue.claim(wanted, list(self._sources)))
        got = dict.fromkeys(wanted, 0)
        for page in pages:
            got[page.site] += 1
        self._drained |= {site for site, count in got.items() if count < wanted[site]}
        self._tally.discovered += len(pages)
        await board.took(pages)

    def _share_out(self, held: int, hungry_held: int) -> None:
        """Give a hungry worker half of what we hold more, hosts that can be left soonest first."""
        candidates = sorted(self._gate.held_sites() - self._given_lately() - self._leaving, key=self._gate.backlog)
        for site in candidates[: max(0, (held - hungry_held) // 2)]:
            self._given[site] = self._clock()
            self._leaving.add(site)
            self._gate.withdraw(site)

    def _given_lately(self) -> set[str]:
        latest = self._clock() - _OFFER_S
        self._given = {site: at for site, at in self._given.items() if at > latest}
        return set(self._given)

    def _give_up_waiting(self) -> None:
        """End what waits for a host that another worker does not give back in time."""
        latest = self._clock() - self._settings.retry_after_max_s
        for site in [site for site, since in self._gate.wanted.items() if since < latest]:
            self._gate.refuse(site, "another worker holds the site")

    async def _give_back(self) -> None:
        """Put pages back that are not to be asked for here."""
        if jobs := self._gate.returned:
            self._gate.returned = []
            urls = [job.url for job in jobs]
            await self._patiently(lambda: self._queue.give_back(urls))
            self._tally.discovered -= len(jobs)

    async def _release_idle(self) -> None:
        idle = self._gate.idle_sites() & (self._drained | self._leaving)
        if idle:
            await self._release(idle)

    async def _release(self, sites: set[str]) -> None:
        hosts = [self._memory(site) for site in sites]
        self._gate.closed(sites)
        self._drained -= sites
        self._leaving -= sites
        await self._patiently(lambda: self._leases.release_hosts(hosts))

    def _memory(self, site: str) -> HostState:
        """What the next worker must know of a host."""
        not_before, latency_s, failures = self._scheduler.memory(site)
        last_event_at, rests_until = self._scheduler.rest_of(site)
        return HostState(
            site=site,
            not_before=max(not_before, rests_until) or None,
            last_request_at=last_event_at,
            latency_s=latency_s,
            failures=failures,
        )

    async def _is_over(self, look: Look) -> bool:
        """Whether nothing is left, here and with the others. Pages that got lost on the way to us are put back."""
        if self._pending or self._reading or self._gate.wanted:
            return False
        if look.free or look.ours or look.is_elsewhere:
            return False
        return not await self._patiently(self._queue.give_back)

    async def _patiently(self, call: Callable[[], R]) -> R:
        return await asyncio.to_thread(self._keeper.patiently, call)
