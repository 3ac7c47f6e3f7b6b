"""The rows of the marts that are kept as tables: sums over days and sites that every load brings up to date.

What is cheap to work out when it is asked for is a view (sql/marts/views.sql), and costs a load nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from transforms.column import column
from transforms.schema import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """What one source gave on one day."""

    source: str = column("id of the source; 'ingest' for files given by hand")
    day_date: date = column("the day of capture or fetch, UTC")
    capture_count: int = column("captures of that day: the sum of new, changed, unchanged, rejected and revisits")
    new_count: int = column("captures that showed an article for the first time")
    changed_count: int = column("captures that showed another version of a known article")
    unchanged_count: int = column("captures that showed a version seen before")
    rejected_count: int = column("captures that gave no article")
    revisit_count: int = column("captures that say that an earlier one still holds (304)")
    capture_outcomes: dict[str, int] = column("how many captures ended in each outcome")
    version_count: int = column("versions first seen that day: new and changed")
    word_count: int = column("words in those versions")
    dated_share: float | None = column(
        "share of those versions that state published_at, 0 to 1; null where there is none", default=None
    )
    authored_share: float | None = column(
        "share of those versions that name an author, 0 to 1; null where there is none", default=None
    )
    latency_count: int = column(
        "new articles that state their publication to the minute or second, before their capture"
    )
    latency_median_s: float | None = column(
        "seconds from publication to first capture, the median of those; null where there is none", default=None
    )
    latency_p90_s: float | None = column(
        "seconds from publication to first capture, which nine of ten of those kept; null where there is none",
        default=None,
    )
    fetch_count: int = column("addresses asked for, or decided on, that day: pages, feeds, sitemaps, robots.txt")
    fetch_outcomes: dict[str, int] = column("how many of those ended in each outcome")
    verdicts: list[str] = column("verdicts on the source's health that day, worst first; empty where there is none")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLink(Link):
    """A link of one version, with what it is counted by."""

    source: str = column("id of the source of the article that it stands in")
    from_domain: str = column("registrable domain of the article that it stands in")
    linked_date: date = column("the day on which that article says that it was published, UTC, else of its capture")
    is_current: bool = column("whether it stands in the newest version seen")
    target_article_id: str | None = column(
        "the article at that address, where it was captured under the same address", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLink:
    """How often the articles of one domain link to another domain, by month."""

    month_date: date = column("first day of the month of linked_date")
    from_domain: str = column("registrable domain of the articles that link")
    to_domain: str = column("registrable domain that they link to; their own among them")
    link_count: int = column("links in the current versions of those articles")
    article_count: int = column("articles with at least one such link")
