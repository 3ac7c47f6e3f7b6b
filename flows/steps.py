"""The steps that a run is made of, as plain functions; Prefect wraps the same steps as tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from flows.attempts import attempted
from flows.crawler import Crawler
from flows.own_memory import collect_seldom, give_back_memory, hold_little_memory
from flows.pool import Pool, PoolLimits
from flows.progress import Progress, report
from flows.runs import Run, extract_options
from flows.shards import ShardReport, batch_id_of, known_shards, read_shard
from flows.sources import Source
from transforms.extractor import EXTRACTOR
from transforms.page import Extracted, ExtractOptions, Page
from transforms.sample_pages import sample_pages
from warehouse.batch_names import whole_files
from warehouse.captures import Shard, ShardPlan, plan_shards
from warehouse.captures_stored import keep_capture
from warehouse.lake import known_batches, write_batch
from warehouse.side import side_lake

if TYPE_CHECKING:
    from flows.dask_runner import DaskRunner
    from flows.fetch.crawl import CrawlBatch, CrawlReport
    from warehouse.load import LoadReport
    from warehouse.records import SourceRow


@dataclass(frozen=True, slots=True)
class Steps:
    """What a run does, as it is to do it."""

    crawl: Callable[[Callable[[CrawlBatch], None]], CrawlReport]
    """Crawl the run's sources; each batch is handed over as it closes."""
    stop_crawl: Callable[[], None]
    """Ask a crawl that is under way to end soon; harmless when none is."""
    extract: Callable[[Shard, int], ShardReport]
    """Extract one shard of so many."""
    load: Callable[[], LoadReport]
    """Bring the lake's new batches into the warehouse."""
    plan: Callable[[str], ShardPlan]
    """Cut a capture file into shards."""
    room: Callable[[], int] = lambda: 1
    """How many shards may be under way at a time."""
    files: Callable[[], int] = lambda: 1
    """How many files may be cut at a time."""
    begin: Callable[[], None] = lambda: None
    """Make sure that shards can be extracted, before a crawl spends hours on captures."""
    end_extraction: Callable[[], None] = lambda: None
    """No shard is under way and none is known to come: a load may have the memory that extraction held."""


@dataclass(frozen=True, slots=True)
class Aside:
    """An extraction that goes into the side lake; of these sources alone, where any are named."""

    only_sources: frozenset[str] = frozenset()


@contextmanager
def direct_steps(
    run: Run,
    sources: Sequence[Source] = (),
    *,
    is_forced: bool = False,
    is_rebuild: bool = False,
    aside: Aside | None = None,
) -> Iterator[Steps]:
    """The steps of one run over `sources`, with one extraction pool for all shards of the block.

    `is_forced` extracts shards again that the lake holds already; `is_rebuild` makes the load build the warehouse anew;
    with `aside` all are extracted into the side lake.
    """
    hold_little_memory()
    collect_seldom()
    settings, datadir = run.settings, run.datadir
    options = extract_options(settings)
    limits = PoolLimits(cpu_s=settings.page_cpu_s, memory_bytes=settings.page_memory_bytes)
    crawler = Crawler(run, sources)
    is_fresh = is_forced or aside is not None
    into, only = (datadir, frozenset[str]()) if aside is None else (side_lake(datadir), aside.only_sources)
    pools: list[Pool[Page, Extracted]] = []
    known: dict[str, frozenset[str]] = {}
    reading = Lock()
    runner = _runner(run, options, limits)

    def load_step() -> LoadReport:
        with reading:  # between two shards: a load has the memory that extraction held, and not as much beside it
            end_extraction()
            return _load(run, sources, is_rebuild=is_rebuild)

    def pool() -> Pool[Page, Extracted]:
        if not pools:  # the children cost a second of CPU: a run that has nothing to extract goes without
            made: Pool[Page, Extracted] = Pool(
                workers=settings.workers, options=options, limits=limits, samples=sample_pages()
            )
            pools.append(stack.enter_context(made))
        return pools[0]

    def end_extraction() -> None:
        while pools:
            pools.pop().close()

    def plan_step(warc_file: str) -> ShardPlan:
        path = keep_capture(datadir, warc_file)
        known[warc_file] = held = (
            frozenset() if is_fresh else known_shards(known_batches(datadir), warc_file, EXTRACTOR)
        )
        if warc_file in whole_files(held):
            return ShardPlan((), None, known_count=len(held))
        if runner is not None:
            return runner.plan(warc_file, settings.shard_pages)
        pool()  # it imports the extractor while the file is read
        return plan_shards(path, root=datadir.captures, pages=settings.shard_pages)

    def extract_step(shard: Shard, total: int) -> ShardReport:
        batch_id = batch_id_of(shard, total)
        if batch_id in known.get(shard.warc_file, ()):
            return ShardReport(batch_id=batch_id, is_known=True)
        if runner is not None:
            return runner.extract(shard, total, into=into, sources=only)
        with ExitStack() as whole:
            with reading:  # a page that ends the whole run is known by its being in hand, which one shard at a time has
                attempt = whole.enter_context(attempted(datadir, batch_id))
                made = read_shard(datadir, shard, total, attempt.over(pool()), sources=only)
            write_batch(into, batch_id, made.tables, extractor=EXTRACTOR)
        report_of_shard = made.report
        del made
        _give_back_rows()
        return report_of_shard

    with ExitStack() as stack:
        # one shard is read while the one before is written
        steps = Steps(
            crawl=crawler.crawl,
            stop_crawl=crawler.stop,
            extract=extract_step,
            load=load_step,
            plan=plan_step,
            room=lambda: 2,
            end_extraction=end_extraction,
        )
        if runner is not None:
            stack.enter_context(runner)
            steps = replace(steps, room=runner.room, files=runner.room, begin=runner.begin)
        yield steps


def _load(run: Run, sources: Sequence[Source], *, is_rebuild: bool) -> LoadReport:
    from warehouse.load import load, report_of
    from warehouse.rebuild import rebuild

    report(Progress("load", 0))
    settings, now = run.settings, datetime.now(UTC)
    if is_rebuild:
        return report_of(
            rebuild(
                run.datadir,
                run_id=run.run_id,
                now=now,
                text_store=settings.text_store,
                health_period=settings.health_period,
                on_step=lambda _: give_back_memory(),
            )
        )
    return load(
        run.datadir,
        run_id=run.run_id,
        now=now,
        sources=tuple(_row(source) for source in sources),
        text_store=settings.text_store,
        health_period=settings.health_period,
        on_step=lambda _: give_back_memory(),
    )


def _runner(run: Run, options: ExtractOptions, limits: PoolLimits) -> DaskRunner | None:
    """The cluster that shards go to, if the settings say so."""
    settings = run.settings
    if settings.runner == "processes":
        return None
    from flows.dask_runner import DaskRunner

    return DaskRunner(
        run.datadir, address=settings.dask_address, workers=settings.workers, options=options, limits=limits
    )


def _give_back_rows() -> None:
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    give_back_memory()


def _row(source: Source) -> SourceRow:
    from warehouse.records import SourceRow

    return SourceRow(
        source=source.id,
        kind=source.kind.value,
        urls=list(source.urls),
        file=str(source.file) if source.file else None,
        include=[pattern.pattern for pattern in source.include],
        exclude=[pattern.pattern for pattern in source.exclude],
        max_pages=source.max_pages,
        interval_s=source.interval.total_seconds() if source.interval else None,
    )
