"""The rows that only the warehouse has, declared like the lake's records, and the list of all its tables.

What a table shares with the lake is declared once, in `transforms.schema`; what a load adds (which captures show which
article, which batches are in, what is crawled) is declared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from transforms.column import UInt32, column
from transforms.health_records import SourcePeriod, VerdictRow
from transforms.outcome import CAPTURE_OUTCOMES, FETCH_OUTCOMES, Outcome
from transforms.schema import ArticleVersion, Capture, Evidence, Fetch
from warehouse.mart_records import DomainLink, SourceDay, VersionLink
from warehouse.story_records import STORY_TABLES
from warehouse.table_spec import TableSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderComment:
    """A reader's comment over all captures that showed it."""

    comment_id: str = column(
        "key within the article: the page's own id, else a hash of article, author, time, text and occurrence"
    )
    article_id: str = column("the article that it stands under")
    parent_id: str | None = column("the comment that it answers", default=None)
    position: int = column("place on the page when last seen, from 0")
    author: str | None = column("name as printed, or a pseudonym where the settings ask for one", default=None)
    published_at: datetime | None = column("when the page says that it was written, UTC", default=None)
    text: str = column("the comment's text when last seen")
    first_seen_at: datetime = column("the first capture that shows it, UTC")
    last_seen_at: datetime = column("the last capture that shows it, UTC")
    capture_id: str = column("the capture that shows it last")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Which article one capture shows, and what identity and versions are decided by."""

    capture_id: str = column("key: the capture")
    article_id: str = column("the article that it shows, after merging")
    page_key: str | None = column(
        "hash of its own normalised final URL; null where that is article_id, as of pages that are merged with none",
        default=None,
    )
    canonical_key: str | None = column(
        "hash of the canonical URL that it declares, where that is another page of the same registrable domain and no "
        "front page",
        default=None,
    )
    title_hash: UInt32 | None = column("hash of the title, without regard to case and white space", default=None)
    text_hash: UInt32 | None = column(
        "hash of the text; null below 20 words, where equal texts prove nothing", default=None
    )
    content_key: int = column("hash of the article's content_hash: another one is another version")
    batch_id: str = column("the lake's batch that holds the record read from it")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow(ArticleVersion):
    """A version as it is stored: what the view article_versions shows, and where its text is."""

    batch_id: str = column("the lake's batch that holds the record read from the capture")
    final_url: str | None = column(  # type: ignore[assignment]
        "the address that answered, where that is not url; null where it is", default=None
    )
    # a list here would make DuckDB write the row anew, with its text, when only this changes
    changed_fields: str | None = column(  # type: ignore[assignment]
        "what differs from the version before, divided by commas; null for the first version", default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """One Parquet file of the lake that holds texts of a batch, where texts are kept there."""

    batch_id: str = column("the lake's batch")
    path: str = column("the file, below lake/")
    is_shared: bool = column("whether it holds several batches, and its rows say of which they are")
    replaced_at: datetime | None = column(
        "when a load put another file in its place, UTC; it stays a while for whoever reads an older state",
        default=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedBatch:
    """One batch of the lake that is in the warehouse."""

    batch_id: str = column("key: the batch, as the lake's manifest names it")
    digest: str = column("hash of its files' hashes: another digest means that the batch was made anew since")
    extractor: str | None = column("name and version of the code that made it", default=None)
    load_id: str = column("the load that brought it in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One record of a batch that breaks a rule, kept out of the other tables."""

    record: str = column("the lake's table that it is a row of")
    row_key: str = column("the record's key there: the capture, the URL of a fetch")
    rule: str = column("the rule that it breaks")
    batch_id: str = column("the lake's batch that holds it")
    payload: str = column("the whole record as JSON")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredFile:
    """One capture file that was removed on purpose. The rows read from it stay."""

    warc_file: str = column("key: path that the WARC file had below captures/, as in captures.warc_file")
    retired_at: datetime = column("when it was removed, UTC")
    run_id: str = column("the run that removed it")
    reason: str = column("why: its age, the budget of the disk, or who asked")
    capture_count: int = column("captures that were read from it")
    warc_bytes: int = column("its length, with the index beside it")
    newest_captured_at: datetime = column("its newest capture, UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One published load."""

    load_id: str = column("key: time of the load and a hash of what it was")
    run_id: str = column("the run that asked for it")
    loaded_at: datetime = column("when it was made, UTC")
    is_rebuild: bool = column("whether it built the warehouse anew from the whole lake")
    batch_count: int = column("batches of the lake that it brought in")
    new_count: int = column("captures that showed an article for the first time")
    changed_count: int = column("captures that showed another version of a known article")
    unchanged_count: int = column("captures that showed a version seen before")
    revisit_count: int | None = column(
        "captures that say that an earlier one still holds (304), without a body of their own; null in loads of the "
        "time when they were counted as rejected",
        default=None,
    )
    rejected_count: int = column("captures that gave no article")
    comment_count: int = column("readers' comments seen for the first time")
    fetch_count: int = column("rows added to fetches")
    extractor: str | None = column("name and version of the code that made its batches; comma between several")
    search_index: str | None = column("name of the search index that belongs to it, below index/", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source as it was configured when last loaded."""

    source: str = column("key: id of the source")
    kind: str = column("feed, sitemap, urls or site")
    urls: list[str] = column("the addresses that it starts from")
    file: str | None = column("the file that lists its addresses, where one does", default=None)
    include: list[str] = column("patterns that an address must match, one of them; empty for all")
    exclude: list[str] = column("patterns that an address must not match")
    max_pages: int | None = column("most pages that one run takes from it", default=None)
    interval_s: float | None = column("seconds between two looks at it", default=None)


def _one_of(column_name: str, outcomes: frozenset[Outcome]) -> str:
    return f"{column_name} IN ({', '.join(repr(o.value) for o in sorted(outcomes))})"


TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "captures",
        Capture,
        "One response that was kept, and the one outcome that it ended in",
        (_one_of("outcome", CAPTURE_OUTCOMES), "payload_bytes >= 0", "warc_offset >= 0"),
        zstd=("url", "final_url"),
    ),
    TableSpec(
        "versions",
        VersionRow,
        "How article_versions is stored, which is the view to ask; text is empty here where it is kept in the lake",
        ("version_number >= 1", "(valid_to IS NULL) = is_current", "word_count >= 0"),
        zstd=("text", "url", "image_url"),
        derived=("valid_from",),  # that is captured_at
    ),
    TableSpec("observations", Observation, "Which article each capture shows, versions or not"),
    TableSpec("comments", ReaderComment, "A reader's comment, kept apart from the article's text"),
    TableSpec("evidence", Evidence, "Why a version's fields are as they are: candidates that lost, parts stripped"),
    TableSpec(
        "fetches",
        Fetch,
        "One URL asked for in one run, and the one outcome that it ended in",
        (_one_of("outcome", FETCH_OUTCOMES),),
    ),
    TableSpec("version_links", VersionLink, "The links inside the text of each version; the view links has the newest"),
    *STORY_TABLES,
    TableSpec("domain_links", DomainLink, "Who links to whom: links between domains, by month"),
    TableSpec("source_days", SourceDay, "What each source gave on each day, and how it is"),
    TableSpec("source_periods", SourcePeriod, "Each source in each period in counts, from which source_verdicts come"),
    TableSpec("source_verdicts", VerdictRow, "What was wrong with a source in a period, beside its own past"),
    TableSpec("quarantine", Quarantined, "Records that break a rule (sql/contracts.sql), with their content"),
    TableSpec("sources", SourceRow, "What is crawled, as configured when last loaded"),
    TableSpec("text_files", TextFile, "The lake's files that hold the texts, where they are kept there; else empty"),
    TableSpec("batches", LoadedBatch, "The lake's batches that are in this warehouse"),
    TableSpec("retired", RetiredFile, "Capture files removed on purpose: their captures cannot be extracted again"),
    TableSpec("loads", Load, "One published load and what it brought"),
)
"""Every table of the warehouse. The views on them are in sql/views.sql."""
