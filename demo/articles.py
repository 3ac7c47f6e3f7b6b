"""What the press prints: sites and articles read from `content/`, and which of it each edition shows.

All dates are fixed (September to November 2026) and nothing depends on the clock, so that two runs anywhere see the
same bytes. Time passes by editions instead: edition 1 is the first publication, edition 2 changes, adds and removes,
later editions add dated articles from a small stock until it is used up. Each edition has a fixed instant of its own.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
FIRST_EDITION_AT = datetime(2026, 11, 14, 6, 0, tzinfo=UTC)


def edition_at(edition: int) -> datetime:
    """The instant of an edition, UTC: edition 1 is printed on 14 November 2026, each further one a day later."""
    return FIRST_EDITION_AT + timedelta(days=edition - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One entry of a comment section: a reader's comment or a pingback."""

    id: str
    author: str
    at: datetime
    text: str
    reply_to: str | None = None
    is_pingback: bool = False
    edition: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an edition alters in an article. Without `modified` it is silent: the page does not say so."""

    edition: int
    title: str | None = None
    replace: str | None = None
    by: str = ""
    modified: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """From `edition` on the article answers with `status`; `is_listed` when the feed still names it."""

    edition: int
    status: int
    is_listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as its file in `content/<site>/` has it, or as one edition shows it (see `article_in`)."""

    slug: str
    path: str
    title: str
    authors: tuple[str, ...]
    published: datetime
    body: str
    section: str = ""
    standfirst: str = ""
    caption: str = ""
    tags: tuple[str, ...] = ()
    modified: datetime | None = None
    note: str = ""
    feed_link: str | None = None
    agency: str = ""
    is_thread: bool = False
    is_walled: bool = False
    is_disallowed: bool = False
    edition: int = 1
    gone: Gone | None = None
    changes: tuple[Change, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A listed address that is no article: a redirect, or a document that is not HTML."""

    path: str
    title: str
    published: datetime
    redirect: str | None = None
    is_listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site: its settings (`site.toml`) and its articles, newest first."""

    id: str
    name: str
    tagline: str
    language: str
    feed_path: str
    feed_format: str
    robots: str
    shown_date: str
    counted: tuple[str, ...]
    months: tuple[str, ...]
    articles: tuple[Article, ...]
    boilerplate: tuple[str, ...]
    charset: str = "utf-8"
    charset_place: str = "both"
    validators: tuple[str, ...] = ("etag", "last-modified")
    shown_day: str = "{day} {month} {year}"
    digits: str = "0123456789"
    is_jsonld: bool = False
    is_zoned: bool = True
    has_latest: bool = False
    has_sitemap_index: bool = False
    extras: tuple[Extra, ...] = ()
    author_notes: Mapping[str, str] = dataclasses.field(default_factory=dict)


@functools.cache
def load_sites() -> tuple[Site, ...]:
    """Every site of the press in the order of its ports. Raises KeyError or TypeError where a file is wrong."""
    order = tomllib.loads((HOME / "content" / "press.toml").read_text("utf-8"))["sites"]
    return tuple(_site(HOME / "content" / name) for name in order)


def last_edition(sites: tuple[Site, ...] | None = None) -> int:
    """The edition after which nothing changes any more, of these sites or of all of `content/`."""
    numbers = [1]
    for site in load_sites() if sites is None else sites:
        for article in site.articles:
            numbers += [article.edition, *(c.edition for c in article.changes), *(r.edition for r in article.remarks)]
            numbers += [article.gone.edition] if article.gone else []
    return max(numbers)


def article_in(article: Article, edition: int) -> Article | None:
    """The article as an edition shows it; None before its first edition. A gone one keeps its last state."""
    if edition < article.edition:
        return None
    shown = dataclasses.replace(article, remarks=tuple(r for r in article.remarks if r.edition <= edition))
    for change in article.changes:
        if change.edition > edition:
            continue
        if change.replace is not None and change.replace not in shown.body:
            raise KeyError(f"{article.path}: edition {change.edition} replaces words that are not there")
        shown = dataclasses.replace(
            shown,
            title=change.title or shown.title,
            body=shown.body if change.replace is None else shown.body.replace(change.replace, change.by),
            modified=change.modified or shown.modified,
            note=change.note or shown.note,
        )
    return shown


def is_gone(article: Article, edition: int) -> bool:
    """Whether the address answers 404 or 410 in this edition."""
    return article.gone is not None and edition >= article.gone.edition


def listed_articles(site: Site, edition: int) -> tuple[Article, ...]:
    """What front page, feed and sitemap name in an edition, newest first."""
    shown = (article_in(a, edition) for a in site.articles)
    return tuple(a for a in shown if a and (not is_gone(a, edition) or (a.gone and a.gone.is_listed)))


def reading_order(remarks: tuple[Remark, ...], parent: str | None = None) -> tuple[Remark, ...]:
    """The remarks as a page shows them: each followed by the replies to it."""
    ordered: list[Remark] = []
    for remark in (r for r in remarks if r.reply_to == parent):
        ordered += [remark, *reading_order(remarks, remark.id)]
    return tuple(ordered)


def _site(folder: Path) -> Site:
    settings = tomllib.loads((folder / "site.toml").read_text("utf-8"))
    files = sorted(p for p in folder.glob("*.toml") if p.name != "site.toml")
    articles = sorted((_article(p) for p in files), key=lambda a: a.published, reverse=True)
    extras = tuple(Extra(**e) for e in settings.pop("extras", []))
    return Site(id=folder.name, articles=tuple(articles), extras=extras, **_tuples(settings))


def _article(path: Path) -> Article:
    fields = tomllib.loads(path.read_text("utf-8"))
    gone = fields.pop("gone", None)
    changes = tuple(Change(**c) for c in fields.pop("changes", []))
    remarks = tuple(Remark(**r) for r in fields.pop("remarks", []))
    return Article(
        slug=path.stem, gone=Gone(**gone) if gone else None, changes=changes, remarks=remarks, **_tuples(fields)
    )


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
