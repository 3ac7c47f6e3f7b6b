"""What makes a fetch durable: WARC record, sync, one ledger transaction; a group at a time and off the event loop.

Compressing and syncing in a thread of its own keeps the network busy meanwhile. Groups form by themselves: whatever was
settled while the last group was written is the next one. Batches close by size or age, so that rows load while a crawl
goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from flows.fetch.books import Books, Group
from flows.fetch.model import CrawlBatch, Tally
from transforms.outcome import Outcome
from transforms.schema import Fetch
from warehouse.captures_writer import Earlier, Exchange, Written
from warehouse.cdxj import index_line, put_index
from warehouse.ledger_rows import DocumentState, HostState, RobotsState, UrlState
from warehouse.warc_format import sha1_digest

PENDING_BYTES_MAX = 64_000_000
"""Bodies that wait to be written; above this no new request is begun."""
_LINGER_S = 0.1
_FETCHES_MAX = 5_000


class Writer(Protocol):
    """What is needed of `warehouse.captures_writer.CaptureWriter`."""

    def append(self, exchange: Exchange) -> Written:
        """Write a response and its request."""
        ...

    def append_revisit(self, exchange: Exchange, earlier: Earlier) -> Written:
        """Write that a page is the one that was captured before."""
        ...

    def sync(self) -> None:
        """Make durable what was appended."""
        ...

    def rotate(self) -> str | None:
        """Close the open file and give its name."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether the open file has its size."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An outcome with all that has to be written for it."""

    fetch: Fetch | None = None
    exchange: Exchange | None = None
    state: UrlState | None = None
    document: DocumentState | None = None
    host: HostState | None = None
    robots: RobotsState | None = None


class Recorder:
    """Writes what is settled, in order. `put` from the event loop; `run` is its task; `close` ends the last batch."""

    def __init__(
        self,
        *,
        books: Books,
        writer: Writer,
        captures: Path,
        run_id: str,
        tally: Tally,
        clock: Callable[[], float],
        age_max_s: float,
        on_batch: Callable[[CrawlBatch], None],
        on_group: Callable[[], None],
    ) -> None:
        self._books = books
        self._writer = writer
        self._captures = captures
        self._run_id = run_id
        self._tally = tally
        self._clock = clock
        self._age_max_s = age_max_s
        self._on_batch = on_batch
        self._on_group = on_group
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._pending: list[Settled] = []
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._number = 0
        self._is_writing = False
        self._opened_at: float | None = None
        self._fetches: list[Fetch] = []
        self._index: list[str] = []
        self.pending_bytes = 0

    def put(self, settled: Settled) -> None:
        """Queue something to be written."""
        self._pending.append(settled)
        if settled.exchange is not None:
            self.pending_bytes += len(settled.exchange.body)
        self._news.set()

    @property
    def is_idle(self) -> bool:
        """Whether everything that was put is written."""
        return not (self._pending or self._is_writing)

    async def run(self) -> None:
        """Write until `close`. Raises OSError where the disk refuses; then nothing more is written."""
        loop = asyncio.get_running_loop()
        try:
            while not self._closing.is_set() or self._pending:
                try:
                    await asyncio.wait_for(self._news.wait(), timeout=1.0)
                except TimeoutError:
                    await loop.run_in_executor(self._thread, self._close_if_due)
                    continue
                with suppress(TimeoutError):  # let a group form, but not at the end
                    await asyncio.wait_for(self._closing.wait(), _LINGER_S)
                group, self._pending, self._is_writing = self._pending, [], True
                if not self._closing.is_set():
                    self._news.clear()
                await loop.run_in_executor(self._thread, self._write, group)
                self._is_writing = False
                self.pending_bytes -= sum(len(s.exchange.body) for s in group if s.exchange is not None)
                self._on_group()
            await loop.run_in_executor(self._thread, self._close_batch)
        finally:
            self._thread.shutdown(wait=True)

    def close(self) -> None:
        """Let `run` write the rest, close the last batch and return."""
        self._closing.set()
        self._news.set()

    @property
    def _batch_id(self) -> str:
        return f"{self._run_id}.fetches.{self._number:05d}"

    def _write(self, group: list[Settled]) -> None:
        if not group:
            return
        if self._opened_at is None:
            self._opened_at = self._clock()
            self._books.open_batch(self._batch_id, self._run_id)
        to_keep = [one.state.url for one in group if one.exchange is not None and one.state is not None]
        self._books.intend(self._batch_id, to_keep)
        kept = [self._keep(one) for one in group]
        warc_files = [written.warc_file for _, written in kept if written is not None]
        if warc_files:
            self._writer.sync()
        fetches = [one.fetch for one, _ in kept if one.fetch is not None]
        self._books.commit(
            self._batch_id,
            warc_files[-1] if warc_files else None,
            Group(
                fetches=fetches,
                urls=list({one.state.url: one.state for one, _ in kept if one.state is not None}.values()),
                documents=[one.document for one, _ in kept if one.document is not None],
                hosts=list({one.host.site: one.host for one, _ in kept if one.host is not None}.values()),
                robots=[one.robots for one, _ in kept if one.robots is not None],
            ),
        )
        self._fetches += fetches
        for fetch in fetches:
            self._tally.count(fetch)
        self._close_if_due()

    def _keep(self, one: Settled) -> tuple[Settled, Written | None]:
        """Append the exchange, as a revisit where we have its body; the key of the capture goes into both rows."""
        exchange, fetch, state = one.exchange, one.fetch, one.state
        if exchange is None or fetch is None:
            return one, None
        earlier = _earlier(state, exchange, is_by_server=fetch.outcome is Outcome.NOT_MODIFIED)
        if earlier is not None:
            written = self._writer.append_revisit(exchange, earlier)
            self._index.append(_index_line(exchange, written, fetch.status, "warc/revisit"))
            detail = fetch.detail if earlier.is_by_server else "the body is the one that we have"
            same = replace(fetch, outcome=Outcome.NOT_MODIFIED, detail=detail, capture_id=written.capture_id)
            return replace(one, fetch=same), written
        written = self._writer.append(exchange)
        self._index.append(_index_line(exchange, written, fetch.status, _content_type(exchange)))
        if state is not None and exchange.truncated is None:
            state = replace(
                state,
                digest=written.payload_digest,
                capture_id=written.capture_id,
                warc_record_id=written.warc_record_id,
                captured_at=exchange.captured_at.timestamp(),
                final_url=exchange.url,
            )
        return replace(one, fetch=replace(fetch, capture_id=written.capture_id), state=state), written

    def _close_if_due(self) -> None:
        if self._opened_at is None:
            return
        is_old = self._clock() - self._opened_at >= self._age_max_s
        if is_old or self._writer.is_full or len(self._fetches) >= _FETCHES_MAX:
            self._close_batch()

    def _close_batch(self) -> None:
        if self._opened_at is None:
            return
        warc_file = self._writer.rotate()
        if warc_file is not None:
            put_index(self._captures, warc_file, self._index)
        batch_id = self._batch_id
        self._books.close_batch(batch_id, warc_file, self._clock())
        batch = CrawlBatch(
            batch_id=batch_id,
            run_id=self._run_id,
            number=self._number,
            warc_file=warc_file,
            fetches=tuple(self._fetches),
            taken=lambda: self._books.hand_over(batch_id),
        )
        self._opened_at, self._fetches, self._index = None, [], []
        self._number += 1
        self._tally.batches += 1
        self._on_batch(batch)


def _earlier(state: UrlState | None, exchange: Exchange, *, is_by_server: bool) -> Earlier | None:
    """The capture that this exchange only repeats, if it does."""
    if state is None or state.digest is None or state.captured_at is None or state.final_url != exchange.url:
        return None
    if not is_by_server and state.digest != sha1_digest(exchange.body):
        return None
    return Earlier(
        url=exchange.url,
        captured_at=datetime.fromtimestamp(state.captured_at, UTC),
        warc_record_id=state.warc_record_id or "",
        payload_digest=state.digest,
        is_by_server=is_by_server,
    )


def _index_line(exchange: Exchange, written: Written, status: int | None, content_type: str | None) -> str:
    return index_line(
        exchange.url,
        exchange.captured_at,
        status=status,
        content_type=content_type,
        digest=written.payload_digest,
        offset=written.warc_offset,
        name=written.warc_file.rpartition("/")[2],
    )


def _content_type(exchange: Exchange) -> str | None:
    named = (value.decode("latin-1") for name, value in exchange.headers if name.lower() == b"content-type")
    return next(named, None)
