"""The one declaration of each record: a dataclass whose fields carry their column comments.

Arrow schemas (`transforms.columns`) and DuckDB tables (`warehouse.ddl`) are derived from it: the three cannot drift.
Names are a grammar: `_at` is a UTC timestamp in microseconds, `_date` a day, `_count` a number of things, `_bytes` and
`_s` name their unit, `is_` is a boolean. A field that may be None is a nullable column; every other column is NOT NULL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from transforms.column import UInt32, column
from transforms.outcome import Outcome
from transforms.values import sent_as_values


class Precision(StrEnum):
    """How exactly a page states a time."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class PageType(StrEnum):
    """What kind of page the text came from."""

    ARTICLE = "article"
    FORUM = "forum"
    DOCUMENTATION = "documentation"
    OTHER = "other"


class Wall(StrEnum):
    """What stands between a reader and the article."""

    CONSENT = "consent"
    PAYWALL = "paywall"


class FetchKind(StrEnum):
    """What a URL was asked for."""

    PAGE = "page"
    FEED = "feed"
    SITEMAP = "sitemap"
    HOME = "home"
    ROBOTS = "robots"


class Verdict(StrEnum):
    """What became of a candidate or a piece of the page."""

    REJECTED = "rejected"
    STRIPPED = "stripped"


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Which rule gave each field of an article."""

    title: str | None = column("rule that gave the title", default=None)
    authors: str | None = column("rule that gave the authors", default=None)
    published: str | None = column("rule that gave published_at and published_date", default=None)
    text: str | None = column("rule that gave the text", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The caption of one picture in an article."""

    image_url: str | None = column("absolute address of the picture, where the page gives one", default=None)
    text: str = column("the caption as printed")


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one capture says about one article: the text and its fields."""

    article_id: str = column(
        "key of the article: hash of its normalised final URL, or of the article it was merged into"
    )
    url: str = column("the address that was asked for")
    final_url: str = column("the address that answered, after redirects")
    declared_canonical_url: str | None = column(
        "the canonical address that the page declares, kept as data", default=None
    )
    next_page_url: str | None = column(
        "the address of the article's next page, where it runs over several", default=None
    )
    host: str = column("host name of the final URL; empty for files")
    domain: str = column("registrable domain of the host by the public suffix list; the host where there is none")
    source: str = column("id of the source that led here; 'ingest' for files given by hand")
    title: str | None = column("headline, without site name or kicker", default=None)
    authors: list[str] = column("names of the authors, in the page's order; empty where none is stated")
    published_at: datetime | None = column("when the page says that it was published, UTC", default=None)
    published_date: date | None = column("the day of publication as the page prints it, in its own zone", default=None)
    published_precision: Precision | None = column(
        "how exactly the page states published_at: second, minute or day", default=None
    )
    modified_at: datetime | None = column("when the page says that it was last changed, UTC", default=None)
    language: str | None = column("ISO 639-1 code of the text's language", default=None)
    page_type: PageType = column("article, forum, documentation or other")
    text: str = column("the article's text: paragraphs divided by a newline, without comments and boilerplate")
    word_count: int = column("words in the text; for scripts without spaces, letters and ideographs")
    description: str | None = column("the page's own summary or standfirst", default=None)
    tags: list[str] = column("keywords that the page gives; empty where none are stated")
    section: str | None = column("the section or rubric that the page names", default=None)
    image_url: str | None = column("absolute address of the lead picture", default=None)
    captions: list[Caption] = column("captions of the article's pictures, in the page's order")
    site_name: str | None = column("the site's own name", default=None)
    is_free: bool | None = column(
        "whether the page says that it can be read without paying; null where it does not say", default=None
    )
    comment_count: int = column("readers' comments found in this capture")
    content_hash: str = column("hash of title, authors, published_at and text: another hash is another version")
    capture_id: str = column("the capture that this record was read from")
    captured_at: datetime = column("when that capture was made, UTC")
    extractor: str = column("name and version of the code that read it")
    provenance: Provenance = column("which rule gave title, authors, published and text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion(Article):
    """One distinct version of an article and the span in which it was seen."""

    version_number: int = column("1 for the first version seen, counted in the order of capture")
    valid_from: datetime = column("capture that first showed this version, UTC")
    valid_to: datetime | None = column(
        "capture that first showed the next version; null while it is current", default=None
    )
    is_current: bool = column("whether this is the newest version seen")
    previous_capture_id: str | None = column(
        "the capture that first showed the version before; null for the first version", default=None
    )
    changed_fields: list[str] = column(
        "what differs from the version before: title, authors, published_at, text; empty for the first version"
    )
    words_added_count: int | None = column(
        "words of the text that the version before did not have; null for the first version", default=None
    )
    words_removed_count: int | None = column(
        "words of the version before that the text no longer has; null for the first version", default=None
    )
    is_silent: bool | None = column(
        "whether the page did not say that it changed: against the version before, modified_at did not move forward "
        "and no line was added that reads as a note of a correction or an update; null for the first version",
        default=None,
    )


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A reader's comment as one capture shows it, kept apart from the article's text."""

    comment_id: str = column("key: the page's own id, else a hash of article, author, time, text and occurrence")
    article_id: str = column("the article that it stands under")
    capture_id: str = column("the capture that showed it")
    parent_id: str | None = column("the comment that it answers", default=None)
    position: int = column("place on the page, from 0")
    author: str | None = column("name as printed, or a pseudonym where the settings ask for one", default=None)
    published_at: datetime | None = column("when the page says that it was written, UTC", default=None)
    text: str = column("the comment's text")
    seen_at: datetime = column("when that capture was made, UTC")


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A rejected candidate for a field, or a piece of the page that a rule stripped from the text."""

    capture_id: str = column("the capture that it was found in")
    article_id: str = column("the article that it was found for")
    position: int = column("order of finding within the capture, from 0")
    field: str = column("the field that it concerns: title, authors, published_at, modified_at, text …")
    verdict: Verdict = column("rejected (a candidate that lost) or stripped (a part that was taken out)")
    rule: str = column("the rule that proposed the candidate or stripped the part")
    value: str = column("the candidate or the part, as text")


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link inside the text of an article, as one capture shows it; menus, related lists and tags are none."""

    capture_id: str = column("the capture that showed it")
    article_id: str = column("the article whose text it stands in")
    position: int = column("order within the text, from 0")
    url: str = column("the address that it leads to, absolute and normalised")
    host: str = column("host name of that address")
    domain: str = column("registrable domain of that host by the public suffix list; the host where there is none")
    text: str = column("the words that are linked")
    is_internal: bool = column("whether it stays on its site: the same registrable domain and port")
    is_nofollow: bool = column("whether the page does not vouch for it: rel=nofollow")
    is_sponsored: bool = column("whether it was paid for: rel=sponsored")
    is_ugc: bool = column("whether readers made it: rel=ugc")
    target_key: int = column("the first 60 bits of the article_id that the address would have as an article")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One response that was kept, and the one outcome that it ended in."""

    capture_id: str = column("key: hash of URL, time of capture and payload digest")
    url: str = column("the address that was asked for")
    final_url: str = column("the address that answered: the WARC record's target")
    source: str = column("id of the source that led here; 'ingest' for files given by hand")
    captured_at: datetime = column("when the response was received, UTC")
    status: int | None = column("HTTP status; null for files", default=None)
    content_type: str | None = column("media type as the server declared it", default=None)
    payload_digest: str = column("sha1 of the body as archived, in base32, as in WARC-Payload-Digest")
    payload_bytes: int = column("length of the body as archived")
    warc_file: str = column("path of the WARC file below captures/")
    warc_offset: int = column("place of the record in that file, in bytes")
    warc_record_id: str = column("WARC-Record-ID")
    outcome: Outcome = column("new, changed or unchanged, or why the capture gave no article")
    detail: str | None = column("what the outcome's name does not say", default=None)
    structure: int | None = column(
        "signature of the page's template: pages of one template differ in few of its 64 bits", default=None
    )
    wall: Wall | None = column(
        "consent or paywall, where the page is a consent dialogue or says that it must be paid for", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request made for a URL, redirect hops included."""

    url: str = column("the address asked in this attempt")
    at: datetime = column("when the request was sent, UTC")
    status: int | None = column("HTTP status, where there was an answer", default=None)
    outcome: Outcome = column("what this attempt came to")
    detail: str | None = column("what the outcome's name does not say", default=None)
    wait_s: float = column("seconds that politeness made this attempt wait")
    wait_reason: str | None = column("why it waited: gap, crawl_delay, retry_after, slow_down …", default=None)
    latency_s: float | None = column("seconds to the end of the answer", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One URL asked for in one run, and the one outcome that it ended in."""

    run_id: str = column("the crawl that asked")
    source: str = column("id of the source that named the URL")
    kind: FetchKind = column(
        "page, or what was read to find pages: feed, sitemap, home, robots", default=FetchKind.PAGE
    )
    url: str = column("the address as discovered, normalised")
    final_url: str | None = column("the address that answered, after redirects", default=None)
    outcome: Outcome = column("what became of the URL")
    detail: str | None = column("what the outcome's name does not say", default=None)
    status: int | None = column("HTTP status of the last answer", default=None)
    fetched_at: datetime = column("when the outcome was known, UTC")
    discovered_at: datetime | None = column("when the source named the URL in this run, UTC", default=None)
    listed_published_at: datetime | None = column("date that the feed or sitemap gives for the URL, UTC", default=None)
    wait_s: float = column("seconds that politeness made this URL wait, in all")
    raw_bytes: int = column("bytes of body received, as sent")
    capture_id: str | None = column("the capture that holds the answer, where one was kept", default=None)
    robots_rule: str | None = column("the robots.txt line that decided, where one did", default=None)
    robots_digest: str | None = column("sha1 of the robots.txt that was obeyed, kept in the ledger", default=None)
    opt_out: str | None = column("how the page opts out of text and data mining, where it does", default=None)
    sent_etag: str | None = column("If-None-Match that was sent", default=None)
    sent_last_modified: str | None = column("If-Modified-Since that was sent", default=None)
    got_etag: str | None = column("ETag that was received", default=None)
    got_last_modified: str | None = column("Last-Modified that was received", default=None)
    attempts: list[Attempt] = column("every request made for it, redirects and retries included")


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What tells how much of one text stands in another, without the text."""

    capture_id: str = column("the capture whose text it is of")
    method: str = column("how it was made: signatures of two methods cannot be compared")
    shingle_count: int = column("different shingles (runs of words or characters) in the text")
    hashes: list[UInt32] = column("the smallest hashes of its shingles, ascending; empty for a text too short to tell")


RECORDS: dict[str, type] = {
    "captures": Capture,
    "articles": Article,
    "comments": Comment,
    "evidence": Evidence,
    "links": Link,
    "signatures": Signature,
    "fetches": Fetch,
}
"""The lake's tables and the record that each row is."""
