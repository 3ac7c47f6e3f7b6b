"""How jobs end: the Fetch record, the ledger's new state, and what goes into the WARC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from flows.fetch.client import Answer
from flows.fetch.judge import Judgement
from flows.fetch.model import Job, Tally
from flows.fetch.recorder import PENDING_BYTES_MAX, Recorder, Settled
from flows.fetch.schedule import after_fetch, is_gone
from flows.settings import Settings
from flows.sources import pause_s
from transforms.opt_out import opt_out_of
from transforms.outcome import Outcome
from transforms.schema import Fetch, FetchKind
from warehouse.captures_writer import Exchange, Truncation
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState
from warehouse.warc_format import format_date

_KEPT = frozenset([Outcome.CAPTURED, Outcome.NOT_MODIFIED])


class Concluder:
    """Ends jobs: what is known of them goes to the recorder as one whole."""

    def __init__(
        self, *, settings: Settings, recorder: Recorder, tally: Tally, run_id: str, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._tally = tally
        self._run_id = run_id
        self._clock = clock

    @property
    def is_behind(self) -> bool:
        """Whether more is waiting to be written than should be kept in memory."""
        return self._recorder.pending_bytes > PENDING_BYTES_MAX

    @property
    def is_idle(self) -> bool:
        """Whether everything that was concluded is written."""
        return self._recorder.is_idle

    def remember(self, host: HostState) -> None:
        """Keep what politeness knows of a site."""
        self._recorder.put(Settled(host=host))

    def keep_robots(self, state: RobotsState) -> None:
        """Keep a site's robots.txt."""
        self._recorder.put(Settled(robots=state))

    def validators(self, job: Job) -> dict[str, str]:
        """The headers that ask only for what is new, where we have the page from the very address asked."""
        known: UrlState | DocumentState | None = job.state if job.kind is FetchKind.PAGE else job.document
        if isinstance(known, UrlState):
            is_ours = known.captured_at is not None and job.target == (known.final_url or job.url)
        else:
            is_ours = known is not None and job.target == job.url and known.outcome == Outcome.READ
        if known is None or not is_ours:
            return {}
        sent = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in sent.items() if value}

    def conclude(self, job: Job, answer: Answer, judgement: Judgement) -> None:
        """End a page with what was judged of its answer."""
        outcome, detail, exchange = judgement.outcome, judgement.detail, None
        if outcome is Outcome.CAPTURED:
            job.opt_out = opt_out_of(answer.fields, judgement.text)
            if job.opt_out and job.source.obey_opt_out:
                outcome, detail = Outcome.OPTED_OUT, job.opt_out
        is_cut_page = outcome is Outcome.TRUNCATED and answer.status == 200 and bool(answer.body)
        if outcome in _KEPT or is_cut_page:
            exchange = self._exchange(job, answer, "disconnect" if is_cut_page else None)
        self.settle(job, outcome, detail, answer, exchange=exchange)

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
            if outcome in _KEPT and answer is not None:
                state = _with_validators(state, answer, is_same=outcome is Outcome.NOT_MODIFIED)
        fetch = self._fetch(job, outcome, detail, answer, now)
        self._recorder.put(Settled(fetch=fetch, exchange=exchange, state=state, document=document))

    def polled(self, document: DocumentState) -> None:
        """Keep when a document is to be polled next."""
        self._recorder.put(Settled(document=document))

    def _exchange(self, job: Job, answer: Answer, truncated: Truncation | None) -> Exchange:
        return Exchange(
            url=answer.url,
            requested_url=job.url,
            source=job.source.id,
            captured_at=datetime.fromtimestamp(self._clock(), UTC),
            request_head=answer.request_head,
            status_line=answer.status_line,
            headers=answer.headers,
            body=answer.body,
            ip=answer.ip,
            truncated=truncated,
            about=[
                ("run", self._run_id),
                ("discoveredAt", format_date(datetime.fromtimestamp(job.discovered_at, UTC))),
                ("hops", str(len(job.hops))),
                ("waitMs", f"{1_000 * job.wait_s:.0f}"),
                ("fetchTimeMs", f"{1_000 * answer.latency_s:.0f}"),
                *([("robotsRule", job.robots_rule)] if job.robots_rule else []),
            ],
        )

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
            opt_out=job.opt_out,
            sent_etag=job.sent.get("If-None-Match"),
            sent_last_modified=job.sent.get("If-Modified-Since"),
            got_etag=answer.header("etag") if answer else None,
            got_last_modified=answer.header("last-modified") if answer else None,
            attempts=job.attempts,
        )


def _with_validators(state: UrlState, answer: Answer, *, is_same: bool) -> UrlState:
    """The validators of the answer; a 304 that repeats none leaves those that we have."""
    etag, last_modified = answer.header("etag"), answer.header("last-modified")
    if is_same:
        etag, last_modified = etag or state.etag, last_modified or state.last_modified
    return replace(state, etag=etag, last_modified=last_modified)
