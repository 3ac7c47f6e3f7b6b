"""What discovery yields, whatever it read: links with the dates that the listing gives them.

Feeds, sitemaps, URL lists and pages all come down to `Link`; `transforms.feeds` and `transforms.sitemaps` read the two
formats. Documents from the web are bounded before they are parsed: document types with entities are taken out, so no
parser can be made to expand them, and lists are cut at a stated length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lxml import etree
from lxml import html as lxml_html

from transforms.url import resolve

LINKS_MAX = 50_000
"""Links taken from one document: what the sitemap protocol allows."""

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,2000}(\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_FEED_TYPES = frozenset(["application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"])
_PAGE_LINKS_MAX = 5_000
_NOT_PAGES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|mjs|json|xml|rss|atom|pdf|zip|gz|mp[34]|m4[av]|webm|ogg|woff2?|ttf|exe|dmg|apk)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One URL that a listing names. Times are UTC, as the listing gives them."""

    url: str
    """Absolute, as found: not normalised yet."""
    published_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that gave nothing, and why."""

    detail: str


def without_doctype(body: bytes) -> bytes:
    """The document without its document type, so that no entity of its own can be expanded.

    Where an entity declaration stands elsewhere or the type does not end, all declarations are made unreadable.
    """
    head, rest = body[:200_000], body[200_000:]
    if b"<!" not in head:
        return body
    cut = _DOCTYPE.sub(b"", head, count=1)
    return _ENTITY.sub(b"<!--ENTITY", cut + rest) if _ENTITY.search(cut) else cut + rest


def parse_time(text: str | None) -> datetime | None:
    """A time as feeds and sitemaps write it (ISO 8601 in whole or part, RFC 822), in UTC; without a zone it is UTC."""
    value = (text or "").strip()[:64]
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            match = _ISO.match(value)
            if match is None:
                return None
            try:
                at = datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
            except ValueError:
                return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


def plausible(at: datetime | None, now: datetime) -> datetime | None:
    """A listed time, unless it lies so far ahead or back that it says nothing about when to fetch."""
    if at is None or at > now + timedelta(days=2) or at.year < 1990:
        return None
    return at


def feeds_of_page(text: str, base_url: str) -> tuple[str, ...]:
    """The feeds that a page announces in its head (`link rel=alternate`), absolute, in its order."""
    tree = _tree(text)
    if tree is None:
        return ()
    found = []
    for element in tree.iter("link"):
        kinds = (element.get("rel") or "").lower().split()
        media = (element.get("type") or "").split(";")[0].strip().lower()
        if ("alternate" in kinds and media in _FEED_TYPES) or "feed" in kinds:
            url = resolve(_base(tree, base_url), element.get("href") or "")
            if url:
                found.append(url)
    return tuple(dict.fromkeys(found))[:20]


def links_of_page(text: str, base_url: str) -> tuple[Link, ...]:
    """The pages that a page links to, absolute, in its order: no `rel=nofollow`, no pictures, archives or scripts."""
    tree = _tree(text)
    if tree is None or _forbids_following(tree):
        return ()
    base = _base(tree, base_url)
    found: dict[str, None] = {}
    for element in tree.iter("a", "area"):
        if len(found) >= _PAGE_LINKS_MAX:
            break
        href = element.get("href")
        if not href or "nofollow" in (element.get("rel") or "").lower():
            continue
        url = resolve(base, href)
        if url and not _NOT_PAGES.search(url.partition("?")[0]):
            found.setdefault(url.partition("#")[0])
    return tuple(Link(url) for url in found)


def _tree(text: str) -> lxml_html.HtmlElement | None:
    try:
        return lxml_html.document_fromstring(
            text.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _base(tree: lxml_html.HtmlElement, url: str) -> str:
    for element in tree.iter("base"):
        if element.get("href"):
            return resolve(url, element.get("href") or "") or url
    return url


def _forbids_following(tree: lxml_html.HtmlElement) -> bool:
    for element in tree.iter("meta"):
        if (element.get("name") or "").lower() == "robots":
            words = (element.get("content") or "").lower().replace(",", " ").split()
            if "nofollow" in words or "none" in words:
                return True
    return False
