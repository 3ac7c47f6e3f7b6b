"""Who may ask for what: leases, robots.txt, budgets and stops decide here, before a job gets into a site's queue.

A job waits in the gate until the robots.txt of its site is known, so a site's queue holds only what may be asked for.
Each redirect's hop comes through here again. Where several workers share a crawl the gate leases no site itself: it
says which it wants, and `flows.fetch.share` opens it when it is free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from flows.fetch.client import Answer
from flows.fetch.judge import Judgement
from flows.fetch.model import Job, Tally
from flows.fetch.politeness import Lane, Scheduler
from flows.fetch.robots import Standing, next_state, robots_url, standing
from flows.settings import Settings
from flows.sources import Source
from transforms.outcome import Outcome
from transforms.schema import FetchKind
from transforms.url import site_key
from warehouse.ledger import LEASE_S, Ledger
from warehouse.ledger_rows import HostState, RobotsState

Settle = Callable[[Job, Outcome, str | None, Answer | None], None]


class RobotsStore(Protocol):
    """Where robots.txt files are kept."""

    def robots(self, site: str) -> RobotsState | None:
        """A site's robots.txt as last asked for."""
        ...

    def put_robots(self, state: RobotsState) -> None:
        """Keep a site's robots.txt."""
        ...


class Gate:
    """Lets jobs into the scheduler, or ends them."""

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: Ledger,
        scheduler: Scheduler[Job],
        settle: Settle,
        tally: Tally,
        run_id: str,
        owner: str,
        clock: Callable[[], float],
        should_stop: Callable[[], bool],
        shared_robots: RobotsStore | None = None,
    ) -> None:
        """`shared_robots` is given where several workers share the crawl."""
        self._settings = settings
        self._ledger = ledger
        self._scheduler = scheduler
        self._settle = settle
        self._tally = tally
        self._run_id = run_id
        self._owner = owner
        self._clock = clock
        self._should_stop = should_stop
        self._robots: RobotsStore = shared_robots or ledger
        self._is_shared = shared_robots is not None
        self.wanted: dict[str, float] = {}
        """Sites that something waits for and that are not ours, and since when. Shared crawls only."""
        self.returned: list[Job] = []
        """Pages that were taken and are to go back into the queue. Shared crawls only."""
        self._standings: dict[str, Standing] = {}
        self._waiting: dict[str, list[Job]] = {}
        self._leased: set[str] = set()
        self._abandoned: dict[str, str] = {}
        self._pages_of_site: Counter[str] = Counter()
        self._next_upkeep = clock() + LEASE_S / 4

    def enqueue(self, job: Job) -> None:
        """Take a job on, or give it its outcome at once where robots, budgets or the site's state decide."""
        site = site_key(job.target)
        if not site:
            self.end(job, Outcome.BAD_REDIRECT, f"{job.target[:200]} is not an http or https address")
        elif self._should_stop():
            self._put_off(job, "the run was stopped")
        elif site in self._abandoned:
            self.end(job, Outcome.DEFERRED, self._abandoned[site])
        elif job.kind is FetchKind.ROBOTS:
            self._scheduler.add(site, job, self._clock(), Lane.UNDER_WAY)
        elif site in self._waiting:
            self._waiting[site].append(job)
        elif self.must_learn(site):
            self._waiting[site] = [job]
            self._learn(site, job.source)
        else:
            self._admit(site, self._standings[site], job)

    def must_learn(self, site: str) -> bool:
        """Whether a site's robots.txt has to be read (again) before it is asked for anything else."""
        known = self._standings.get(site)
        return known is None or known.expires_at <= self._clock() or site not in self._leased

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of a URL's site names."""
        known = self._standings.get(site_key(url))
        return known.robots.sitemaps if known is not None and known.robots is not None else ()

    def learned(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        """A robots.txt was asked for: keep what that means, and let in those who waited for it."""
        site, now = job.robots_site or "", self._clock()
        max_age_s = self._settings.robots_max_age_s
        state = next_state(self._robots.robots(site), site, answer, judgement, now=now, max_age_s=max_age_s)
        self._robots.put_robots(state)
        outcome, detail = judgement.outcome, judgement.detail
        if outcome in (Outcome.CAPTURED, Outcome.EMPTY):
            outcome = Outcome.READ
        elif outcome is Outcome.HTTP_4XX:
            outcome, detail = Outcome.READ, f"{detail}: there is none, everything is allowed"
        self._settle(job, outcome, detail, answer)
        self._know(site, standing(state, now))

    def end(self, job: Job, outcome: Outcome, detail: str | None, answer: Answer | None = None) -> None:
        """End a job. A robots.txt that cannot be had ends in what that means for its site."""
        if job.kind is FetchKind.ROBOTS and job.robots_site in self._waiting:
            self.learned(job, answer or Answer(url=job.target, latency_s=0.0), Judgement(outcome, detail))
        else:
            self._settle(job, outcome, detail, answer)

    def abandon(self, site: str, detail: str) -> None:
        """Put off everything that waits for a site, now and for the rest of the run."""
        self._abandoned[site] = detail
        for job in [*self._waiting.pop(site, []), *self._scheduler.drop(site)]:
            self.end(job, Outcome.DEFERRED, detail)

    def stop(self) -> None:
        """Put off everything that is not under way."""
        for site in {*self._scheduler.sites(), *self._waiting}:
            self.withdraw(site)
            self.abandon(site, "the run was stopped")
            self.wanted.pop(site, None)

    def upkeep(self) -> None:
        """Now and then give back the sites that nothing waits for, and keep the leases of the others."""
        now = self._clock()
        if now >= self._next_upkeep and not self._is_shared:
            idle = self.idle_sites()
            self._ledger.release(sorted(idle), self._run_id)
            self.closed(idle)
            self._ledger.renew_leases(self._run_id, now)
            self._next_upkeep = now + LEASE_S / 4

    # Where several workers share the crawl

    def opened(self, site: str, host: HostState, kept: RobotsState | None) -> None:
        """A site is ours: let in what waits for it."""
        self.wanted.pop(site, None)
        self._leased.add(site)
        if kept is not None:
            self._robots.put_robots(kept)
        if self._resume(site, host) and self._waiting.get(site):
            self._ask_robots(site, self._waiting[site][0].source)

    def refuse(self, site: str, detail: str) -> None:
        """Put off what waits for a site that is not ours; it may be ours later."""
        self.wanted.pop(site, None)
        for job in self._waiting.pop(site, []):
            self._put_off(job, detail)

    def withdraw(self, site: str) -> None:
        """Give a site's pages back that nothing was asked for yet."""
        if self._is_shared:
            waiting = self._waiting.get(site, [])
            self.returned += [j for j in waiting if _is_from_queue(j)] + self._scheduler.drop(site, [Lane.FRESH])
            if any(_is_from_queue(j) for j in waiting):
                self._waiting[site] = [j for j in waiting if not _is_from_queue(j)]

    def held_sites(self) -> set[str]:
        """Sites that are ours."""
        return set(self._leased)

    def idle_sites(self) -> set[str]:
        """Sites of ours that nothing waits for."""
        return {s for s in self._leased if s not in self._waiting and self._scheduler.is_idle(s)}

    def backlog(self, site: str) -> int:
        """How many jobs wait for a site."""
        return len(self._waiting.get(site, ())) + self._scheduler.queued_count(site)

    def closed(self, sites: Iterable[str]) -> None:
        """Sites are ours no more."""
        self._leased.difference_update(sites)

    def is_waiting(self) -> bool:
        """Whether something waits for a site to be opened."""
        return bool(self._waiting)

    def _put_off(self, job: Job, detail: str) -> None:
        if self._is_shared and _is_from_queue(job):
            self.returned.append(job)
        else:
            self.end(job, Outcome.DEFERRED, detail)

    def _admit(self, site: str, known: Standing, job: Job) -> None:
        """Queue a job if the site's robots.txt and budget let it."""
        verdict = known.verdict(job.target)
        if verdict is None:
            self.end(job, known.outcome, known.detail)
            return
        job.robots_rule, job.robots_digest = verdict.rule, known.digest
        is_fresh_page = job.kind is FetchKind.PAGE and not job.attempts
        if not verdict.is_allowed:
            self.end(job, Outcome.ROBOTS_DENIED, verdict.rule)
        elif is_fresh_page and self._pages_of_site[site] >= self._settings.host_pages_max:
            self.end(job, Outcome.BUDGET, f"host_pages_max = {self._settings.host_pages_max}")
        else:
            self._pages_of_site[site] += is_fresh_page
            self._scheduler.add(site, job, self._clock(), Lane.FRESH if is_fresh_page else Lane.UNDER_WAY)

    def _learn(self, site: str, source: Source) -> None:
        """Lease a site and find out what its robots.txt says: from the ledger, or by asking."""
        now = self._clock()
        if site not in self._leased:
            if self._is_shared:
                self.wanted.setdefault(site, now)
                return
            host = self._ledger.lease(site, self._run_id, self._owner, now)
            if host is None:
                self.abandon(site, "the site is leased to another run")
                return
            self._leased.add(site)
            if not self._resume(site, host):
                return
        self._ask_robots(site, source)

    def _resume(self, site: str, host: HostState) -> bool:
        """Take over what is remembered of a site; False where it is not to be asked in this run."""
        now = self._clock()
        if (host.not_before or 0.0) > now + self._settings.retry_after_max_s:
            self.abandon(site, "the site asked to be left alone for longer than a run waits")
            return False
        self._scheduler.resume(
            site, last_event_at=host.last_request_at, not_before=host.not_before, latency_s=host.latency_s
        )
        return True

    def _ask_robots(self, site: str, source: Source) -> None:
        """Find out what a site's robots.txt says: what was kept, or by asking."""
        now = self._clock()
        kept = self._robots.robots(site)
        if kept is not None and kept.expires_at > now:
            self._know(site, standing(kept, now))
            return
        self._tally.discovered += 1
        address = robots_url(site)
        self.enqueue(
            Job(kind=FetchKind.ROBOTS, source=source, url=address, target=address, discovered_at=now, robots_site=site)
        )

    def _know(self, site: str, known: Standing) -> None:
        self._standings[site] = known
        self._scheduler.set_delay(site, known.robots.delay_s if known.robots else None)
        for job in self._waiting.pop(site, []):
            self._admit(site, known, job)


def _is_from_queue(job: Job) -> bool:
    """Whether it is a page that nothing was asked for yet."""
    return job.kind is FetchKind.PAGE and not job.attempts and job.state is not None
