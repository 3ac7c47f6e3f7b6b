"""The crawl's loop: turns are taken from the scheduler, requests made, and each answer leads on or to an outcome.

Every request, a redirect's next hop and a robots.txt included, is a turn of its own at its own site, so each waits for
that site's gap and is checked against that site's robots.txt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flows.fetch.client import Answer, Client, Limits
from flows.fetch.concluder import Concluder
from flows.fetch.discovery import Discovery
from flows.fetch.gate import Gate
from flows.fetch.judge import Judgement, helps_to_retry, is_redirect, judge, signal_of, wants_any, wants_page
from flows.fetch.model import Job
from flows.fetch.politeness import Lane, Scheduler, Signal, Turn
from flows.fetch.retry_after import retry_after_s
from flows.fetch.share import Share
from flows.settings import Settings
from flows.sources import Source
from transforms.outcome import Outcome
from transforms.robots import BODY_MAX
from transforms.schema import Attempt, FetchKind
from transforms.sitemaps import BYTES_MAX as SITEMAP_BYTES_MAX
from transforms.url import normalize, resolve, site_key, without_credentials
from warehouse.ledger_queue import Queued
from warehouse.ledger_rows import HostState

_ROBOTS_HOPS_MAX = 5
_BEHIND_WAIT_S = 0.05


class Engine:
    """One crawl under way."""

    def __init__(
        self,
        *,
        settings: Settings,
        client: Client,
        scheduler: Scheduler[Job],
        gate: Gate,
        concluder: Concluder,
        discovery: Discovery,
        clock: Callable[[], float],
        should_stop: Callable[[], bool],
        share: Share | None = None,
    ) -> None:
        """`share` is this worker's part where several work on the crawl."""
        self._settings = settings
        self._client = client
        self._scheduler = scheduler
        self._gate = gate
        self._concluder = concluder
        self._discovery = discovery
        self._clock = clock
        self._should_stop = should_stop
        self._share = share
        self._limits = Limits(
            connect_s=settings.connect_timeout_s,
            idle_s=settings.idle_timeout_s,
            total_s=settings.total_timeout_s,
            body_max=settings.raw_bytes_max,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._failure: BaseException | None = None
        self._sources: dict[str, Source] = {}

    async def run(self, sources: Sequence[Source], recorder: asyncio.Task[None]) -> None:
        """Work until every job of these sources has its outcome, or until the recorder fails."""
        recorder.add_done_callback(lambda _: self._wake.set())
        self._sources = {source.id: source for source in sources}
        if self._share is not None:
            self.spawn(self._share.run(self))
        else:
            for source in sources:
                self.spawn(self.begin(source))
        while self._failure is None and not recorder.done():
            self._wake.clear()
            if self._should_stop():
                self._gate.stop()
            now = self._clock()
            while self._may_ask(now) and (turn := self._scheduler.take(now)) is not None:
                self.spawn(self._serve(turn))
            while self._discovery.exhausted:
                self.spawn(self._revisit(self._discovery.exhausted.pop()))
            if not self._tasks and self._scheduler.next_at() is None:
                break
            self._gate.upkeep()
            await self._rest(now)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._failure is not None:
            raise self._failure

    async def begin(self, source: Source) -> None:
        """Read a source's documents and lists, or take on the revisits that are due."""
        for job in await self._discovery.begin(source):
            self._gate.enqueue(job)
        if self._share is not None and not self._discovery.is_open(source):
            await self._share.finished(source)

    async def took(self, pages: Sequence[Queued]) -> None:
        """Take pages on that came out of the queue of a shared crawl."""
        for job in await self._discovery.taken(pages, self._sources):
            self._gate.enqueue(job)
        self._wake.set()

    def is_quiet(self) -> bool:
        """Whether nothing is under way but one task, the share's, and everything is written that was asked for."""
        is_idle = self._concluder.is_idle and not (
            len(self._scheduler) or self._gate.is_waiting() or self._discovery.exhausted
        )
        return is_idle and len(self._tasks) <= 1

    def fail(self, error: BaseException) -> None:
        """End the crawl with this."""
        self._failure = self._failure or error
        self._wake.set()

    def _may_ask(self, now: float) -> bool:
        return not self._concluder.is_behind and (self._share is None or self._share.may_ask(now))

    async def _revisit(self, source: Source) -> None:
        for job in await self._discovery.revisits(source):
            self._gate.enqueue(job)
        if self._share is not None:
            await self._share.finished(source)

    async def _serve(self, turn: Turn[Job]) -> None:
        """Make one request, and see to what follows from its answer."""
        job, site, sent_at = turn.job, turn.site, self._clock()
        if job.kind is not FetchKind.ROBOTS and self._gate.must_learn(site):
            self._scheduler.cancel(site)
            self._gate.enqueue(job)
            return
        if (refusal := self._discovery.refuse_document(job)) is not None:
            self._scheduler.cancel(site)
            self._gate.end(job, Outcome.BUDGET, refusal)
            return
        job.sent = self._concluder.validators(job)
        job.tries += 1
        answer = await self._ask(job, site)
        judgement = self._judge(job, answer)
        _note(job, turn, answer, judgement, sent_at)
        asked_s = self._finish(site, answer, judgement)
        if is_redirect(answer):
            self._follow(job, answer)
        elif judgement.outcome is Outcome.RATE_LIMITED and asked_s > self._settings.retry_after_max_s:
            await self._conclude(job, answer, judgement)
            self._gate.abandon(site, "the site asked to be left alone for longer than a run waits")
        elif self._may_retry(job, judgement):
            self._scheduler.add(site, job, self._clock(), Lane.UNDER_WAY)
        else:
            await self._conclude(job, answer, judgement)
        if self._scheduler.is_given_up(site):
            self._gate.abandon(site, "the site is down or keeps asking to wait")

    async def _ask(self, job: Job, site: str) -> Answer:
        headers = dict(job.sent)
        if job.source.headers and site in {site_key(url) for url in job.source.urls}:
            headers.update(job.source.headers)
        is_robots = job.kind is FetchKind.ROBOTS
        limits = replace(
            self._limits,
            total_s=max(1.0, self._limits.total_s - job.spent_s),
            body_max=BODY_MAX if is_robots else self._limits.body_max,
        )
        wanted = wants_page if job.kind is FetchKind.PAGE else wants_any
        answer = await self._client.get(job.target, limits=limits, headers=headers, wants_body=wanted)
        if is_robots and answer.outcome is Outcome.TOO_LARGE and answer.status == 200:
            return replace(answer, outcome=None, detail=None)  # what is read of it is what counts
        return answer

    def _judge(self, job: Job, answer: Answer) -> Judgement:
        if is_redirect(answer):
            location = answer.header("location") or ""
            return Judgement(Outcome.READ, f"to {_target(job.target, location) or location or 'nowhere'}"[:300])
        is_page = job.kind is FetchKind.PAGE
        decoded_max = self._settings.decoded_bytes_max if is_page else SITEMAP_BYTES_MAX
        return judge(answer, decoded_max=decoded_max, is_page=is_page, was_conditional=bool(job.sent))

    def _may_retry(self, job: Job, judgement: Judgement) -> bool:
        has_tries = job.tries < self._settings.fetch_tries and not self._should_stop()
        return has_tries and helps_to_retry(judgement.outcome)

    def _finish(self, site: str, answer: Answer, judgement: Judgement) -> float:
        """Tell the scheduler and the ledger how the site is doing; gives what the site asked us to wait, or 0."""
        now = self._clock()
        signal = signal_of(answer, judgement.outcome)
        asked_s = retry_after_s(answer.header("retry-after"), now) if signal is Signal.BUSY else None
        self._scheduler.finish(site, now, answer.latency_s if answer.status else None, signal, asked_s)
        not_before, latency_s, failures = self._scheduler.memory(site)
        self._concluder.remember(
            HostState(
                site=site,
                not_before=max(not_before, now + asked_s) if asked_s else not_before or None,
                last_request_at=now,
                latency_s=latency_s,
                failures=failures,
            )
        )
        return asked_s or 0.0

    def _follow(self, job: Job, answer: Answer) -> None:
        """Go where a redirect points, if that is a place to go."""
        location = (answer.header("location") or "").strip()
        target = _target(job.target, location)
        limit = _ROBOTS_HOPS_MAX if job.kind is FetchKind.ROBOTS else self._settings.redirects_max
        job.hops.add(job.target)
        if not target:
            self._gate.end(job, Outcome.BAD_REDIRECT, f"to {location[:200] or 'nowhere'}", answer)
        elif target in job.hops:
            self._gate.end(job, Outcome.REDIRECT_LOOP, f"back to {target[:200]}", answer)
        elif len(job.hops) > limit:
            self._gate.end(job, Outcome.REDIRECT_LOOP, f"more than {limit} redirects", answer)
        elif job.spent_s >= self._limits.total_s:
            self._gate.end(job, Outcome.TIMEOUT, "the redirects took too long", answer)
        else:
            job.target, job.tries = target, 0
            refusal = self._discovery.refuse_hop(job, normalize(target))
            if refusal is not None:
                self._gate.end(job, refusal[0], refusal[1], answer)
            else:
                self._gate.enqueue(job)

    async def _conclude(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        if job.kind is FetchKind.ROBOTS:
            self._gate.learned(job, answer, judgement)
        elif job.kind is FetchKind.PAGE:
            self._concluder.conclude(job, answer, judgement)
            for found in await self._discovery.follow(job, answer, judgement):
                self._gate.enqueue(found)
        else:
            for found in await self._discovery.read(job, answer, judgement):
                self._gate.enqueue(found)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the loop, which does not end before it; what it raises ends the crawl."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)
        self._wake.set()

    async def _rest(self, now: float) -> None:
        """Until something ends, or the next turn may be taken."""
        at = self._scheduler.next_at()
        wait_s = min(1.0, max(0.0, at - now)) if at is not None else 1.0
        if not self._may_ask(now):
            wait_s = _BEHIND_WAIT_S
        timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        await self._wake.wait()
        timer.cancel()


def _note(job: Job, turn: Turn[Job], answer: Answer, judgement: Judgement, sent_at: float) -> None:
    """Add a request to what the job has been through."""
    job.spent_s += answer.latency_s
    job.wait_s += turn.wait_s
    job.raw_bytes += len(answer.body)
    job.attempts.append(
        Attempt(
            url=job.target,
            at=datetime.fromtimestamp(sent_at, UTC),
            status=answer.status,
            outcome=judgement.outcome,
            detail=judgement.detail,
            wait_s=turn.wait_s,
            wait_reason=turn.wait_reason,
            latency_s=answer.latency_s,
        )
    )


def _target(base: str, location: str) -> str:
    """Where a Location header points, empty where that is no place on the web."""
    return without_credentials(resolve(base, location) or "").partition("#")[0] if location else ""
