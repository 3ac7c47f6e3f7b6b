"""What a killed crawl left behind, put in order before the next one begins.

Its open WARC file is closed at its last whole record. What stands in the file but not in the ledger was captured in the
moment of the kill: it gets its outcome now and is not asked for again. What the run still had in hand is put off. So a
killed run balances too, and its batches are handed over under the names that they would have had.

Where several workers share the ledger, only runs over this data dir are put in order: the files of others lie
elsewhere, and what they had in hand and did not write is free for everybody already.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flows.fetch.model import CrawlBatch, Tally
from flows.fetch.schedule import after_fetch
from flows.settings import Settings
from flows.sources import Source, pause_s
from transforms.outcome import Outcome
from transforms.schema import Fetch, FetchKind
from transforms.url import normalize
from warehouse.captures import Captured, read_captures
from warehouse.captures_recover import recover
from warehouse.cdxj import write_index
from warehouse.datadir import DataDir
from warehouse.ledger import Ledger
from warehouse.ledger_member import Member
from warehouse.ledger_rows import BatchState, UrlState
from warehouse.locks import locked

FOLDER = "crawl"
"""Where crawls put their WARC files, below captures/."""

_ROUNDING_S = 0.001
_PART_OF = re.compile(rb"isPartOf: (\S+)")


class Recovery:
    """Puts in order what runs that ended early left behind, and hands it over."""

    def __init__(
        self,
        *,
        datadir: DataDir,
        ledger: Ledger,
        settings: Settings,
        sources: Iterable[Source],
        tally: Tally,
        now: float,
        member: Member | None = None,
    ) -> None:
        self._datadir = datadir
        self._ledger = ledger
        self._settings = settings
        self._sources = {source.id: source for source in sources}
        self._tally = tally
        self._now = now
        self._member = member

    def run(self, run_id: str, on_batch: Callable[[CrawlBatch], None]) -> None:
        """Do it for every run that neither finished nor lives, and for one of our own id."""
        if self._member is None:
            self._put_in_order(self._ledger.runs.interrupted(run_id))
        else:
            # two workers that start on one data dir: the second finds that all is done
            with locked(self._datadir.root / ".recovery.lock", purpose="put a broken-off crawl in order"):
                self._member.take_over(self._now, has_joined=False)
                self._put_in_order(self._member.broken_off_here())
        for batch in self._ledger.runs.orphan_batches(self._member.place if self._member else None):
            taken = self._as_batch(batch)
            if batch.run_id != run_id:
                self._tally.taken_over += len(taken.fetches)
            on_batch(taken)

    def _put_in_order(self, run_ids: Iterable[str]) -> None:
        recover(self._datadir.captures)
        for interrupted in run_ids:
            batches = [self._with_file(b) for b in self._ledger.runs.open_batches([interrupted])]
            kept = self._reconcile(batches)
            self._put_off(interrupted, batches)
            if self._member is not None:
                self._member.resolve(interrupted, sorted(kept))
            self._ledger.runs.finish(interrupted, self._now, "interrupted")

    def _with_file(self, batch: BatchState) -> BatchState:
        """The batch with its WARC file: a kill before the first commit leaves it without the name."""
        if batch.warc_file is not None or batch.closed_at is not None:
            return batch
        others = {b.warc_file for b in self._ledger.runs.open_batches([batch.run_id])}
        for path in sorted((self._datadir.captures / FOLDER).glob("*.warc.gz"), reverse=True):
            name = path.relative_to(self._datadir.captures).as_posix()
            if name not in others and _run_of(path) == batch.run_id and not self._is_known(path):
                return replace(batch, warc_file=name)
        return batch

    def _is_known(self, path: Path) -> bool:
        """Whether the first capture of a file has its outcome: then the file belongs to a batch that was taken over."""
        first = next((r for r in read_captures(path, root=self._datadir.captures) if isinstance(r, Captured)), None)
        if first is None:
            return True
        url = normalize(first.page.url)
        state = self._ledger.states([url]).get(url)
        if state is None or state.outcome_at is None:
            return False
        return state.outcome_at >= first.page.captured_at.timestamp() - _ROUNDING_S

    def _reconcile(self, batches: Iterable[BatchState]) -> set[str]:
        """Give an outcome to each capture of these batches' files that the ledger does not know; all their URLs."""
        kept: set[str] = set()
        for batch in batches:
            path = self._datadir.captures / (batch.warc_file or "")
            if batch.closed_at is not None:
                continue
            captured: list[Captured] = []
            if path.is_file():
                known = {fetch.capture_id for fetch in self._ledger.runs.fetches_of(batch.batch_id)}
                records = read_captures(path, root=self._datadir.captures)
                found = [r for r in records if isinstance(r, Captured)]
                kept |= {normalize(r.page.url) for r in found}
                captured = [r for r in found if r.page.capture_id not in known]
            self._adopt(batch, captured)
            if path.is_file() and batch.warc_file is not None:
                write_index(self._datadir.captures, batch.warc_file)
            self._ledger.runs.close_batch(batch.batch_id, batch.warc_file if path.is_file() else None, self._now)
        return kept

    def _adopt(self, batch: BatchState, captured: list[Captured]) -> None:
        if not captured:
            return
        states = self._ledger.states({normalize(c.page.url) for c in captured})
        fetches, urls = [], []
        for one in captured:
            page = one.page
            url = normalize(page.url)
            fetches.append(
                Fetch(
                    run_id=batch.run_id,
                    source=page.source,
                    url=url,
                    final_url=page.final_url,
                    outcome=_outcome_of(one),
                    detail="found in the WARC file after the run had been killed",
                    status=one.status,
                    fetched_at=page.captured_at,
                    wait_s=0.0,
                    raw_bytes=one.payload_bytes,
                    capture_id=page.capture_id,
                    attempts=[],
                )
            )
            if url in states and one.kind == "response" and one.reject is None:
                urls.append(self._captured(states[url], one))
        self._ledger.commit(batch.batch_id, batch.warc_file, fetches, urls=urls)

    def _captured(self, state: UrlState, one: Captured) -> UrlState:
        at = one.page.captured_at.timestamp()
        pause = pause_s(self._sources.get(state.source), state.visits, self._settings.revisit_after)
        after = after_fetch(state, Outcome.CAPTURED, at, pause, None)
        return replace(
            after,
            digest=one.payload_digest,
            capture_id=one.page.capture_id,
            warc_record_id=one.warc_record_id,
            captured_at=at,
            final_url=one.page.final_url,
            etag=None,
            last_modified=None,
        )

    def _put_off(self, run_id: str, batches: list[BatchState]) -> None:
        """What the run had in hand is deferred: it is due again at once."""
        claimed = self._ledger.claimed_urls(run_id)
        if not claimed:
            return
        batch_id = batches[-1].batch_id if batches else f"{run_id}.fetches.interrupted"
        if not batches:
            self._ledger.runs.open_batch(batch_id, run_id)
        fetches = [
            Fetch(
                run_id=run_id,
                source=state.source,
                kind=FetchKind.PAGE,
                url=state.url,
                outcome=Outcome.DEFERRED,
                detail="the run was killed",
                fetched_at=datetime.fromtimestamp(self._now, UTC),
                wait_s=0.0,
                raw_bytes=0,
                attempts=[],
            )
            for state in claimed
        ]
        states = [after_fetch(state, Outcome.DEFERRED, self._now, None, None) for state in claimed]
        self._ledger.commit(batch_id, None, fetches, urls=states)
        if not batches:
            self._ledger.runs.close_batch(batch_id, None, self._now)

    def _as_batch(self, batch: BatchState) -> CrawlBatch:
        fetches = self._ledger.runs.fetches_of(batch.batch_id)
        for fetch in fetches:
            self._tally.count(fetch)
        self._tally.discovered += len(fetches)
        self._tally.batches += 1
        number = batch.batch_id.rpartition(".")[2]
        return CrawlBatch(
            batch_id=batch.batch_id,
            run_id=batch.run_id,
            number=int(number) if number.isdigit() else 0,
            warc_file=batch.warc_file,
            fetches=fetches,
            taken=lambda: self._ledger.runs.hand_over(batch.batch_id),
        )


def _run_of(path: Path) -> str | None:
    """The run that wrote a WARC file, by its warcinfo record."""
    with gzip.open(path) as file:
        match = _PART_OF.search(file.read(4_096))
    return match[1].decode() if match else None


def _outcome_of(one: Captured) -> Outcome:
    """What the fetch came to that left this capture."""
    if one.kind == "revisit":
        return Outcome.NOT_MODIFIED
    is_cut = one.reject is not None and one.reject.outcome is Outcome.TRUNCATED
    return Outcome.TRUNCATED if is_cut else Outcome.CAPTURED
