"""A crawl as a step of a run: an event loop of its own in the thread that calls it, and a way to stop it from outside.

The crawl itself (`flows.fetch`) takes clock, files and listeners as arguments; this is where the real ones are put in.
A closed batch is handed over once its fetches are in the lake, so that nothing depends on who listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flows.progress import Progress, report
from flows.runs import Run
from flows.sources import Source
from transforms.schema import Fetch

if TYPE_CHECKING:
    from flows.fetch.crawl import CrawlBatch, CrawlReport
    from flows.fetch.crawl import Progress as CrawlProgress


class Crawler:
    """One crawl over `sources`."""

    def __init__(self, run: Run, sources: Sequence[Source]) -> None:
        self._run = run
        self._sources = sources
        self._stopping = threading.Event()

    def crawl(self, on_batch: Callable[[CrawlBatch], None]) -> CrawlReport:
        """Crawl until all that is due has its outcome; each batch is handed over as it closes. Raises OSError."""
        import asyncio

        from flows.fetch.crawl import crawl  # an HTTP client and a ledger, which other runs go without
        from transforms.columns import to_table
        from warehouse.lake import write_batch

        run = self._run

        def keep(batch: CrawlBatch) -> None:
            if batch.fetches:
                write_batch(run.datadir, batch.batch_id, {"fetches": to_table(Fetch, batch.fetches)}, extractor=None)
            batch.taken()
            on_batch(batch)

        return asyncio.run(
            crawl(
                self._sources,
                settings=run.settings,
                datadir=run.datadir,
                run_id=run.run_id,
                on_batch=keep,
                on_progress=_tell,
                should_stop=self._stopping.is_set,
            )
        )

    def stop(self) -> None:
        """Let what is under way end and put off the rest. Harmless when no crawl is under way."""
        self._stopping.set()


def _tell(progress: CrawlProgress) -> None:
    report(Progress("crawl", progress.settled, progress.discovered, f"{progress.captured} pages kept"))
