"""The stages in their order, with or without Prefect.

What happens when is said once, here, over `Steps`: functions that crawl, extract a shard and load. A Prefect flow
passes steps that are tasks, the command line without a server passes the plain functions. A crawl goes on while the
batches that it has closed are extracted and loaded. What needs the database is imported where a run has come to that:
extraction goes without, and its processes start while Arrow is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from flows.account import Account, Loader
from flows.archives.claims import claimed_files
from flows.parallel import at_once
from flows.progress import Progress, report
from flows.report import ReextractReport, RunReport
from flows.runs import Run
from flows.shards import ShardReport, pending_files
from flows.steps import Steps
from warehouse.captures import Shard
from warehouse.captures_stored import keep_capture, stored_captures
from warehouse.gather import gather
from warehouse.ingest import ingest
from warehouse.lake import drop_batches, known_batches
from warehouse.side import begin_side_lake

if TYPE_CHECKING:
    from flows.fetch.crawl import CrawlBatch, CrawlReport


def run_pipeline(run: Run, steps: Steps) -> RunReport:
    """Crawl what is due and carry it through to SQL; what a closed batch holds is loaded while the crawl goes on.

    What an earlier run that was cut off has left is carried through first, so that the counts are this run's own.
    """
    account = Account(run.run_id)
    steps.begin()
    _carry_over(run, steps, account)
    loader = Loader(steps.load, account)
    for batch in _crawling(steps, account):
        if batch.warc_file:
            _exhaust(_extract([batch.warc_file], steps, account))
        loader.load_when_due()
    steps.end_extraction()
    loader.load()
    _settle(run, account)
    return account.report()


def run_crawl(run: Run, steps: Steps) -> RunReport:
    """Crawl what is due into captures/ and the lake's `fetches`, and go no further."""
    account = Account(run.run_id)
    for batch in _crawling(steps, account):
        if batch.warc_file:
            keep_capture(run.datadir, batch.warc_file)
        account.count_fetches(batch.fetches)
    return account.report()


def run_ingest(run: Run, paths: Sequence[Path], steps: Steps) -> RunReport:
    """Take files under captures/, extract and load them; a file that is known already is carried through as well.

    A path that is another worker's data dir gives its capture files and its fetch records.
    """
    report(Progress("ingest", 0, len(paths)))
    gathered = gather(paths, run.datadir)
    taken = ingest(gathered.paths, run.datadir)
    account = Account(run.run_id)
    account.problems.extend(taken.problems)
    account.notes.extend(gathered.notes)
    loader = Loader(steps.load, account)
    fresh: list[str] = []
    for warc_file, shard in _extract(taken.warc_files, steps, account):
        if not shard.is_known and warc_file not in fresh:
            fresh.append(warc_file)
        loader.load_when_due()
    steps.end_extraction()
    loader.load()
    if fresh:
        _settle(run, account, fresh)
    return account.report()


def run_extract(run: Run, steps: Steps) -> RunReport:
    """Extract every capture file, as far as the lake does not hold it (or all, where the steps are forced to)."""
    account = Account(run.run_id)
    _extract_all(run, steps, account)
    return account.report()


def run_load(run: Run, steps: Steps) -> RunReport:
    """Load what the lake holds and the warehouse does not."""
    account = Account(run.run_id)
    Loader(steps.load, account).load()
    return account.report()


def run_rebuild(run: Run, steps: Steps) -> RunReport:
    """Make everything right of the captures anew; the steps must be forced, and their load one that builds anew."""
    account = Account(run.run_id)
    made = {shard.batch_id for shard in _extract_all(run, steps, account)}
    # What no capture file gives any more, or gave in shards of another size, would stand beside what is new. What was
    # read from a file that retention removed can come from nowhere else, and stays as it was read.
    extracted = [batch_id for batch_id, extractor in known_batches(run.datadir).items() if extractor]
    from warehouse.retired import batches_of_retired

    kept = batches_of_retired(run.datadir, extracted) - made
    drop_batches(run.datadir, [batch_id for batch_id in extracted if batch_id not in made | kept])
    if kept:
        account.notes.append(f"{len(kept)} batches of removed capture files stay as they were read")
    steps.end_extraction()
    Loader(steps.load, account).load()
    return account.report()


def run_reextract(run: Run, steps: Steps) -> ReextractReport:
    """Extract every capture into the side lake, which is emptied before; the steps must be made to write there."""
    account = Account(run.run_id)
    begin_side_lake(run.datadir)
    shards = _extract_all(run, steps, account)
    return ReextractReport(
        capture_count=sum(shard.capture_count for shard in shards),
        article_count=sum(shard.article_count for shard in shards),
        comment_count=sum(shard.comment_count for shard in shards),
        problems=tuple(dict.fromkeys(account.problems)),
    )


def _carry_over(run: Run, steps: Steps, account: Account) -> None:
    claimed = claimed_files(run.datadir)
    left_over = [name for name in pending_files(run.datadir) if name not in claimed]
    _exhaust(_extract(left_over, steps, account))
    from warehouse.status import waiting_batches

    if waiting_batches(run.datadir):
        left = steps.load()
        captures, fetches = (sum(tally.count for tally in tallies) for tallies in (left.captures, left.fetches))
        account.notes.append(f"an earlier run had left {captures} captures and {fetches} fetches, loaded first")


def _settle(run: Run, account: Account, warc_files: Sequence[str] = ()) -> None:
    from warehouse.run_sources import run_tallies

    account.settle(*run_tallies(run.datadir, run.run_id, warc_files))


def _extract_all(run: Run, steps: Steps, account: Account) -> list[ShardReport]:
    return [shard for _, shard in _extract(stored_captures(run.datadir), steps, account)]


def _extract(warc_files: Iterable[str], steps: Steps, account: Account) -> Iterator[tuple[str, ShardReport]]:
    """Each shard of the files as it is done, with its file."""

    def shards() -> Iterator[tuple[Shard, int]]:
        plans = at_once(lambda warc_file: (warc_file, steps.plan(warc_file)), warc_files, steps.files)
        for warc_file, plan in plans:
            if plan.problem:
                account.problems.append(f"{warc_file}: {plan.problem}; what could be read was read")
            account.known_count += plan.known_count
            yield from ((shard, len(plan.shards)) for shard in plan.shards)

    for warc_file, done in at_once(lambda one: (one[0].warc_file, steps.extract(*one)), shards(), steps.room):
        account.known_count += done.is_known
        yield warc_file, done


def _exhaust(work: Iterable[object]) -> None:
    for _ in work:
        pass


def _crawling(steps: Steps, account: Account) -> Iterator[CrawlBatch]:
    """The batches of a crawl that runs in a thread of its own, as they close."""
    closed: SimpleQueue[CrawlBatch | None] = SimpleQueue()

    def crawl() -> CrawlReport:
        try:
            return steps.crawl(closed.put)
        finally:
            closed.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="crawl") as executor:
        crawling = executor.submit(copy_context().run, crawl)
        try:
            while (batch := closed.get()) is not None:
                yield batch
        finally:
            steps.stop_crawl()
        account.add_crawl(crawling.result())
