"""Which of the URLs that a listing names are taken on in this run: scope, duplicates, what is due, budgets.

New pages go before revisits, and the newest first, so that a small budget is spent on what is news; a quarter of it is
kept for revisits that are due, so that edits and takedowns are found on a busy site too. Where several workers share
the crawl, what is taken on goes into their queue, and jobs are made of what this worker takes out of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from flows.fetch.model import Job, Tally
from flows.fetch.schedule import is_due
from flows.settings import Settings
from flows.sources import Source
from transforms.discover import Link, plausible
from transforms.outcome import Outcome
from transforms.schema import FetchKind
from transforms.url import is_web, normalize, site_key
from warehouse.ledger_queue import Queued
from warehouse.ledger_rows import DocumentState, UrlState

REDIRECTED = "a redirect from "
"""How `Frontier.seen` names a URL that a redirect led to."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of a listing: jobs to do, and URLs that end here, with outcome and detail."""

    jobs: tuple[Job, ...]
    refused: tuple[tuple[Job, Outcome, str | None], ...]
    queued_count: int = 0
    """URLs that were put into the queue of a shared crawl."""


class Known(Protocol):
    """What the ledger knows of URLs."""

    def states(self, urls: Iterable[str]) -> dict[str, UrlState]:
        """What is known of these URLs; unknown ones are missing."""
        ...

    def due_urls(self, source: str, now: float, limit: int) -> list[UrlState]:
        """A source's URLs that are due, longest due first."""
        ...

    def documents(self, source: str) -> dict[str, DocumentState]:
        """A source's feeds and sitemaps by URL."""
        ...


Put = Callable[[Sequence[UrlState]], None]
Enqueue = Callable[[Sequence[Queued], float], set[str]]


