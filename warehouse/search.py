"""Full-text search over title and text of the current articles, ranked, with the words marked in a passage.

The index belongs to the warehouse file: each search finds out which index the file names, and opens that. What
matches is decided by `transforms.search_query` and `search_terms`, so documents and queries are cut alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from transforms.search_passage import Passage, best_passage, marked_line, patterns
from transforms.search_query import Node, SearchSyntaxError, parse, wanted
from warehouse.datadir import DataDir
from warehouse.errors import QueryError
from warehouse.reading import live_file, reading
from warehouse.search_fields import make_query
from warehouse.search_files import SearchIndexError, named_index
from warehouse.search_open import OpenIndex, Ranked, opened

QUERY_LETTERS_MAX = 2_000


class SearchError(QueryError):
    """A search that cannot be understood; one line that names the place."""


class Sort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What is searched for. Filters that are empty or None let everything through."""

    query: str
    """Words (all must occur), "phrases", -not, OR, prefix*, title:word, parentheses; `*` for everything."""
    sources: Sequence[str] = ()
    languages: Sequence[str] = ()
    """ISO 639-1 codes."""
    domains: Sequence[str] = ()
    published_from: date | datetime | None = None
    """A day in UTC, or a moment (UTC where it names no zone); articles without a date never match."""
    published_to: date | datetime | None = None
    """A day, which is included, or a moment, which is too."""
    limit: int | None = 20
    """Hits that are wanted; None for all."""
    sort: Sort = Sort.RELEVANCE


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article that matches."""

    rank: int
    """From 1."""
    article_id: str
    score: float | None
    """BM25 over title and text; comparable within one answer only. None where the order is by date."""
    published_at: datetime | None
    source: str
    language: str | None
    domain: str
    url: str
    title: Passage
    snippet: Passage
    """The passage of the text that shows the words best, in one line."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found."""

    count: int
    """All articles that match."""
    hits: tuple[SearchHit, ...]
    """The best of them, in order."""


def search(datadir: DataDir, request: SearchRequest) -> SearchAnswer:
    """Search the current articles of the live warehouse.

    Raises SearchError for a query that cannot be understood, SearchIndexError where the index is missing or damaged,
    WarehouseError where there is no warehouse.
    """
    node = parsed(request.query)
    try:
        return _search(datadir, request, node)
    except SearchIndexError:
        # a load may have published, and a forget removed the former index, between our two looks
        return _search(datadir, request, node)


def _search(datadir: DataDir, request: SearchRequest, node: Node) -> SearchAnswer:
    with opened(datadir, _live_index(datadir)) as index:
        count, ranked = find(index, request, node)
        marks = patterns(wanted(node))
        hits = []
        for number, hit in enumerate(ranked, 1):
            row = index.row(hit)
            hits.append(
                SearchHit(
                    rank=number,
                    article_id=hit.article_id,
                    score=hit.score,
                    published_at=row.published_at,
                    source=row.source,
                    language=row.language,
                    domain=row.domain,
                    url=row.url,
                    title=marked_line(row.title or "", marks),
                    snippet=best_passage(row.text, marks),
                )
            )
    return SearchAnswer(count, tuple(hits))


def _live_index(datadir: DataDir) -> str | None:
    """The name of the index that belongs to the live warehouse."""
    file = live_file(datadir)
    if datadir.lakehouse is not None or file is None:
        return _index_named_in(datadir)
    return _index_of_file(datadir, file)


@lru_cache(maxsize=8)
def _index_of_file(datadir: DataDir, _file: tuple[int, int, int]) -> str | None:
    """The same, remembered while the file is the same: opening it takes longer than most searches."""
    return _index_named_in(datadir)


def _index_named_in(datadir: DataDir) -> str | None:
    with reading(datadir) as con:
        return named_index(con)


def find(index: OpenIndex, request: SearchRequest, node: Node) -> tuple[int, list[Ranked]]:
    """The number of all matches, and the best in order. Raises SearchError."""
    if request.limit is not None and request.limit < 1:
        raise SearchError("the limit of a search must be 1 or more")
    filters = {"source": request.sources, "language": request.languages, "domain": request.domains}
    before = None if request.published_to is None else _just_after(request.published_to)
    since = None if request.published_from is None else _moment(request.published_from)
    try:
        query = make_query(index.schema, node, filters, since, before)
        # without a word there is no score to go by
        is_newest_first = request.sort is Sort.NEWEST or not wanted(node)
        return index.best(query, limit=request.limit, is_newest_first=is_newest_first)
    except ValueError as error:
        if "expansions" not in str(error):
            raise  # damage, which `opened` tells
        raise SearchError("too many words begin so for a phrase: give more letters before the *") from error


def parsed(query: str) -> Node:
    """A query's tree. Raises SearchError."""
    if len(query) > QUERY_LETTERS_MAX:
        raise SearchError(f"the query is longer than {QUERY_LETTERS_MAX} characters")
    try:
        return parse(query)
    except SearchSyntaxError as error:
        raise SearchError(str(error)) from error


def day_or_moment(value: object, name: str) -> date | datetime | None:
    """A day (2026-11-20) or a moment (2026-11-20 14:00, in UTC unless it names a zone). Raises SearchError."""
    if value is None:
        return None
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-11-20") else datetime.fromisoformat(text)
    except ValueError as error:
        raise SearchError(f"{name} is a day like 2026-11-20, or a moment like 2026-11-20T14:00, not {text}") from error


def _moment(day: date | datetime) -> datetime:
    if not isinstance(day, datetime):
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)


def _just_after(day: date | datetime) -> datetime:
    try:
        return _moment(day) + (timedelta(microseconds=1) if isinstance(day, datetime) else timedelta(days=1))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
