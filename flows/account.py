"""What a run has come to so far, and when it is worth to load."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.report import RunReport, add_counts
from transforms.schema import Fetch
from warehouse.tallies import Tally

if TYPE_CHECKING:
    from flows.fetch.crawl import CrawlReport
    from warehouse.load import LoadReport

LOAD_SHARE = 0.1
"""While work goes on, loads take at most about this share of the time: publishing copies the whole warehouse."""
LOAD_PAUSE_S = 60.0
"""And are no closer than this: rows a minute old are fresh enough, and extraction stands still for a load."""


class Account:
    """Collects what the steps of one run report."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._loads: list[LoadReport] = []
        self._fetches: list[Tally] = []
        self._settled: tuple[tuple[Tally, ...], tuple[Tally, ...]] | None = None
        self._discovered_count = 0
        self._taken_over_count = 0
        self.known_count = 0
        """Shards that the lake held already."""

    def add_crawl(self, crawled: CrawlReport) -> None:
        """Note what the crawl found."""
        self._discovered_count += crawled.discovered
        self._taken_over_count += crawled.taken_over
        self.problems.extend(crawled.problems)

    def count_fetches(self, fetches: Iterable[Fetch]) -> None:
        """Count fetches that this run will not load."""
        counts = Counter((fetch.source, fetch.outcome.value) for fetch in fetches)
        self._fetches.extend(Tally(source, outcome, count) for (source, outcome), count in counts.items())

    def settle(self, fetches: tuple[Tally, ...], captures: tuple[Tally, ...]) -> None:
        """Take these counts for the run's own: others may have loaded what it fetched, and it what others did."""
        self._settled = (fetches, captures)

    def add_load(self, loaded: LoadReport) -> None:
        """Note what a load brought."""
        self._loads.append(loaded)
        self.problems.extend(loaded.problems)
        self.notes.extend(loaded.warnings)
        if loaded.rebuilt:
            self.notes.append(f"the warehouse was built anew from the lake: {loaded.rebuilt}")
        if loaded.replaced:
            self.notes.append(f"{len(loaded.replaced)} batches were made anew: `broadsheet rebuild` adopts them")

    def report(self) -> RunReport:
        """The run as one value."""
        fetched = add_counts([*self._fetches, *(c for loaded in self._loads for c in loaded.fetches)])
        captured = add_counts(c for loaded in self._loads for c in loaded.captures)
        discovered_count = self._discovered_count
        if self._settled is not None:
            fetched, captured = (add_counts(counts) for counts in self._settled)
            discovered_count -= self._taken_over_count
        return RunReport(
            run_id=self._run_id,
            discovered_count=discovered_count,
            fetches=fetched,
            captures=captured,
            comment_count=sum(loaded.comments for loaded in self._loads),
            is_loaded=bool(self._loads),
            known_count=self.known_count,
            problems=tuple(dict.fromkeys(self.problems)),
            notes=tuple(dict.fromkeys(self.notes)),
        )


class LoadPace:
    """When a load is due while other work goes on, by when the last one ended and how long it took."""

    def __init__(self) -> None:
        self._ended = time.monotonic()
        self._took = 0.0

    def is_due(self) -> bool:
        """Whether the last load, or the beginning, lies back far enough."""
        return time.monotonic() - self._ended > max(LOAD_PAUSE_S, self._took / LOAD_SHARE)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Around a load; one that raises counts as none."""
        begun = time.monotonic()
        yield
        self._ended = time.monotonic()
        self._took = self._ended - begun


class Loader:
    """Loads when it is worth it: at the end, and between whiles where loading is cheap beside the work."""

    def __init__(self, step: Callable[[], LoadReport], account: Account) -> None:
        self._step = step
        self._account = account
        self._pace = LoadPace()

    def load_when_due(self) -> None:
        """Load if the last load lies back far enough."""
        if self._pace.is_due():
            self.load()

    def load(self) -> None:
        """Load now."""
        with self._pace.loading():
            self._account.add_load(self._step())