class Frontier:
    """Takes listings in. Its methods use the ledger, so they are called off the event loop, one at a time."""

    def __init__(
        self,
        ledger: Known,
        run_id: str,
        settings: Settings,
        tally: Tally,
        *,
        put: Put,
        enqueue: Enqueue | None = None,
        is_forced: bool,
    ) -> None:
        """`put` writes states; `enqueue`, where several workers share the crawl, puts pages into their queue."""
        self._ledger = ledger
        self._put = put
        self._enqueue = enqueue
        self._run_id = run_id
        self._settings = settings
        self._tally = tally
        self._is_forced = is_forced
        self._taken: Counter[str] = Counter()
        self._reserved: dict[str, int] = {}
        self.seen: dict[str, str] = {}
        """URLs met in this run, redirect targets included, and what named them first."""

    def reserve(self, source: Source, now: float) -> None:
        """Keep part of a source's budget for what is due of its known pages."""
        share = max(1, source.max_pages // 4)
        self._reserved[source.id] = len(self._ledger.due_urls(source.id, now, share))

    def offer(self, source: Source, links: Sequence[Link], now: float, *, nesting: int = 0) -> Offered:
        """Decide on the URLs of one listing."""
        fresh: dict[str, Link] = {}
        refused: list[tuple[Job, Outcome, str | None]] = []
        for link in links:
            url = normalize(link.url)
            if not is_web(url) or url in fresh:
                continue
            met = self.seen.get(url)
            if met is None:
                fresh[url] = link
            elif met != f"source {source.id}":
                refused.append((self._job(source, url, None, now), Outcome.DUPLICATE, f"named by {met} as well"))
        known = self._ledger.states(fresh)
        due: list[UrlState] = []
        for url, link in fresh.items():
            self.seen[url] = f"source {source.id}"
            state = known.get(url)
            listed = self._state(source, url, link, now, nesting)
            if not source.in_scope(url):
                if state is None or state.outcome != Outcome.OUT_OF_SCOPE:
                    job = self._job(source, url, state or listed, now)
                    refused.append((job, Outcome.OUT_OF_SCOPE, f"not in the patterns of source {source.id}"))
                else:
                    self._tally.not_due += 1
            elif state is None:
                due.append(listed)
            elif self._is_due(state, listed, now):
                due.append(_with_dates(state, listed))
            else:
                self._tally.not_due += 1
        due.sort(key=lambda s: (s.captured_at is not None, -(s.listed_published_at or s.listed_modified_at or 0.0)))
        room = self._room(source)
        chosen = self._take(source, due[:room], now)
        refused += [(self._job(source, s.url, s, now), Outcome.BUDGET, self._budget_detail(source)) for s in due[room:]]
        return self._offered(source, chosen, refused, now, nesting)

    def revisits(self, source: Source, now: float) -> Offered:
        """The source's known pages that are due, as far as its budget goes."""
        self._reserved[source.id] = 0
        room = self._room(source)
        states = self._ledger.due_urls(source.id, float("inf") if self._is_forced else now, room + len(self.seen))
        states = [s for s in states if s.url not in self.seen][:room]
        refused = []
        chosen = []
        for state in states:
            self.seen[state.url] = f"source {source.id}"
            if source.in_scope(state.url):
                chosen.append(state)
            else:
                detail = f"no longer in the patterns of source {source.id}"
                refused.append((self._job(source, state.url, state, now), Outcome.OUT_OF_SCOPE, detail))
        return self._offered(source, self._take(source, chosen, now), refused, now)

    def taken(self, pages: Sequence[Queued], sources: Mapping[str, Source], now: float) -> Offered:
        """Jobs for pages that this worker took out of the queue; those that a redirect has led it to end here."""
        jobs, refused = [], []
        for page in pages:
            source, state = sources[page.state.source], page.state
            met = self.seen.setdefault(state.url, f"source {source.id}")
            job = self._job(source, state.url, state, now, state.depth)
            if met.startswith(REDIRECTED):
                refused.append((job, Outcome.DUPLICATE, f"named by {met} as well"))
            else:
                jobs.append(job)
        return Offered(tuple(jobs), tuple(refused))

    def _offered(
        self,
        source: Source,
        chosen: Sequence[UrlState],
        refused: Sequence[tuple[Job, Outcome, str | None]],
        now: float,
        nesting: int | None = None,
    ) -> Offered:
        """What was taken on, as jobs; in a shared crawl they come out of the queue later, for whoever has the host."""
        if self._enqueue is not None:
            self._tally.discovered += len(refused)
            return Offered((), tuple(refused), len(chosen))
        jobs = tuple(self._job(source, s.url, s, now, s.depth if nesting is None else nesting) for s in chosen)
        count = len(jobs) + len(refused)
        self._tally.discovered += count
        return Offered(jobs, tuple(refused))

    def _is_due(self, state: UrlState, listed: UrlState, now: float) -> bool:
        if state.run_id not in (None, self._run_id):
            return False
        if self._is_forced or state.outcome == Outcome.OUT_OF_SCOPE:
            return True
        return is_due(state, listed.listed_modified_at, now)

    def exhaustion(self, source: Source) -> str | None:
        """Which budget of a source is used up; None while it has room."""
        return None if self._room(source) else self._budget_detail(source)

    def _room(self, source: Source) -> int:
        of_source = source.max_pages - self._taken[source.id] - self._reserved.get(source.id, 0)
        return max(0, min(of_source, self._settings.run_pages_max - self._taken.total()))

    def _budget_detail(self, source: Source) -> str:
        if self._taken.total() >= self._settings.run_pages_max:
            return f"run_pages_max = {self._settings.run_pages_max}"
        return f"max_pages = {source.max_pages} of source {source.id}"

    def _take(self, source: Source, states: Sequence[UrlState], now: float) -> Sequence[UrlState]:
        """Note that these are taken on; gives those that nobody else has taken on meanwhile."""
        if self._enqueue is None:
            taken = [replace(state, run_id=self._run_id) for state in states]
            if taken:
                self._put(taken)
        else:
            pages = [Queued(state=state, site=site_key(state.url)) for state in states]
            new = self._enqueue(pages, now) if pages else set()
            taken = [state for state in states if state.url in new]
            self._tally.not_due += len(states) - len(taken)
        self._taken[source.id] += len(taken)
        return taken

    def _state(self, source: Source, url: str, link: Link, now: float, nesting: int) -> UrlState:
        return UrlState(
            url=url,
            original_url=link.url[:4_000].replace("\x00", ""),  # PostgreSQL takes none
            source=source.id,
            first_seen_at=now,
            listed_published_at=_epoch(link.published_at, now),
            listed_modified_at=_epoch(link.modified_at, now),
            depth=nesting,
            due_at=now,
        )

    @staticmethod
    def _job(source: Source, url: str, state: UrlState | None, now: float, nesting: int = 0) -> Job:
        """A job for a page; without a state its outcome changes nothing in the ledger."""
        return Job(
            kind=FetchKind.PAGE,
            source=source,
            url=url,
            target=url,
            discovered_at=now,
            state=state,
            listed_published_at=state.listed_published_at if state else None,
            nesting=nesting,
        )


def _with_dates(state: UrlState, listed: UrlState) -> UrlState:
    return replace(
        state,
        listed_published_at=listed.listed_published_at or state.listed_published_at,
        listed_modified_at=listed.listed_modified_at or state.listed_modified_at,
    )


def _epoch(at: datetime | None, now: float) -> float | None:
    kept = plausible(at, datetime.fromtimestamp(now, UTC))
    return kept.timestamp() if kept else None
