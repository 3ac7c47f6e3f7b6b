"""Feeds: RSS, Atom, RDF and JSON Feed as links with dates, malformed ones salvaged.

The fast parser goes first. What it cannot read, reads without links, or reads though the XML is broken goes to
feedparser too, which is slow and forgiving, so only up to a size; the reading with more links counts. A feed that
needed that is marked as salvaged, so that its owner can be told.
"""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import fastfeedparser
import feedparser
from lxml import etree

from transforms.discover import LINKS_MAX, Link, Unreadable, parse_time, without_doctype
from transforms.url import resolve

_SLOW_BYTES_MAX = 2_000_000
_TRAILING_COMMA = re.compile(r",\s*([\]}])")
_HEAD = 65_536
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_PERIOD = re.compile(rb"<sy:updatePeriod>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<sy:updateFrequency>\s*(\d{1,4})\s*<", re.IGNORECASE)
_PERIOD_S = {b"hourly": 3_600, b"daily": 86_400, b"weekly": 604_800, b"monthly": 2_592_000, b"yearly": 31_536_000}


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What one feed says."""

    links: tuple[Link, ...]
    ttl_s: float | None = None
    """How long its owner wants it kept: `ttl`, or what `updatePeriod` and `updateFrequency` come to."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day (UTC) in which its owner wants it left alone."""
    is_salvaged: bool = False
    """Whether it was malformed and read all the same."""
    entry_count: int = 0
    """Entries in the feed, those without a usable link included."""


def parse_feed(body: bytes, base_url: str) -> FeedDocument | Unreadable:
    """Read a feed, its content coding taken off. Relative links are resolved against `base_url`. Never raises."""
    if not body.strip():
        return Unreadable("the feed is empty")
    clean = without_doctype(body)
    is_json = clean.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    if is_json:
        return _json(clean, base_url) or Unreadable("neither RSS, Atom, RDF nor JSON Feed")
    is_broken = not _is_well_formed(clean)
    fast = _fast(clean, base_url)
    best = fast
    if is_broken or fast is None or not fast.links or len(fast.links) < fast.entry_count:
        slow = _slow(clean, base_url) if len(clean) <= _SLOW_BYTES_MAX else None
        if slow is not None and (best is None or len(slow.links) > len(best.links)):
            best = slow
    if best is None:
        return Unreadable("neither RSS, Atom, RDF nor JSON Feed")
    head = clean[:_HEAD]
    return replace(best, ttl_s=_ttl_s(head), skip_hours=_skip_hours(head), is_salvaged=is_broken)


def _json(body: bytes, base_url: str) -> FeedDocument | None:
    """A JSON Feed, read without the fast parser, which gives up whole where one item is odd."""
    text = body.decode("utf-8-sig", "replace")
    is_salvaged = False
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        is_salvaged = True
        try:
            feed = json.loads(_TRAILING_COMMA.sub(r"\1", text), strict=False)
        except (ValueError, RecursionError):
            return None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed" not in str(feed.get("version", "jsonfeed")):
        return None
    entries = [
        {
            "link": item.get("url") or item.get("external_url"),
            "id": item.get("id"),
            "published": item.get("date_published"),
            "updated": item.get("date_modified"),
        }
        for item in items
        if isinstance(item, dict)
    ]
    found = _document(entries, base_url, lambda entry, key: _json_time(entry.get(key)))
    return replace(found, is_salvaged=is_salvaged or len(entries) < len(items))


def _json_time(value: object) -> datetime | None:
    return parse_time(value) if isinstance(value, str) else None


def _is_well_formed(body: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return False
    return True


def _fast(body: bytes, base_url: str) -> FeedDocument | None:
    """The fast parser's reading. It is given bytes only: a text that begins like a URL it would fetch."""
    try:
        parsed = fastfeedparser.parse(
            body, include_content=False, include_tags=False, include_media=False, include_enclosures=False
        )
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the other parser is asked; no outcome is lost
        return None
    entries = parsed.get("entries") or []
    return _document(entries, base_url, lambda e, key: parse_time(e.get(key)))


def _slow(body: bytes, base_url: str) -> FeedDocument | None:
    try:
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers={"content-location": base_url}, sanitize_html=False
        )
    except Exception:  # noqa: BLE001 - the fast parser's reading stands, or the feed is Unreadable
        return None
    if not parsed.get("version") and not parsed.entries:
        return None
    return _document(parsed.entries, base_url, _slow_time)


def _slow_time(entry: Mapping[str, Any], key: str) -> datetime | None:
    parsed = entry.get(f"{key}_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else parse_time(entry.get(key))
    except (ValueError, OverflowError, OSError):
        return None


def _document(entries: Iterable[Mapping[str, Any]], base_url: str, time_of: Any) -> FeedDocument:
    links: dict[str, Link] = {}
    count = 0
    for entry in entries:
        count += 1
        if len(links) >= LINKS_MAX:
            break
        url = _entry_url(entry, base_url)
        if url is not None:
            links.setdefault(url, Link(url, time_of(entry, "published"), time_of(entry, "updated")))
    return FeedDocument(links=tuple(links.values()), entry_count=count)


def _entry_url(entry: Mapping[str, Any], base_url: str) -> str | None:
    """The entry's own page: its link, else an alternate link, else an id that is a web address."""
    candidates = [entry.get("link")]
    candidates += [x.get("href") for x in entry.get("links") or [] if x.get("rel", "alternate") == "alternate"]
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.strip():
            url = resolve(base_url, candidate)
            if url is not None:
                return url
    entry_id = entry.get("id")
    is_address = isinstance(entry_id, str) and entry_id.startswith(("http://", "https://"))
    return resolve(base_url, entry_id) if is_address and isinstance(entry_id, str) else None


def _ttl_s(head: bytes) -> float | None:
    if match := _TTL.search(head):
        return int(match[1]) * 60.0
    if match := _PERIOD.search(head):
        frequency = _FREQUENCY.search(head)
        return _PERIOD_S[match[1].lower()] / max(1, int(frequency[1]) if frequency else 1)
    return None


def _skip_hours(head: bytes) -> frozenset[int]:
    match = _SKIP_HOURS.search(head)
    hours = frozenset(int(h) % 24 for h in _HOUR.findall(match[1])) if match else frozenset()
    return hours if len(hours) < 24 else frozenset()
