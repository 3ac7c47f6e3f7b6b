"""When may which site be asked next? A scheduler without clock, sleep or network: it is told the time and the answers.

A site is a scheme, host and port. Each has its own queue, so a waiting site never holds back another. Jobs that were
already under way (a robots.txt, a redirect's next hop, another try) go before fresh ones. Gaps are counted from the
later of the last request and the last answer, so a slow server gets more rest, not less.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Generic, TypeVar

J = TypeVar("J")

SLOW_DOWN_MIN_S = 0.5
SLOW_DOWN_MAX_S = 60.0
DOWN_AFTER_FAILURES = 3
DOWN_WAITS_S = (5.0, 30.0)
"""How long a site that fails is set aside, the first and the second time; after that it is given up for the run."""
BUSY_MAX = 6
"""Answers in a row that ask us to wait, after which a site is given up for the run."""


class Signal(Enum):
    """What one answer says about how the site is doing."""

    FINE = "fine"
    BUSY = "busy"  # 429, or 503 with a wish to wait
    FAILING = "failing"  # 5xx, reset, timeout: it may be overloaded
    DOWN = "down"  # no connection at all


class Lane(IntEnum):
    """Which of a site's jobs go first."""

    UNDER_WAY = 0  # a robots.txt, a redirect's next hop, another try, a feed that leads to pages
    FRESH = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How gently sites are asked; the defaults of the settings."""

    concurrency: int = 1
    gap_s: float = 1.0
    latency_factor: float = 2.0
    crawl_delay_max_s: float = 60.0
    busy_wait_s: float = 30.0
    retry_after_max_s: float = 300.0
    sites_at_once: int = 64


@dataclass(frozen=True, slots=True)
class Turn(Generic[J]):
    """A job that may go now, and how long its site was left alone on purpose before it."""

    site: str
    job: J
    wait_s: float
    wait_reason: str | None


@dataclass(slots=True)
class _Site(Generic[J]):
    lanes: tuple[deque[J], ...] = field(default_factory=lambda: tuple(deque() for _ in Lane))
    in_flight: int = 0
    idle_since: float = 0.0
    last_event_at: float | None = None
    not_before: float = 0.0
    not_before_reason: str | None = None
    crawl_delay_s: float | None = None
    latency_s: float = 0.0
    slow_down_s: float = 0.0
    failures: int = 0
    times_down: int = 0
    times_busy: int = 0
    ticket: int | None = None


class Scheduler(Generic[J]):
    """Queues of jobs by site. Times are seconds of any one clock that does not run backwards."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._sites: dict[str, _Site[J]] = {}
        self._ready: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._active: set[str] = set()

    def __len__(self) -> int:
        """Jobs queued, those in flight not counted."""
        return sum(len(lane) for state in self._sites.values() for lane in state.lanes)

    def resume(
        self, site: str, *, last_event_at: float | None, not_before: float | None, latency_s: float | None
    ) -> None:
        """Take over what earlier runs remember of a site, before its first job."""
        state = self._sites.setdefault(site, _Site())
        state.last_event_at = last_event_at
        state.latency_s = latency_s or 0.0
        if not_before is not None:
            state.not_before, state.not_before_reason = not_before, "retry_after"

    def add(self, site: str, job: J, now: float, lane: Lane = Lane.FRESH) -> None:
        """Queue a job."""
        state = self._sites.setdefault(site, _Site())
        if not (any(state.lanes) or state.in_flight):
            state.idle_since = now
        state.lanes[lane].append(job)
        self._offer(site, state)

    def set_delay(self, site: str, crawl_delay_s: float | None) -> None:
        """The delay that the site's robots.txt asks for, None for none; clamped."""
        delay = None if crawl_delay_s is None else min(crawl_delay_s, self._pace.crawl_delay_max_s)
        self._sites.setdefault(site, _Site()).crawl_delay_s = delay

    def take(self, now: float) -> Turn[J] | None:
        """The next job that may go now, None where none may."""
        while self._ready and self._ready[0][0] <= now and not self._is_full():
            _, ticket, site = heapq.heappop(self._ready)
            state = self._sites[site]
            if state.ticket != ticket:
                continue
            state.ticket = None
            ready_at, reason = self._ready_at(state)
            if ready_at > now or not self._can_start(state):
                self._offer(site, state)
                continue
            job = next(lane for lane in state.lanes if lane).popleft()
            wait_s = max(0.0, ready_at - state.idle_since)
            state.in_flight += 1
            state.last_event_at = state.idle_since = now
            self._active.add(site)
            self._offer(site, state)
            return Turn(site, job, wait_s, reason if wait_s > 0 else None)
        return None

    def next_at(self) -> float | None:
        """When to call `take` again, None where only an answer can change anything. May be in the past."""
        while self._ready and self._sites[self._ready[0][2]].ticket != self._ready[0][1]:
            heapq.heappop(self._ready)
        return self._ready[0][0] if self._ready and not self._is_full() else None

    def cancel(self, site: str) -> None:
        """A turn was not used: no request was made."""
        self._sites[site].in_flight -= 1
        if not self._sites[site].in_flight:
            self._active.discard(site)
        self._offer(site, self._sites[site])

    def finish(
        self, site: str, now: float, latency_s: float | None, signal: Signal, retry_after_s: float | None = None
    ) -> None:
        """An answer came, or failed to. `retry_after_s` is what the site asked for; longer than allowed is clamped."""
        state = self._sites[site]
        state.in_flight -= 1
        state.last_event_at = state.idle_since = now
        if latency_s is not None:
            state.latency_s = latency_s if not state.latency_s else 0.7 * state.latency_s + 0.3 * latency_s
        if signal is Signal.FINE:
            state.slow_down_s /= 2
            state.failures = state.times_down = state.times_busy = 0
        elif signal is Signal.BUSY:
            state.times_busy += 1
            asked = self._pace.busy_wait_s if retry_after_s is None else retry_after_s
            self._rest(state, now + min(asked, self._pace.retry_after_max_s), "retry_after")
        else:
            state.failures += 1
            state.slow_down_s = min(SLOW_DOWN_MAX_S, max(self._pace.gap_s, SLOW_DOWN_MIN_S, 2 * state.slow_down_s))
            if state.failures >= DOWN_AFTER_FAILURES:
                self._rest(state, now + DOWN_WAITS_S[min(state.times_down, len(DOWN_WAITS_S) - 1)], "down")
                state.times_down += 1
                state.failures, state.slow_down_s = 0, 0.0
        if not state.in_flight:
            self._active.discard(site)
        self._offer(site, state)

    def is_given_up(self, site: str) -> bool:
        """Whether the site failed, or asked to wait, as often as it may in one run."""
        state = self._sites.get(site)
        return state is not None and (state.times_down > len(DOWN_WAITS_S) or state.times_busy >= BUSY_MAX)

    def memory(self, site: str) -> tuple[float, float, int]:
        """What later runs should know: until when the site asked to rest, its latency, its failures in a row."""
        state = self._sites.setdefault(site, _Site())
        return state.not_before, state.latency_s, state.failures

    def rest_of(self, site: str) -> tuple[float | None, float]:
        """When a site was last asked or answered, and until when it rests because it failed: 0 where it did not."""
        state = self._sites.get(site)
        if state is None:
            return None, 0.0
        at, reason = self._ready_at(state)
        return state.last_event_at, at if reason == "slow_down" else 0.0

    def drop(self, site: str, lanes: Sequence[Lane] = tuple(Lane)) -> list[J]:
        """Take the queued jobs of a site out, or those of some lanes, and give them back."""
        state = self._sites.get(site)
        if state is None:
            return []
        jobs = [job for lane in lanes for job in state.lanes[lane]]
        for lane in lanes:
            state.lanes[lane].clear()
        if not any(state.lanes):
            state.ticket = None
        return jobs

    def queued_count(self, site: str) -> int:
        """How many jobs of a site are queued."""
        state = self._sites.get(site)
        return sum(len(lane) for lane in state.lanes) if state else 0

    def is_idle(self, site: str) -> bool:
        """Whether a site has nothing queued and nothing in flight."""
        state = self._sites.get(site)
        return state is None or not (state.in_flight or any(state.lanes))

    def sites(self) -> list[str]:
        """Sites that have jobs queued."""
        return [name for name, state in self._sites.items() if any(state.lanes)]

    def _is_full(self) -> bool:
        return len(self._active) >= self._pace.sites_at_once

    def _can_start(self, state: _Site[J]) -> bool:
        return state.in_flight < self._pace.concurrency and any(state.lanes)

    def _ready_at(self, state: _Site[J]) -> tuple[float, str | None]:
        """When the site may be asked next, and which rule says so."""
        at, reason = state.not_before, state.not_before_reason
        if state.last_event_at is not None:
            gaps = (
                (self._pace.gap_s, "gap"),
                (
                    min(self._pace.latency_factor * state.latency_s, SLOW_DOWN_MAX_S) if self._pace.gap_s else 0.0,
                    "latency",
                ),
                (state.slow_down_s, "slow_down"),
                (state.crawl_delay_s or 0.0, "crawl_delay"),
            )
            gap, why = max(gaps, key=lambda g: g[0])
            if gap and state.last_event_at + gap > at:
                at, reason = state.last_event_at + gap, why
        return at, reason

    def _offer(self, site: str, state: _Site[J]) -> None:
        """Put the site on the heap, once, if it could start."""
        if state.ticket is None and self._can_start(state):
            state.ticket = next(self._order)
            heapq.heappush(self._ready, (self._ready_at(state)[0], state.ticket, site))

    def _rest(self, state: _Site[J], until: float, reason: str) -> None:
        if until > state.not_before:
            state.not_before, state.not_before_reason = until, reason
