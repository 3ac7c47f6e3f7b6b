"""How jobs end: the Fetch record, the ledger's new states, what goes into the WARC, and the links that are followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from flows.fetch.client import Answer
from flows.fetch.frontier import Frontier, Offered
from flows.fetch.judge import Judgement
from flows.fetch.model import Job, Tally
from flows.fetch.recorder import PENDING_BYTES_MAX, Recorder, Settled
from flows.fetch.schedule import after_failed_poll, after_fetch, after_poll, is_gone
from flows.settings import Settings
from flows.sources import Kind, Source, pause_s, read_urls
from transforms.discover import Link, Unreadable
from transforms.feeds import FeedDocument, parse_feed
from transforms.outcome import Outcome
from transforms.schema import Fetch, FetchKind
from transforms.sitemaps import SitemapDocument, parse_sitemap
from transforms.url import normalize
from warehouse.captures_writer import Exchange
from warehouse.ledger import Ledger
from warehouse.ledger_rows import DocumentState, HostState

_NESTING_MAX = 3
_DOCUMENTS_MAX = 2_000


class Concluder:
    """Ends jobs and begins the ones that they lead to."""

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: Ledger,
        recorder: Recorder,
        frontier: Frontier,
        tally: Tally,
        run_id: str,
        clock: Callable[[], float],
        is_forced: bool,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._recorder = recorder
        self._frontier = frontier
        self._tally = tally
        self._run_id = run_id
        self._clock = clock
        self._is_forced = is_forced
        self._documents: dict[str, dict[str, DocumentState]] = {}
        self._met: dict[str, set[str]] = {}
        self._open: dict[str, int] = {}
        self._lock = asyncio.Lock()
        self.exhausted: list[Source] = []
        """Sources whose documents are all through: their revisits are next."""

    @property
    def is_behind(self) -> bool:
        """Whether more is waiting to be written than should be kept in memory."""
        return self._recorder.pending_bytes > PENDING_BYTES_MAX

    def remember(self, host: HostState) -> None:
        """Keep what politeness knows of a site."""
        self._recorder.put(Settled(host=host))

    async def begin(self, source: Source) -> list[Job]:
        """The first jobs of a source: its documents that are due, or its list; else the revisits that are due."""
        now = self._clock()
        self._documents[source.id] = await asyncio.to_thread(self._ledger.documents, source.id)
        self._met[source.id] = set()
        self._open[source.id] = 0
        await asyncio.to_thread(self._frontier.reserve, source, now)
        if source.kind is Kind.URLS:
            links = [Link(url) for url in await asyncio.to_thread(read_urls, source)]
            return await self._offer(source, links) + await self.revisits(source)
        kind = FetchKind.SITEMAP if source.kind is Kind.SITEMAP else FetchKind.FEED
        jobs = [job for url in source.urls if (job := self._document_job(source, kind, url, 0)) is not None]
        self._open[source.id] += len(jobs)
        return jobs or await self.revisits(source)

    def validators(self, job: Job) -> dict[str, str]:
        """The headers that ask only for what is new, where we have the page from the very address asked."""
        if job.kind is FetchKind.PAGE:
            state = job.state
            if state is None or state.captured_at is None or job.target != (state.final_url or job.url):
                return {}
            etag, last_modified = state.etag, state.last_modified
        elif job.document is not None and job.target == job.url and job.document.outcome == Outcome.READ:
            etag, last_modified = job.document.etag, job.document.last_modified
        else:
            return {}
        sent = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        return {name: value for name, value in sent.items() if value}

    def refuse_hop(self, job: Job, target: str) -> tuple[Outcome, str] | None:
        """Why a page's redirect is not followed; `target` is normalised."""
        if job.kind is not FetchKind.PAGE or target == job.url:
            return None
        if not job.source.in_scope(target):
            return Outcome.OUT_OF_SCOPE, f"redirected to {target[:200]}, not in the patterns of its source"
        this = f"a redirect from {job.url}"
        if (met := self._frontier.seen.setdefault(target, this)) != this:
            return Outcome.DUPLICATE, f"redirected to {target[:200]}, named by {met} as well"
        return None

    async def conclude(self, job: Job, answer: Answer, judgement: Judgement) -> list[Job]:
        """End a page or a document, and give the jobs that it leads to."""
        if job.kind is FetchKind.PAGE:
            self._page(job, answer, judgement)
            return []
        return await self._document(job, answer, judgement)

    def settle(
        self,
        job: Job,
        outcome: Outcome,
        detail: str | None,
        answer: Answer | None = None,
        *,
        exchange: Exchange | None = None,
        document: DocumentState | None = None,
    ) -> None:
        """Give a job its outcome."""
        now = self._clock()
        state = job.state
        if state is not None:
            if state.captured_at is not None and is_gone(outcome, detail):
                detail = f"gone: {detail}"
                self._tally.gone += 1
            pause = pause_s(job.source, state.visits, self._settings.revisit_after)
            state = after_fetch(state, outcome, now, pause, detail)
            if outcome in (Outcome.CAPTURED, Outcome.NOT_MODIFIED) and answer is not None:
                state = replace(
                    state,
                    etag=answer.header("etag") or (state.etag if outcome is Outcome.NOT_MODIFIED else None),
                    last_modified=answer.header("last-modified")
                    or (state.last_modified if outcome is Outcome.NOT_MODIFIED else None),
                )
        self._recorder.put(
            Settled(
                fetch=self._fetch(job, outcome, detail, answer, now), exchange=exchange, state=state, document=document
            )
        )
        if job.kind in (FetchKind.FEED, FetchKind.SITEMAP):
            if document is None:
                self._failed(job, outcome, detail)
            self._open[job.source.id] -= 1
            if not self._open[job.source.id]:
                self.exhausted.append(job.source)

    def _page(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        exchange = None
        if judgement.outcome is Outcome.CAPTURED:
            exchange = Exchange(
                url=answer.url,
                requested_url=job.url,
                source=job.source.id,
                captured_at=datetime.fromtimestamp(self._clock(), UTC),
                request_head=answer.request_head,
                status_line=answer.status_line,
                headers=answer.headers,
                body=answer.body,
                ip=answer.ip,
            )
        self.settle(job, judgement.outcome, judgement.detail, answer, exchange=exchange)

    async def _document(self, job: Job, answer: Answer, judgement: Judgement) -> list[Job]:
        """Read a feed or sitemap and take on what it lists."""
        source, now = job.source, self._clock()
        known = job.document or DocumentState(url=job.url, source=source.id)
        interval_s = source.interval.total_seconds() if source.interval is not None else None
        if judgement.outcome is Outcome.NOT_MODIFIED:
            polled = after_poll(known, now=now, interval_s=interval_s, new_count=0, fields=answer.fields)
            self.settle(job, Outcome.NOT_MODIFIED, None, answer, document=polled)
            return []
        if judgement.outcome is not Outcome.CAPTURED:
            self.settle(job, judgement.outcome, judgement.detail, answer)
            return []
        parse = parse_sitemap if job.kind is FetchKind.SITEMAP else parse_feed
        read = await asyncio.to_thread(parse, judgement.text, answer.url)
        if isinstance(read, Unreadable):
            self.settle(job, Outcome.UNREADABLE, read.detail, answer)
            return []
        pages = read.links if isinstance(read, FeedDocument) else read.pages
        jobs = await self._offer(source, pages)
        if isinstance(read, SitemapDocument):
            jobs += self._children(job, read)
        polled = after_poll(
            replace(known, outcome=Outcome.READ.value, link_count=len(pages)),
            now=now,
            interval_s=interval_s,
            new_count=len(jobs),
            ttl_s=read.ttl_s if isinstance(read, FeedDocument) else None,
            skip_hours=read.skip_hours if isinstance(read, FeedDocument) else frozenset(),
            fields=answer.fields,
        )
        polled = replace(polled, etag=answer.header("etag"), last_modified=answer.header("last-modified"))
        self._tally.salvaged += read.is_salvaged
        words = f"{len(pages)} links" + (", malformed and salvaged" if read.is_salvaged else "")
        self.settle(job, Outcome.READ, words, answer, document=polled)
        return jobs

    def _children(self, job: Job, read: SitemapDocument) -> list[Job]:
        """The sitemaps that an index names, the newest first; loops, depth and number are bounded."""
        if job.nesting >= _NESTING_MAX:
            return []
        newest = sorted(read.sitemaps, key=lambda s: s.modified_at.timestamp() if s.modified_at else 0.0, reverse=True)
        found = (self._document_job(job.source, FetchKind.SITEMAP, s.url, job.nesting + 1, s) for s in newest)
        jobs = [child for child in found if child is not None]
        self._open[job.source.id] += len(jobs)
        return jobs

    def _document_job(
        self, source: Source, kind: FetchKind, url: str, nesting: int, listed: Link | None = None
    ) -> Job | None:
        """A job for a document that is due and was not met in this run."""
        address, now = normalize(url), self._clock()
        met = self._met[source.id]
        if address in met or len(met) >= _DOCUMENTS_MAX:
            return None
        met.add(address)
        known = self._documents[source.id].get(address)
        if known is not None and not self._is_forced:
            # A sitemap of an index is due with it, unless the index says that it did not change.
            unchanged = listed is not None and listed.modified_at is not None and known.outcome == Outcome.READ
            if unchanged and listed is not None and listed.modified_at is not None:
                if listed.modified_at.timestamp() < (known.outcome_at or 0.0):
                    return None
            elif nesting == 0 and known.due_at > now:
                return None
        self._tally.discovered += 1
        document = known or DocumentState(url=address, source=source.id)
        return Job(
            kind=kind,
            source=source,
            url=address,
            target=address,
            discovered_at=now,
            document=document,
            nesting=nesting,
        )

    def _failed(self, job: Job, outcome: Outcome, detail: str | None) -> None:
        """A document that could not be read is polled later, and its owner told."""
        if outcome is not Outcome.DEFERRED:
            words = f"{outcome.value}" + (f" ({detail})" if detail else "")
            self._tally.problems.append(f"source {job.source.id}: {job.kind.value} {job.url}: {words}")
            interval_s = job.source.interval.total_seconds() if job.source.interval is not None else None
            known = job.document or DocumentState(url=job.url, source=job.source.id)
            failed = after_failed_poll(replace(known, outcome=outcome.value), now=self._clock(), interval_s=interval_s)
            self._recorder.put(Settled(document=failed))

    async def _offer(self, source: Source, links: Sequence[Link], nesting: int = 0) -> list[Job]:
        async with self._lock:
            now = self._clock()
            offered = await asyncio.to_thread(self._frontier.offer, source, links, now, nesting=nesting)
        return self._refuse(offered)

    async def revisits(self, source: Source) -> list[Job]:
        """The known pages of a source that are due."""
        async with self._lock:
            offered = await asyncio.to_thread(self._frontier.revisits, source, self._clock())
        return self._refuse(offered)

    def _refuse(self, offered: Offered) -> list[Job]:
        for job, outcome, detail in offered.refused:
            self.settle(job, outcome, detail)
        return list(offered.jobs)

    def _fetch(self, job: Job, outcome: Outcome, detail: str | None, answer: Answer | None, now: float) -> Fetch:
        listed = job.listed_published_at
        return Fetch(
            run_id=self._run_id,
            source=job.source.id,
            kind=job.kind,
            url=job.url,
            final_url=job.target if job.attempts else None,
            outcome=outcome,
            detail=detail[:500] if detail else None,
            status=answer.status if answer else None,
            fetched_at=datetime.fromtimestamp(now, UTC),
            discovered_at=datetime.fromtimestamp(job.discovered_at, UTC),
            listed_published_at=datetime.fromtimestamp(listed, UTC) if listed is not None else None,
            wait_s=job.wait_s,
            raw_bytes=job.raw_bytes,
            robots_rule=job.robots_rule,
            robots_digest=job.robots_digest,
            sent_etag=job.sent.get("If-None-Match"),
            sent_last_modified=job.sent.get("If-Modified-Since"),
            got_etag=answer.header("etag") if answer else None,
            got_last_modified=answer.header("last-modified") if answer else None,
            attempts=job.attempts,
        )
