"""The gold of the press: what a reader of its pages should find, edition by edition.

Taken from the article files alone, never from rendered pages, so that a template cannot vouch for itself.
Outcomes are given by the names of the pipeline's own vocabulary, as plain strings.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from demo.articles import HOME, Article, Site, article_in, is_gone, listed_articles, load_sites, reading_order
from demo.markup import captions_of, paragraphs_of, sentences_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One article as an edition shows it; times are UTC.

    `published_date` is the day as printed. Where not `is_zoned` the page prints a time without a zone, so that
    `published_at` cannot be read from it alone; the feed has the zone.
    `paragraphs` is the whole text (of a thread: the posts). `note`, a correction printed below it, may belong to the
    text or not. Comments are readers' comments in the order of the page, without pingbacks; `forbidden` (comments,
    pingbacks, author boxes, boilerplate) must not stand in the text.
    """

    site: str
    path: str
    title: str
    authors: tuple[str, ...]
    published_at: datetime
    published_date: date
    is_zoned: bool
    modified_at: datetime | None
    language: str
    page_type: str
    paragraphs: tuple[str, ...]
    first_sentence: str
    last_sentence: str
    note: str
    comment_authors: tuple[str, ...]
    comment_texts: tuple[str, ...]
    captions: tuple[str, ...]
    forbidden: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFetch:
    """One address that `sources.toml` leads to in an edition, and what should come of asking for it.

    `fetch` is the outcome of the request, `capture` that of the page kept (None: none is kept). `final_path` is where
    the article lies; it differs from `path` where the address redirects or carries tracking parameters.
    """

    site: str
    path: str
    final_path: str
    fetch: str
    capture: str | None


def expected_articles(edition: int) -> tuple[Expected, ...]:
    """Every article that can be read in an edition and that robots.txt lets in, site by site, newest first."""
    return tuple(
        _expected(site, shown)
        for site in load_sites()
        for article in site.articles
        if (shown := article_in(article, edition)) and not _is_closed(shown, edition)
    )


def expected_fetches(edition: int, *, since: int | None = None) -> tuple[ExpectedFetch, ...]:
    """Every address that the sources name in an edition; with `since`, for a visitor who has read that edition."""
    rows = []
    for site in load_sites():
        for article in site.articles:
            shown = article_in(article, edition)
            if shown is None or not _is_named(site, shown, edition):
                continue
            link = shown.path if site.has_sitemap_index else shown.feed_link or shown.path
            before = article_in(article, since) if since else None
            fetch, capture = _outcomes(site, before, shown, (since or 0, edition))
            rows.append(ExpectedFetch(site=site.id, path=link, final_path=shown.path, fetch=fetch, capture=capture))
        rows += [
            ExpectedFetch(site=site.id, path=extra.path, final_path=extra.path, fetch="not_html", capture=None)
            for extra in site.extras
            if extra.is_listed
        ]
    return tuple(rows)


def republished() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Articles that print another site's story: (site, path) of the copy to (site, path) of the original."""
    original = ("saltmere", "/2026/10/12/ferry-returns/")
    return {(site.id, a.path): original for site in load_sites() for a in site.articles if a.agency}


def _is_closed(article: Article, edition: int) -> bool:
    return article.is_walled or article.is_disallowed or is_gone(article, edition)


@functools.cache
def _fixed_lists() -> dict[str, frozenset[str]]:
    sources = tomllib.loads((HOME / "sources.toml").read_text("utf-8"))["source"]
    return {s["id"]: frozenset(urlsplit(u).path for u in s["urls"]) for s in sources if s["kind"] == "urls"}


def _is_named(site: Site, article: Article, edition: int) -> bool:
    fixed = _fixed_lists().get(site.id)
    if fixed is not None:
        return article.path in fixed
    return not is_gone(article, edition) or bool(article.gone and article.gone.is_listed)


def _outcomes(
    site: Site, before: Article | None, article: Article, editions: tuple[int, int]
) -> tuple[str, str | None]:
    since, edition = editions
    if is_gone(article, edition):
        return "http_4xx", None
    if article.is_disallowed:
        return "robots_denied", None
    is_new_around = site.has_latest and _latest(site, edition) != _latest(site, since)
    if before == article and not is_new_around:
        return "not_modified", None
    if article.is_walled:
        return "captured", "extract_empty"
    if before is None:
        return "captured", "new"
    is_same = (before.title, before.body) == (article.title, article.body)
    return "captured", "unchanged" if is_same else "changed"


def _latest(site: Site, edition: int) -> list[str]:
    return [a.title for a in listed_articles(site, edition)[:4]]


def _expected(site: Site, article: Article) -> Expected:
    paragraphs = paragraphs_of(article.body)
    posts = tuple(r.text for r in article.remarks) if article.is_thread else ()
    comments = tuple(r for r in reading_order(article.remarks) if not (r.is_pingback or article.is_thread))
    words = (*paragraphs, *posts)
    strangers = (r.text for r in article.remarks if not article.is_thread)
    return Expected(
        site=site.id,
        path=article.path,
        title=article.title,
        authors=article.authors,
        published_at=article.published.astimezone(UTC),
        published_date=article.published.date(),
        is_zoned=site.is_zoned,
        modified_at=article.modified.astimezone(UTC) if article.modified else None,
        language="en" if article.agency else site.language.partition("-")[0],
        page_type="forum" if article.is_thread else "article",
        paragraphs=words,
        first_sentence=sentences_of(words[0])[0],
        last_sentence=sentences_of(words[-1])[-1],
        note=article.note,
        comment_authors=tuple(r.author for r in comments),
        comment_texts=tuple(r.text for r in comments),
        captions=((article.caption,) if article.caption else ()) + captions_of(article.body),
        forbidden=(
            *strangers,
            *(site.author_notes[a] for a in article.authors if a in site.author_notes),
            *site.boilerplate,
        ),
    )
