"""Documents that lead to pages, read alike: feeds, sitemaps, and pages that name feeds or link to pages."""

from __future__ import annotations

from dataclasses import dataclass

from flows.fetch.client import Answer
from transforms.decode import decode_html
from transforms.discover import Link, Unreadable, feeds_of_page, links_of_page
from transforms.feeds import parse_feed
from transforms.schema import FetchKind
from transforms.sitemaps import parse_sitemap


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a document leads to."""

    pages: tuple[Link, ...] = ()
    feeds: tuple[Link, ...] = ()
    sitemaps: tuple[Link, ...] = ()
    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    is_salvaged: bool = False
    is_cut: bool = False

    def words(self) -> str:
        """The listing in a few words."""
        counts = ((self.pages, "links"), (self.feeds, "feeds"), (self.sitemaps, "sitemaps"))
        words = ", ".join(f"{len(found)} {name}" for found, name in counts if found) or "0 links"
        return words + (", malformed and salvaged" * self.is_salvaged) + (", more than can be taken" * self.is_cut)


def read_listing(kind: FetchKind, body: bytes, answer: Answer) -> Listing | Unreadable:
    """Read a document's body, its content coding taken off. A page where a feed should be may name the feed."""
    if kind is FetchKind.SITEMAP:
        sitemap = parse_sitemap(body, answer.url)
        if isinstance(sitemap, Unreadable):
            return sitemap
        return Listing(
            pages=sitemap.pages, sitemaps=sitemap.sitemaps, is_salvaged=sitemap.is_salvaged, is_cut=sitemap.is_cut
        )
    if kind is FetchKind.HOME:
        text = _text(body, answer)
        feeds = tuple(Link(url) for url in feeds_of_page(text, answer.url))
        return Listing(pages=links_of_page(text, answer.url), feeds=feeds)
    feed = parse_feed(body, answer.url)
    if not isinstance(feed, Unreadable):
        return Listing(pages=feed.links, ttl_s=feed.ttl_s, skip_hours=feed.skip_hours, is_salvaged=feed.is_salvaged)
    named = feeds_of_page(_text(body, answer), answer.url) if b"<link" in body[:200_000].lower() else ()
    return Listing(feeds=tuple(Link(url) for url in named)) if named else feed


def links_in_page(body: bytes, answer: Answer) -> tuple[Link, ...]:
    """The links of a captured page."""
    return links_of_page(_text(body, answer), answer.url)


def _text(body: bytes, answer: Answer) -> str:
    return decode_html(body, answer.header("content-type")).text
