"""The rows of source health: what is known of a source in a period, and the verdicts on it.

The counts are made by warehouse/sql/health from narrow columns; the judgement (`transforms.health`) is a pure function
of them and the clock, so everything in them is a count, a median or a short list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from transforms.column import column


class SourceVerdict(StrEnum):
    """What is wrong with a source, beside its own past."""

    UNREACHABLE = "unreachable"
    SERVER_ERRORS = "server_errors"
    CLIENT_ERRORS = "client_errors"
    RATE_LIMITED = "rate_limited"
    ALL_REDIRECT = "all_redirect"
    ROBOTS_CHANGED = "robots_changed"
    CONSENT_WALL = "consent_wall"
    PAYWALL_TEASER = "paywall_teaser"
    EMPTY_PAGES = "empty_pages"
    DATES_GONE = "dates_gone"
    AUTHORS_GONE = "authors_gone"
    SHORT_TEXTS = "short_texts"
    DUPLICATES = "duplicates"
    TEMPLATE_CHANGED = "template_changed"
    SILENT = "silent"
    FEWER_ARTICLES = "fewer_articles"
    SLOW = "slow"
    NOT_ASKED = "not_asked"


VERDICT_DESCRIPTIONS: dict[SourceVerdict, str] = {
    SourceVerdict.UNREACHABLE: "requests end without an answer, or robots.txt cannot be read",
    SourceVerdict.SERVER_ERRORS: "more answers than usual are a 5xx",
    SourceVerdict.CLIENT_ERRORS: "more answers than usual are a 4xx, pages that are gone aside",
    SourceVerdict.RATE_LIMITED: "more answers than usual ask us to wait (429)",
    SourceVerdict.ALL_REDIRECT: "nearly every page now lies at another address",
    SourceVerdict.ROBOTS_CHANGED: "robots.txt is another one, or closes more pages than it did",
    SourceVerdict.CONSENT_WALL: "a consent dialogue stands where articles were",
    SourceVerdict.PAYWALL_TEASER: "teasers that must be paid for stand where articles were",
    SourceVerdict.EMPTY_PAGES: "more pages than usual give no article text",
    SourceVerdict.DATES_GONE: "articles no longer state when they were published",
    SourceVerdict.AUTHORS_GONE: "articles no longer name their authors",
    SourceVerdict.SHORT_TEXTS: "articles are much shorter than usual",
    SourceVerdict.DUPLICATES: "the same text is found under several addresses",
    SourceVerdict.TEMPLATE_CHANGED: "pages are built by a template not seen before",
    SourceVerdict.SILENT: "no new article for longer than the source has ever paused",
    SourceVerdict.FEWER_ARTICLES: "far fewer new articles than usual",
    SourceVerdict.SLOW: "answers take much longer than usual",
    SourceVerdict.NOT_ASKED: "the source is no longer asked, though others are",
}

ADVICE: dict[SourceVerdict, str] = {
    SourceVerdict.UNREACHABLE: "Open the site in a browser; if it answers there, ask its owner whether we are blocked.",
    SourceVerdict.SERVER_ERRORS: "Wait a day; if it lasts, open one of the failing pages, and raise the interval.",
    SourceVerdict.CLIENT_ERRORS: "Open a failing page: the site may have moved its pages, or refuses our User-Agent.",
    SourceVerdict.RATE_LIMITED: "Raise host_gap_s or the source's interval: the site asks for fewer requests.",
    SourceVerdict.ALL_REDIRECT: "Follow one redirect by hand, then put the new address into sources.toml.",
    SourceVerdict.ROBOTS_CHANGED: "Read the site's robots.txt; what it closes stays closed to us.",
    SourceVerdict.CONSENT_WALL: "See one with `broadsheet inspect`; look for a feed that holds whole texts.",
    SourceVerdict.PAYWALL_TEASER: "Add a subscriber's `headers` to the source, or take its texts as teasers.",
    SourceVerdict.EMPTY_PAGES: "Look at one of them with `broadsheet inspect`: pages made by scripts hold no text.",
    SourceVerdict.DATES_GONE: "Look at a page with `broadsheet inspect`; a `date_format` in sources.toml may help.",
    SourceVerdict.AUTHORS_GONE: "See with `broadsheet inspect` where the by-line now stands, or that it is gone.",
    SourceVerdict.SHORT_TEXTS: "Look at a page with `broadsheet inspect`: what was stripped, and by which rule.",
    SourceVerdict.DUPLICATES: "Open two of them: an error page or a wall may answer for all; `exclude` may help.",
    SourceVerdict.TEMPLATE_CHANGED: "Look at a page with `broadsheet inspect`.",
    SourceVerdict.SILENT: "Open the feed: it may have moved. Remove the source if it has closed.",
    SourceVerdict.FEWER_ARTICLES: "Compare the feed with the site: it may list less, or `include` may no longer match.",
    SourceVerdict.SLOW: "Nothing is lost. If it lasts, raise host_gap_s or the interval: the site may be under load.",
    SourceVerdict.NOT_ASKED: "See whether it is still in sources.toml; `broadsheet sources check` tells what is due.",
}
"""What to do, one sentence each."""


class Severity(StrEnum):
    """How much a verdict matters."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCount:
    """How many of a period's pages have one template."""

    signature: int = column("signature of the template")
    page_count: int = column("pages of that period that have it")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePeriod:
    """One source in one period, in counts."""

    source: str = column("id of the source")
    period_at: datetime = column("beginning of the period, UTC")
    period_s: float = column("length of the period, in seconds")
    request_count: int = column("pages, feeds, sitemaps and robots.txt that were asked for", default=0)
    listing_count: int = column("feeds, sitemaps and home pages among them", default=0)
    listing_read_count: int = column("those of them that could be read, or were as before", default=0)
    page_count: int = column("pages that were asked for, or that robots.txt kept us from asking for", default=0)
    answered_count: int = column("pages that answered with content, or as before", default=0)
    denied_count: int = column("pages that robots.txt closes", default=0)
    client_error_count: int = column("requests that ended in a 4xx, 429 and pages that are gone aside", default=0)
    server_error_count: int = column("requests that ended in a 5xx", default=0)
    rate_limited_count: int = column("requests that ended in a wish to wait", default=0)
    unreachable_count: int = column(
        "requests without an answer: dns, refused, timeout, tls …, or robots.txt that cannot be read", default=0
    )
    put_off_count: int = column("pages and feeds put off because the site failed or asked to be left alone", default=0)
    redirected_count: int = column("answered pages that lie at another address than was asked for", default=0)
    redirect_target_count: int = column("distinct addresses that those lie at", default=0)
    latency_count: int = column("answers whose time was taken", default=0)
    latency_median_s: float | None = column("median time to the end of an answer", default=None)
    robots_digests: list[str] = column("robots.txt that were obeyed: site and digest")
    capture_count: int = column("captures with a page in them, revisits aside", default=0)
    new_count: int = column("captures that showed an article for the first time", default=0)
    empty_count: int = column("captures without article text", default=0)
    consent_count: int = column("captures that are a consent dialogue", default=0)
    paywall_count: int = column("captures that say that they must be paid for", default=0)
    version_count: int = column("new and changed versions of articles", default=0)
    dated_count: int = column("those of them that state published_at", default=0)
    authored_count: int = column("those of them that name an author", default=0)
    word_median: float | None = column("median of their word counts", default=None)
    text_count: int = column("those of them long enough to compare their texts", default=0)
    distinct_text_count: int = column("distinct texts among those", default=0)
    templates: list[TemplateCount] = column("templates of the captures, most pages first")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One verdict on one source in one period."""

    source: str = column("id of the source")
    period_at: datetime = column("beginning of the period, UTC")
    period_s: float = column("length of the period, in seconds")
    verdict: SourceVerdict = column("what is wrong, by name")
    severity: Severity = column("notice, warning or critical")
    since_at: datetime = column("beginning of the first period of an unbroken row of this verdict, UTC")
    seen_at: datetime = column(
        "beginning of the latest period with evidence for it; it stands until there is other, UTC"
    )
    is_open: bool = column("whether it held when sources were judged last")
    measure: str = column("what was measured")
    measured: float = column("the value that was measured")
    expected_low: float | None = column("least usual value; null where there is no lower end", default=None)
    expected_high: float | None = column("greatest usual value; null where there is no upper end", default=None)
    sentence: str = column("the verdict as a person reads it")
    advice: str = column("what to do")
