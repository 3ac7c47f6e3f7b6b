"""What moves through a crawl: jobs on their way, and the batches and the report that come out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from flows.sources import Source
from transforms.schema import Attempt, Fetch, FetchKind
from warehouse.ledger_rows import DocumentState, UrlState


@dataclass(slots=True, eq=False)
class Job:
    """One URL on its way to its outcome, with what happened to it so far. Changed in place as it goes on."""

    kind: FetchKind
    source: Source
    url: str
    target: str
    """The address of the next request: `url`, or where redirects have led."""
    discovered_at: float
    state: UrlState | None = None
    document: DocumentState | None = None
    listed_published_at: float | None = None
    nesting: int = 0
    """For sitemaps: indexes above it. For pages of a site: clicks from the home page."""
    robots_site: str | None = None
    """For a robots.txt: the site that it speaks for."""
    hops: set[str] = field(default_factory=set)
    tries: int = 0
    spent_s: float = 0.0
    """Time in requests so far, redirects included."""
    wait_s: float = 0.0
    raw_bytes: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    robots_rule: str | None = None
    robots_digest: str | None = None
    opt_out: str | None = None
    sent: dict[str, str] = field(default_factory=dict)
    """Validators sent with the last request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlBatch:
    """Part of a crawl that is closed: its WARC file, if anything was kept, and the outcomes that belong to it."""

    batch_id: str
    """Stable: a batch that is handed over again after a kill has the same."""
    run_id: str
    number: int
    warc_file: str | None
    """Below captures/."""
    fetches: tuple[Fetch, ...]
    taken: Callable[[], None]
    """To be called when the fetches are safely elsewhere; until then the ledger keeps them and gives them out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a crawl is. Counts of URLs, documents and robots.txt files included."""

    discovered: int = 0
    settled: int = 0
    captured: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How many URLs of a source ended in an outcome."""

    source: str
    kind: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """What came of a crawl. `discovered` equals the sum of `counts`, whatever happened."""

    run_id: str
    discovered: int
    counts: tuple[OutcomeCount, ...]
    taken_over: int
    """Those of them that a run which was killed had asked for, handed over by this one."""
    not_due: int
    """URLs that listings named and whose next visit is not due yet; they were not taken on."""
    gone: int
    """Pages that we had and that answered 404 or 410."""
    salvaged: int
    """Malformed feeds and sitemaps that were read all the same."""
    raw_bytes: int
    batches: int
    seconds: float
    problems: tuple[str, ...]
    """Sources whose feed, sitemap or list could not be read, one line each."""

    @property
    def is_balanced(self) -> bool:
        """Whether each URL taken on has exactly one outcome."""
        return self.discovered == sum(c.count for c in self.counts)


@dataclass(slots=True)
class Tally:
    """Counts kept while a crawl runs."""

    discovered: int = 0
    taken_over: int = 0
    not_due: int = 0
    gone: int = 0
    salvaged: int = 0
    raw_bytes: int = 0
    batches: int = 0
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def count(self, fetch: Fetch) -> None:
        """Add one settled fetch."""
        self.outcomes[fetch.source, fetch.kind.value, fetch.outcome.value] += 1
        self.raw_bytes += fetch.raw_bytes

    def report(self, run_id: str, seconds: float) -> CrawlReport:
        """The counts as one value."""
        return CrawlReport(
            run_id=run_id,
            discovered=self.discovered,
            counts=tuple(
                OutcomeCount(source=s, kind=k, outcome=o, count=n) for (s, k, o), n in sorted(self.outcomes.items())
            ),
            taken_over=self.taken_over,
            not_due=self.not_due,
            gone=self.gone,
            salvaged=self.salvaged,
            raw_bytes=self.raw_bytes,
            batches=self.batches,
            seconds=seconds,
            problems=tuple(self.problems),
        )
