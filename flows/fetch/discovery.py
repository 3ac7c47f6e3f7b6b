"""Where jobs come from: a source's feeds, sitemaps, lists and home pages, the links of a site's pages, and revisits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flows.fetch.client import Answer
from flows.fetch.concluder import Concluder
from flows.fetch.frontier import REDIRECTED, Frontier, Known, Offered
from flows.fetch.judge import Judgement
from flows.fetch.model import Job, Tally
from flows.fetch.reading import Listing, links_in_page, read_listing
from flows.fetch.schedule import after_failed_poll, after_poll
from flows.sources import Kind, Source, read_urls
from transforms.discover import Link, Unreadable
from transforms.outcome import Outcome
from transforms.schema import FetchKind
from transforms.url import is_web, normalize, registrable_domain, site_key
from warehouse.ledger_queue import Queued
from warehouse.ledger_rows import DocumentState

_NESTING_MAX = 3
_DOCUMENTS_MAX = 2_000
_PORTION = 100
_DOCUMENT_KINDS = frozenset([FetchKind.FEED, FetchKind.SITEMAP, FetchKind.HOME])
_FIRST = {Kind.FEED: FetchKind.FEED, Kind.SITEMAP: FetchKind.SITEMAP, Kind.SITE: FetchKind.HOME}


@dataclass(slots=True)
class _Course:
    """How far a source is in this run."""

    known: dict[str, DocumentState]
    met: set[str] = field(default_factory=set)
    open: int = 0


class Discovery:
    """Begins jobs. `exhausted` collects the sources whose documents are all through: their revisits are next."""

    def __init__(
        self,
        *,
        ledger: Known,
        frontier: Frontier,
        concluder: Concluder,
        tally: Tally,
        clock: Callable[[], float],
        sitemaps_of: Callable[[str], tuple[str, ...]],
        is_forced: bool,
    ) -> None:
        self._ledger = ledger
        self._frontier = frontier
        self._concluder = concluder
        self._tally = tally
        self._clock = clock
        self._sitemaps_of = sitemaps_of
        self._is_forced = is_forced
        self._courses: dict[str, _Course] = {}
        self._lock = asyncio.Lock()
        self.exhausted: list[Source] = []

    async def begin(self, source: Source) -> list[Job]:
        """The first jobs of a source: its documents that are due, or its list; else the revisits that are due."""
        course = _Course(await asyncio.to_thread(self._ledger.documents, source.id))
        self._courses[source.id] = course
        await asyncio.to_thread(self._frontier.reserve, source, self._clock())
        if source.kind is Kind.URLS:
            urls = await asyncio.to_thread(read_urls, source)
            if strange := [url for url in urls if not is_web(normalize(url))]:
                where = source.file or f"source {source.id}"
                self._tally.problems.append(
                    f"{where}: {len(strange)} of {len(urls)} are no address on the web, the first: {strange[0][:80]!r}"
                )
            return await self._offer(source, [Link(url) for url in urls]) + await self.revisits(source)
        jobs = self._documents(source, _FIRST[source.kind], [Link(url) for url in source.urls], 0)
        return jobs or await self.revisits(source)

    async def revisits(self, source: Source) -> list[Job]:
        """The known pages of a source that are due."""
        async with self._lock:
            offered = await asyncio.to_thread(self._frontier.revisits, source, self._clock())
        return await self._refuse(offered)

    async def taken(self, pages: Sequence[Queued], sources: Mapping[str, Source]) -> list[Job]:
        """Jobs for pages out of the queue of a shared crawl."""
        return await self._refuse(self._frontier.taken(pages, sources, self._clock()))

    def is_open(self, source: Source) -> bool:
        """Whether documents of a source are still to be read, or its revisits to be looked for."""
        return self._courses[source.id].open > 0 or source in self.exhausted

    def refuse_hop(self, job: Job, target: str) -> tuple[Outcome, str] | None:
        """Why a page's redirect is not followed; `target` is normalised."""
        if job.kind is not FetchKind.PAGE or target == job.url:
            return None
        if not job.source.in_scope(target):
            return Outcome.OUT_OF_SCOPE, f"redirected to {target[:200]}, not in the patterns of its source"
        this = f"{REDIRECTED}{job.url}"
        if (met := self._frontier.seen.setdefault(target, this)) != this:
            return Outcome.DUPLICATE, f"redirected to {target[:200]}, named by {met} as well"
        return None

    def refuse_document(self, job: Job) -> str | None:
        """Why a document that another one named is not asked for: its pages could not be asked for in this run."""
        is_named = job.kind in _DOCUMENT_KINDS and job.nesting > 0 and not job.attempts
        return self._frontier.exhaustion(job.source) if is_named else None

    async def follow(self, job: Job, answer: Answer, judgement: Judgement) -> list[Job]:
        """For a source of kind `site`: the pages of the same site that a captured page links to."""
        source = job.source
        is_deep = job.nesting >= source.max_depth
        if source.kind is not Kind.SITE or is_deep or judgement.outcome is not Outcome.CAPTURED:
            return []
        links = await asyncio.to_thread(links_in_page, judgement.text, answer)
        return await self._offer(source, _within(source, links), job.nesting + 1)

    def ended(self, job: Job, outcome: Outcome, detail: str | None, *, is_read: bool = False) -> None:
        """A job of any kind has its outcome. A document that could not be read is polled later, and told of."""
        if job.kind not in _DOCUMENT_KINDS:
            return
        source = job.source
        if not is_read and outcome not in (Outcome.DEFERRED, Outcome.NOT_MODIFIED, Outcome.BUDGET):
            words = outcome.value + (f" ({detail})" if detail else "")
            self._tally.problems.append(f"source {source.id}: {job.kind.value} {job.url}: {words}")
            known = replace(self._state_of(job), outcome=outcome.value)
            self._concluder.polled(after_failed_poll(known, now=self._clock(), interval_s=_interval_s(source)))
        course = self._courses[source.id]
        course.open -= 1
        if not course.open:
            self.exhausted.append(source)

    async def read(self, job: Job, answer: Answer, judgement: Judgement) -> list[Job]:
        """Read a document and take on what it lists."""
        source, now, known = job.source, self._clock(), self._state_of(job)
        if judgement.outcome is Outcome.NOT_MODIFIED:
            polled = after_poll(known, now=now, interval_s=_interval_s(source), new_count=0, fields=answer.fields)
            if not known.link_count:  # it may be an index, read before its validators were left out: next time in full
                polled = replace(polled, etag=None, last_modified=None)
            # The name of a 304 is kept for pages: a listing that has not changed was read.
            self._concluder.settle(job, Outcome.READ, "not modified since the last poll", answer, document=polled)
            self.ended(job, Outcome.READ, None, is_read=True)
            return []
        if judgement.outcome is not Outcome.CAPTURED:
            self._end(job, judgement.outcome, judgement.detail, answer)
            return []
        listing = await asyncio.to_thread(read_listing, job.kind, judgement.text, answer)
        if isinstance(listing, Unreadable):
            self._end(job, Outcome.UNREADABLE, listing.detail, answer)
            return []
        jobs, new_count = await self._take(job, listing)
        polled = after_poll(
            replace(known, outcome=Outcome.READ.value, link_count=len(listing.pages)),
            now=now,
            interval_s=_interval_s(source),
            new_count=new_count,
            ttl_s=listing.ttl_s,
            skip_hours=listing.skip_hours,
            fields=answer.fields,
        )
        # An index that has not changed says nothing about the documents that it names: it must be read to reach them.
        is_index = bool(listing.sitemaps or listing.feeds) or job.kind is FetchKind.HOME
        validators = (None, None) if is_index else (answer.header("etag"), answer.header("last-modified"))
        polled = replace(polled, etag=validators[0], last_modified=validators[1])
        self._tally.salvaged += listing.is_salvaged
        self._concluder.settle(job, Outcome.READ, listing.words(), answer, document=polled)
        self.ended(job, Outcome.READ, None, is_read=True)
        return jobs

    async def _take(self, job: Job, listing: Listing) -> tuple[list[Job], int]:
        """The pages that a document lists, and the documents that it leads to; and how many of them are new."""
        source = job.source
        pages = listing.pages
        sitemaps = listing.sitemaps
        if job.kind is FetchKind.HOME:
            pages = _within(source, pages)
            sitemaps += tuple(Link(url) for url in self._sitemaps_of(job.target))
        offered = await self._offered(source, pages, 1 if job.kind is FetchKind.HOME else 0)
        jobs = await self._refuse(offered)
        if job.nesting < _NESTING_MAX:
            jobs += self._documents(source, FetchKind.FEED, listing.feeds, job.nesting + 1)
            jobs += self._documents(source, FetchKind.SITEMAP, sitemaps, job.nesting + 1)
        return jobs, len(jobs) + offered.queued_count

    def _end(self, job: Job, outcome: Outcome, detail: str | None, answer: Answer) -> None:
        self._concluder.settle(job, outcome, detail, answer)
        self.ended(job, outcome, detail)

    def _documents(self, source: Source, kind: FetchKind, links: Sequence[Link], nesting: int) -> list[Job]:
        """Jobs for documents that are due and were not met in this run, those that changed last first."""
        newest = sorted(links, key=lambda link: link.modified_at.timestamp() if link.modified_at else 0.0, reverse=True)
        jobs = [job for link in newest if (job := self._document(source, kind, link, nesting)) is not None]
        self._courses[source.id].open += len(jobs)
        self._tally.discovered += len(jobs)
        return jobs

    def _document(self, source: Source, kind: FetchKind, link: Link, nesting: int) -> Job | None:
        url, now, course = normalize(link.url), self._clock(), self._courses[source.id]
        if url in course.met or len(course.met) >= _DOCUMENTS_MAX:
            return None
        course.met.add(url)
        known = course.known.get(url, DocumentState(url=url, source=source.id))
        if not self._is_forced and not _is_due(known, link, nesting, now):
            return None
        return Job(kind=kind, source=source, url=url, target=url, discovered_at=now, document=known, nesting=nesting)

    async def _offer(self, source: Source, links: Sequence[Link], nesting: int = 0) -> list[Job]:
        return await self._refuse(await self._offered(source, links, nesting))

    async def _offered(self, source: Source, links: Sequence[Link], nesting: int) -> Offered:
        async with self._lock:
            now = self._clock()
            return await asyncio.to_thread(self._frontier.offer, source, links, now, nesting=nesting)

    async def _refuse(self, offered: Offered) -> list[Job]:
        """End what is not taken on; in portions, so that tens of thousands of URLs hold nobody up."""
        for number, (job, outcome, detail) in enumerate(offered.refused):
            self._concluder.settle(job, outcome, detail)
            if number % _PORTION == _PORTION - 1:
                await asyncio.sleep(0)
        return list(offered.jobs)

    @staticmethod
    def _state_of(job: Job) -> DocumentState:
        return job.document or DocumentState(url=job.url, source=job.source.id)


def _is_due(known: DocumentState, link: Link, nesting: int, now: float) -> bool:
    """A source's own documents are due by their schedule; those that they name, unless said to be unchanged."""
    if nesting == 0:
        return known.due_at <= now
    if known.outcome != Outcome.READ or link.modified_at is None:
        return True
    return link.modified_at.timestamp() >= (known.outcome_at or 0.0)


def _within(source: Source, links: Sequence[Link]) -> tuple[Link, ...]:
    """The links that stay on the sites of a source: the same registrable domain, at the same port."""
    own = {_ground(url) for url in source.urls}
    return tuple(link for link in links if _ground(link.url) in own)


def _ground(url: str) -> tuple[str, str]:
    return registrable_domain(url), site_key(url).rpartition(":")[2].replace("443", "80")


def _interval_s(source: Source) -> float | None:
    return source.interval.total_seconds() if source.interval is not None else None
