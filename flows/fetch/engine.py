"""The crawl's loop: turns are taken from the scheduler, requests made, and each answer leads on or to an outcome.

Every request, a redirect's next hop and a robots.txt included, is a turn of its own at its own site, so each waits for
that site's gap and is checked against that site's robots.txt. A job waits outside the scheduler until the robots.txt of
its site is known.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flows.fetch.client import Answer, Client, Limits
from flows.fetch.concluder import Concluder
from flows.fetch.judge import Judgement, helps_to_retry, is_redirect, judge, signal_of, wants_any, wants_page
from flows.fetch.model import Job, Tally
from flows.fetch.politeness import Lane, Scheduler, Signal, Turn
from flows.fetch.retry_after import retry_after_s
from flows.fetch.robots import Standing, next_state, robots_url, standing
from flows.settings import Settings
from flows.sources import Source
from transforms.outcome import Outcome
from transforms.robots import BODY_MAX
from transforms.schema import Attempt, FetchKind
from transforms.sitemaps import BYTES_MAX as SITEMAP_BYTES_MAX
from transforms.url import normalize, resolve, site_key
from warehouse.ledger import LEASE_S, Ledger
from warehouse.ledger_rows import HostState

_ROBOTS_HOPS_MAX = 5
_PENDING_WAIT_S = 0.05


class Engine:
    """One crawl under way."""

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: Ledger,
        client: Client,
        scheduler: Scheduler[Job],
        concluder: Concluder,
        tally: Tally,
        run_id: str,
        owner: str,
        clock: Callable[[], float],
        should_stop: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._client = client
        self._scheduler = scheduler
        self._concluder = concluder
        self._tally = tally
        self._run_id = run_id
        self._owner = owner
        self._clock = clock
        self._should_stop = should_stop
        self._limits = Limits(
            connect_s=settings.connect_timeout_s,
            idle_s=settings.idle_timeout_s,
            total_s=settings.total_timeout_s,
            body_max=settings.raw_bytes_max,
        )
        self._standings: dict[str, Standing] = {}
        self._waiting: dict[str, list[Job]] = {}
        self._leased: set[str] = set()
        self._abandoned: dict[str, str] = {}
        self._pages_of_site: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._failure: BaseException | None = None
        self._next_upkeep = clock() + LEASE_S / 4

    async def run(self, sources: Sequence[Source], recorder: asyncio.Task[None]) -> None:
        """Work until every job of these sources has its outcome, or until the recorder fails."""
        recorder.add_done_callback(lambda _: self._wake.set())
        for source in sources:
            self.spawn(self._begin(source))
        while self._failure is None and not recorder.done():
            self._wake.clear()
            now = self._clock()
            if self._should_stop():
                self._stop()
            while not self._concluder.is_behind and (turn := self._scheduler.take(now)) is not None:
                self.spawn(self._serve(turn))
            while self._concluder.exhausted:
                self.spawn(self._revisit(self._concluder.exhausted.pop()))
            if not self._tasks and self._scheduler.next_at() is None:
                break
            self._upkeep(now)
            await self._rest(now)
        if self._failure is not None or recorder.done():
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._failure is not None:
            raise self._failure

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the loop, which does not end before it; what it raises ends the crawl."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def enqueue(self, job: Job, lane: Lane = Lane.FRESH) -> None:
        """Take a job on, or give it its outcome at once where robots, budgets or the site's state decide."""
        site = site_key(job.target)
        now = self._clock()
        if not site:
            self._settle(job, Outcome.BAD_REDIRECT, f"{job.target[:200]} is not an http or https address")
        elif self._should_stop():
            self._settle(job, Outcome.DEFERRED, "the run was stopped")
        elif site in self._abandoned:
            self._settle(job, Outcome.DEFERRED, self._abandoned[site])
        elif job.kind is FetchKind.ROBOTS:
            self._scheduler.add(site, job, now, Lane.UNDER_WAY)
        elif site in self._waiting:
            self._waiting[site].append(job)
        elif (known := self._standings.get(site)) is None or known.expires_at <= now or site not in self._leased:
            self._waiting[site] = [job]
            self._learn(site, job.source)
        else:
            self._admit(site, known, job, lane)

    def _admit(self, site: str, known: Standing, job: Job, lane: Lane) -> None:
        """Queue a job if the site's robots.txt and budget let it."""
        verdict = known.verdict(job.target)
        if verdict is None:
            self._settle(job, known.outcome, known.detail)
            return
        job.robots_rule, job.robots_digest = verdict.rule, known.digest
        if not verdict.is_allowed:
            self._settle(job, Outcome.ROBOTS_DENIED, verdict.rule)
            return
        if job.kind is FetchKind.PAGE and not job.attempts:
            if self._pages_of_site[site] >= self._settings.host_pages_max:
                self._settle(job, Outcome.BUDGET, f"host_pages_max = {self._settings.host_pages_max}")
                return
            self._pages_of_site[site] += 1
        urgent = job.kind is not FetchKind.PAGE or bool(job.attempts)
        self._scheduler.add(site, job, self._clock(), Lane.UNDER_WAY if urgent else lane)
        self._wake.set()

    def _learn(self, site: str, source: Source) -> None:
        """Lease a site and find out what its robots.txt says: from the ledger, or by asking."""
        now = self._clock()
        if site not in self._leased:
            host = self._ledger.lease(site, self._run_id, self._owner, now)
            if host is None:
                self._abandon(site, "the site is leased to another run")
                return
            self._leased.add(site)
            if (host.not_before or 0.0) > now + self._settings.retry_after_max_s:
                self._abandon(site, "the site asked to be left alone for longer than a run waits")
                return
            self._scheduler.resume(
                site, last_event_at=host.last_request_at, not_before=host.not_before, latency_s=host.latency_s
            )
        kept = self._ledger.robots(site)
        if kept is not None and kept.expires_at > now:
            self._know(site, standing(kept, now))
            return
        self._tally.discovered += 1
        address = robots_url(site)
        self.enqueue(
            Job(kind=FetchKind.ROBOTS, source=source, url=address, target=address, discovered_at=now, robots_site=site)
        )

    def _know(self, site: str, known: Standing) -> None:
        """A site's robots.txt is known: let in those who waited for it."""
        self._standings[site] = known
        self._scheduler.set_delay(site, known.robots.delay_s if known.robots else None)
        for job in self._waiting.pop(site, []):
            self._admit(site, known, job, Lane.FRESH)
        self._wake.set()

    def _abandon(self, site: str, detail: str) -> None:
        """Put off everything that waits for a site."""
        self._abandoned[site] = detail
        for job in [*self._waiting.pop(site, []), *self._scheduler.drop(site)]:
            self._settle(job, Outcome.DEFERRED, detail)

    async def _begin(self, source: Source) -> None:
        for job in await self._concluder.begin(source):
            self.enqueue(job)

    async def _revisit(self, source: Source) -> None:
        for job in await self._concluder.revisits(source):
            self.enqueue(job)

    async def _serve(self, turn: Turn[Job]) -> None:
        job, site = turn.job, turn.site
        known = self._standings.get(site)
        now = self._clock()
        if job.kind is not FetchKind.ROBOTS and (known is None or known.expires_at <= now):
            self._scheduler.cancel(site)
            self.enqueue(job)
            return
        is_page = job.kind is FetchKind.PAGE
        job.sent = self._concluder.validators(job)
        job.tries += 1
        headers = dict(job.sent)
        if job.source.headers and site in {site_key(url) for url in job.source.urls}:
            headers.update(job.source.headers)
        answer = await self._client.get(
            job.target,
            limits=replace(
                self._limits,
                total_s=max(1.0, self._limits.total_s - job.spent_s),
                body_max=BODY_MAX if job.kind is FetchKind.ROBOTS else self._limits.body_max,
            ),
            headers=headers,
            wants_body=wants_page if is_page else wants_any,
        )
        if job.kind is FetchKind.ROBOTS and answer.outcome is Outcome.TOO_LARGE and answer.status == 200:
            answer = replace(answer, outcome=None, detail=None)  # what is read of it is what counts
        redirected = is_redirect(answer)
        decoded_max = self._settings.decoded_bytes_max if is_page else SITEMAP_BYTES_MAX
        judgement = (
            Judgement(Outcome.READ, f"to {answer.header('location') or 'nowhere'}"[:300])
            if redirected
            else judge(answer, decoded_max=decoded_max, is_page=is_page, was_conditional=bool(job.sent))
        )
        self._note(turn, job, answer, judgement, now)
        asked = self._finish(site, answer, judgement)
        if redirected:
            self._follow(job, answer)
        elif judgement.outcome is Outcome.RATE_LIMITED and asked > self._settings.retry_after_max_s:
            await self._conclude(job, answer, judgement)
            self._abandon(site, "the site asked to be left alone for longer than a run waits")
        elif helps_to_retry(judgement.outcome) and job.tries < self._settings.fetch_tries and not self._should_stop():
            self._scheduler.add(site, job, self._clock(), Lane.UNDER_WAY)
        else:
            await self._conclude(job, answer, judgement)
        if self._scheduler.is_given_up(site):
            self._abandon(site, "the site is down or keeps asking to wait")

    def _note(self, turn: Turn[Job], job: Job, answer: Answer, judgement: Judgement, sent_at: float) -> None:
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

    def _finish(self, site: str, answer: Answer, judgement: Judgement) -> float:
        """Tell the scheduler and the ledger how the site is doing; gives what the site asked us to wait, or 0."""
        now = self._clock()
        signal = signal_of(answer, judgement.outcome)
        asked = retry_after_s(answer.header("retry-after"), now) if signal is Signal.BUSY else None
        self._scheduler.finish(site, now, answer.latency_s if answer.status else None, signal, asked)
        not_before, latency_s, failures = self._scheduler.memory(site)
        self._concluder.remember(
            HostState(
                site=site,
                not_before=max(not_before, now + asked) if asked else not_before or None,
                last_request_at=now,
                latency_s=latency_s,
                failures=failures,
            )
        )
        return asked or 0.0

    def _follow(self, job: Job, answer: Answer) -> None:
        """Go where a redirect points, if that is a place to go."""
        location = (answer.header("location") or "").strip()
        target = (resolve(job.target, location) or "").partition("#")[0] if location else ""
        limit = _ROBOTS_HOPS_MAX if job.kind is FetchKind.ROBOTS else self._settings.redirects_max
        job.hops.add(job.target)
        if not target:
            self._settle(job, Outcome.BAD_REDIRECT, f"to {location[:200] or 'nowhere'}", answer)
        elif target in job.hops:
            self._settle(job, Outcome.REDIRECT_LOOP, f"back to {target[:200]}", answer)
        elif len(job.hops) > limit:
            self._settle(job, Outcome.REDIRECT_LOOP, f"more than {limit} redirects", answer)
        elif job.spent_s >= self._limits.total_s:
            self._settle(job, Outcome.TIMEOUT, "the redirects took too long", answer)
        else:
            job.target, job.tries = target, 0
            refusal = self._concluder.refuse_hop(job, normalize(target))
            if refusal is not None:
                self._settle(job, refusal[0], refusal[1], answer)
            else:
                self.enqueue(job, Lane.UNDER_WAY)

    async def _conclude(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        if job.kind is FetchKind.ROBOTS:
            self._learned(job, answer, judgement)
        else:
            for found in await self._concluder.conclude(job, answer, judgement):
                self.enqueue(found)

    def _learned(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        site, now = job.robots_site or "", self._clock()
        max_age_s = self._settings.robots_max_age_s
        state = next_state(self._ledger.robots(site), site, answer, judgement, now=now, max_age_s=max_age_s)
        self._ledger.put_robots(state)
        is_read = judgement.outcome in (Outcome.CAPTURED, Outcome.EMPTY)
        self._concluder.settle(job, Outcome.READ if is_read else judgement.outcome, judgement.detail, answer)
        self._know(site, standing(state, now))

    def _settle(self, job: Job, outcome: Outcome, detail: str | None, answer: Answer | None = None) -> None:
        """End a job. A robots.txt that cannot be had ends in what that means for its site."""
        if job.kind is FetchKind.ROBOTS and job.robots_site in self._waiting:
            failed = answer or Answer(url=job.target, latency_s=0.0)
            self._learned(job, failed, Judgement(outcome, detail))
            return
        self._concluder.settle(job, outcome, detail, answer)

    def _stop(self) -> None:
        for site in [*self._scheduler.sites(), *self._waiting]:
            self._abandon(site, "the run was stopped")

    def _upkeep(self, now: float) -> None:
        if now >= self._next_upkeep:
            self._ledger.renew_leases(self._run_id, now)
            self._next_upkeep = now + LEASE_S / 4

    async def _rest(self, now: float) -> None:
        """Until something ends, or the next turn may be taken."""
        at = self._scheduler.next_at()
        wait_s = min(1.0, max(0.0, at - now)) if at is not None else 1.0
        if self._concluder.is_behind:
            wait_s = _PENDING_WAIT_S
        timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
        await self._wake.wait()
        timer.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
        self._wake.set()
