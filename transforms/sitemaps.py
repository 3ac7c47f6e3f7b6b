"""Sitemaps: XML, their indexes, news sitemaps, plain lists, and feeds that serve as sitemaps; bounded, dates kept.

Read as a stream, so that a document of 50,000 entries costs little memory, and with a parser that goes on after an
error: the entries before and behind it are kept and the document is marked as salvaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from transforms.coding import CodingFailure, decompress
from transforms.discover import LINKS_MAX, Link, Unreadable, parse_time, without_doctype
from transforms.feeds import parse_feed
from transforms.url import resolve

BYTES_MAX = 50_000_000
"""What the protocol allows for one sitemap, decoded."""

_SLICE = 1 << 16


@dataclass(frozen=True, slots=True)
class SitemapDocument:
    """What one sitemap says."""

    pages: tuple[Link, ...] = ()
    sitemaps: tuple[Link, ...] = ()
    """Further sitemaps that an index names."""
    is_salvaged: bool = False
    """Whether it was malformed and read all the same."""
    is_cut: bool = False
    """Whether it named more than can be taken."""


def parse_sitemap(body: bytes, base_url: str) -> SitemapDocument | Unreadable:
    """Read a sitemap, its content coding taken off; a `.xml.gz` file is unpacked here. Never raises."""
    if body[:2] == b"\x1f\x8b":
        unpacked = decompress(body, "gzip", limit=BYTES_MAX)
        if isinstance(unpacked, CodingFailure):
            if not unpacked.partial:
                return Unreadable(unpacked.detail)
            unpacked = unpacked.partial
        body = unpacked
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return Unreadable("the sitemap is empty")
    if text[:1] != b"<":
        return _plain_list(text, base_url)
    root = _root_name(text)
    if root in ("rss", "feed", "RDF"):
        feed = parse_feed(body, base_url)
        return feed if isinstance(feed, Unreadable) else SitemapDocument(pages=feed.links, is_salvaged=feed.is_salvaged)
    if root not in ("urlset", "sitemapindex"):
        return Unreadable(f"not a sitemap: its root element is {root or 'missing'}")
    return _xml(without_doctype(text), base_url)


def _xml(body: bytes, base_url: str) -> SitemapDocument:
    parser = etree.XMLPullParser(
        events=("end",), resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    pages: dict[str, Link] = {}
    sitemaps: dict[str, Link] = {}
    is_broken = is_cut = False
    for start in range(0, len(body), _SLICE):
        try:
            parser.feed(body[start : start + _SLICE])
        except (etree.XMLSyntaxError, ValueError):
            is_broken = True
        for _, element in parser.read_events():
            if not isinstance(element, etree._Element) or _name(element) not in ("url", "sitemap"):
                continue
            link = _link(element, base_url)
            found = pages if _name(element) == "url" else sitemaps
            if link is not None:
                found.setdefault(link.url, link)
            element.clear()
            parent = element.getparent()
            while parent is not None and parent[0] is not element:
                del parent[0]
        if len(pages) + len(sitemaps) > LINKS_MAX:
            is_cut = True
            break
        if is_broken:
            break
    if not is_cut:
        try:
            parser.close()
        except (etree.XMLSyntaxError, ValueError):
            is_broken = True
    is_broken = is_broken or len(parser.feed_error_log) > 0
    limit = max(0, LINKS_MAX - len(sitemaps))
    return SitemapDocument(tuple(pages.values())[:limit], tuple(sitemaps.values())[:LINKS_MAX], is_broken, is_cut)


def _link(element: etree._Element, base_url: str) -> Link | None:
    """The entry's own address and dates; `loc` of pictures and videos stands deeper and does not count."""
    address = None
    modified: datetime | None = None
    published: datetime | None = None
    for child in element:
        name = _name(child)
        if name == "loc" and address is None:
            address = resolve(base_url, (child.text or "").strip())
        elif name == "lastmod":
            modified = parse_time(child.text)
        elif name == "news":
            for part in child:
                if _name(part) == "publication_date":
                    published = parse_time(part.text)
    return Link(address, published, modified) if address else None


def _name(element: etree._Element) -> str:
    """Local name; empty for comments and instructions, whose tag is no text."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _plain_list(text: bytes, base_url: str) -> SitemapDocument | Unreadable:
    lines = text[:BYTES_MAX].decode("utf-8", "replace").splitlines()
    urls = [line.strip() for line in lines if line.strip().startswith(("http://", "https://"))]
    found = dict.fromkeys(u for u in (resolve(base_url, one) for one in urls[: LINKS_MAX + 1]) if u)
    if not found:
        return Unreadable("neither XML nor a list of URLs")
    return SitemapDocument(pages=tuple(Link(u) for u in found)[:LINKS_MAX], is_cut=len(urls) > LINKS_MAX)


def _root_name(text: bytes) -> str:
    """The local name of the first element, found without parsing what stands before it."""
    position = 0
    head = text[:100_000]
    while (position := head.find(b"<", position)) >= 0:
        if head[position + 1 : position + 4] == b"!--":
            end = head.find(b"-->", position)
        elif head[position + 1 : position + 2] in (b"?", b"!"):
            end = head.find(b">", position)
        else:
            name = head[position + 1 : position + 80].split(None, 1)[0:1]
            return name[0].split(b">")[0].split(b"/")[0].split(b":")[-1].decode("ascii", "replace") if name else ""
        if end < 0:
            return ""
        position = end
    return ""
