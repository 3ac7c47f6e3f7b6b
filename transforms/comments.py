"""Readers' comments of an HTML page: found as rows, and taken out of the tree before anything else reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml.html import HtmlElement

from transforms.comments_dates import Moment, day_first, to_moment
from transforms.comments_embedded import embedded_comments
from transforms.comments_found import FoundComment, Stripped, to_comments
from transforms.comments_items import Item
from transforms.comments_sections import Sections, find_sections
from transforms.comments_text import block_lines
from transforms.names import Names, read_names
from transforms.normalize import clean_line, clean_text
from transforms.page import Page

__all__ = ["FoundComment", "Stripped", "Taken", "find_comments", "strip_comments", "take_comments", "to_comments"]

_LOOK_BACK = 1_000
_CLOCK_SLACK = timedelta(days=1)
"""A printed local time may be ahead of UTC by hours; what is later than that is no time of a comment."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The comments of a page, and what was taken out of its tree with them."""

    comments: tuple[FoundComment, ...]
    stripped: tuple[Stripped, ...]
    parts: tuple[HtmlElement, ...] = ()


def take_comments(tree: HtmlElement, page: Page, names: Names | None = None) -> Taken:
    """`find_comments` and `strip_comments` in one detection. Changes the tree; `names` are those that it had before."""
    names = names or read_names(tree)
    sections = find_sections(tree, names)
    return Taken(_find(page, sections, names), _strip(sections), tuple(part for _, part in sections.parts))


def find_comments(tree: HtmlElement, page: Page) -> tuple[FoundComment, ...]:
    """The readers' comments that stand in a page, in its order. The tree is only read.

    From the markup, or from the page's JSON-LD where that holds more. Pingbacks are stripped but are no comments.
    """
    names = read_names(tree)
    return _find(page, find_sections(tree, names), names)


def strip_comments(tree: HtmlElement) -> tuple[Stripped, ...]:
    """Take the comment sections out of the tree, headings and forms included, and say what they held."""
    return _strip(find_sections(tree))


def _find(page: Page, sections: Sections, names: Names) -> tuple[FoundComment, ...]:
    items = [item for item in sections.items if not _is_ping(item.element)]
    shown = _linked(items, page.captured_at)
    stated = embedded_comments(names.of("script"))
    return shown if len(shown) >= len(stated) else stated


def _strip(sections: Sections) -> tuple[Stripped, ...]:
    stripped = []
    for rule, part in sections.parts:
        text = "\n".join(block_lines(part))
        if part.getparent() is None:
            continue
        part.drop_tree()  # keeps the text that follows the element
        if text:
            stripped.append(Stripped(rule, text))
    return tuple(stripped)


def _is_ping(element: HtmlElement) -> bool:
    names = (element.get("class") or "").lower().split()
    return any(name in ("pingback", "trackback") for name in names)


def _linked(items: Sequence[Item], captured_at: datetime) -> tuple[FoundComment, ...]:
    moments = [item.moment for item in items if isinstance(item.moment, Moment)]
    is_day_first = day_first(moments)
    by_element = {item.element: n for n, item in enumerate(items)}
    by_id = {item.own_id: n for n, item in reversed(list(enumerate(items))) if item.own_id}
    found = []
    for n, item in enumerate(items):
        parent = next((by_element[a] for a in item.element.iterancestors() if a in by_element), None)
        if parent is None and item.parent_id:
            parent = by_id.get(item.parent_id.rpartition("-")[2], by_id.get(item.parent_id))
        if parent is None and item.depth > 1:
            parent = next(
                (m for m in range(n - 1, max(-1, n - _LOOK_BACK), -1) if 0 < items[m].depth < item.depth), None
            )
        found.append(
            FoundComment(
                position=n,
                text=clean_text(item.text),
                author=clean_line(item.author) or None if item.author else None,
                published_at=_time(item.moment, is_day_first, captured_at),
                own_id=item.own_id,
                parent_index=parent if parent != n else None,
            )
        )
    return tuple(found)


def _time(moment: Moment | datetime | None, is_day_first: bool | None, captured_at: datetime) -> datetime | None:
    value = to_moment(moment, is_day_first=is_day_first) if isinstance(moment, Moment) else moment
    return value if value and value <= captured_at + _CLOCK_SLACK else None
