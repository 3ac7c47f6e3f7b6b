"""The rows about stories, declared like all others: what analysts ask, and what the next load compares with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from transforms.column import UInt32, column
from transforms.sketch import METHOD
from warehouse.table_spec import TableSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Articles of one or several sites that print one text."""

    story_id: str = column("key: hash of the first article's key; an earlier printing that is found later changes it")
    title: str | None = column("the first article's headline", default=None)
    language: str | None = column("the first article's language", default=None)
    first_article_id: str = column("the article that was first with the text, and that the others are measured against")
    first_domain: str = column("registrable domain of the first article: who published first")
    first_published_at: datetime = column("when the first article appeared, UTC; see story_articles.appeared_at")
    last_published_at: datetime = column("when the last article of the story appeared, UTC")
    article_count: int = column("articles in the story, at least two")
    domain_count: int = column("registrable domains among them; 1 where a site repeats itself")
    embedding_count: int = column("articles among them that hold the text within one several times as long")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """One article of one story."""

    story_id: str = column("the story")
    article_id: str = column("the article; one that embeds several stories is a row in each")
    domain: str = column("registrable domain of the article")
    appeared_at: datetime = column(
        "published_at, where only a day is known its end, and never after the article's first capture; UTC"
    )
    delay_s: float = column(
        "seconds from the first article to this one; negative only where is_embedding: a page can be older than a part"
    )
    similarity: float = column("estimated share of shingles in common with the first article (Jaccard), 0 to 1")
    containment: float = column("estimated share of the shorter one's shingles that the longer one holds, 0 to 1")
    is_first: bool = column("whether this is the first article")
    is_embedding: bool = column("whether it holds the first article's text within one more than four times as long")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLink:
    """Two near-duplicate articles: what stories are told from."""

    article_id: str = column("one article")
    other_id: str = column("the article that holds the shared shingles and has the smallest key of all that do")
    shared_count: int = column("shingles that join the two")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSignature:
    """The signature of an article's current text. One for each article there is, so it repeats nothing of it."""

    article_id: str = column("key: the article")
    method: str = column("how it was made: signatures of two methods cannot be compared")
    shingle_count: int = column("different shingles (runs of words or characters) in the text")
    hashes: list[UInt32] = column("the smallest hashes of its shingles, ascending; empty for a text too short to tell")


STORY_TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "stories",
        Story,
        "The same text on several pages, sites and days: agency copy, reprints, cut and edited ones",
        ("article_count >= 2", "domain_count BETWEEN 1 AND article_count", "embedding_count < article_count"),
    ),
    TableSpec(
        "story_articles",
        StoryArticle,
        "Which articles print a story, how like the first they are and how long after it",
        ("similarity BETWEEN 0 AND 1", "containment BETWEEN 0 AND 1", "delay_s >= 0 OR is_embedding"),
    ),
    TableSpec("story_links", StoryLink, "Pairs of near-duplicate articles, kept so that a load compares only its own"),
    TableSpec(
        "article_signatures",
        ArticleSignature,
        "The signature of each article's current text, which new articles are compared with",
        # another method makes the next load build the warehouse anew: signatures of two methods cannot be compared
        (f"method = '{METHOD}'",),
    ),
)
