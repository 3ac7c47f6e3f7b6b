"""One comment out of its element: author, time, text, the page's id, and the comment that it answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from transforms.comments_dates import Moment
from transforms.comments_fields import (
    DATE_REST,
    author_beside,
    linked_author,
    moment_of,
    named_author,
    own_elements,
    signed_lines,
    signs_of,
    text_element_of,
    without_signature,
)
from transforms.comments_text import block_lines
from transforms.comments_words import chrome_of, speaker_of

_REPLIES = re.compile(
    r"(?:^|[-_\s])(?:children|replies|reply-list|thread|answers|subcomments?)(?:$|[-_\s])", re.IGNORECASE
)
_ID = re.compile(
    r"^(?:li-|div-)*(?:comment|kommentar|post|c|p|reply|dsq-comment|isso|idc-comment)?[-_]?(\w*\d\w*)$", re.IGNORECASE
)
_PARENT = ("data-parent-id", "data-parent", "data-parentid", "data-reply-to", "data-comment-parent")
_OWN = ("data-comment-id", "data-commentid", "data-id", "data-cid", "data-post-id")
_DEPTH = re.compile(r"(?:^|\s)(?:depth|level|indent)-(\d{1,2})(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Item:
    """What one comment's element says. `depth` is 0 where its names give none."""

    element: HtmlElement
    own_id: str | None
    parent_id: str | None
    depth: int
    author: str | None
    moment: Moment | datetime | None
    text: str


def outer_items(marked: Sequence[HtmlElement]) -> tuple[HtmlElement, ...]:
    """The elements that are one comment each: not the wrapper around a list of them, nor the body within one."""
    items = set(marked)
    parents = {item: next((a for a in item.iterancestors() if a in items), None) for item in marked}
    bodies: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for item, parent in parents.items():
        if parent is not None and not _is_reply(item, parent):
            bodies[parent].append(item)
    dropped: set[HtmlElement] = set()
    for item, inner in bodies.items():
        if not _has_own_text(item, items):
            dropped.update([item] if len(inner) > 1 else inner)
        elif len(inner) == 1 and _own_id(inner[0]) is None:
            dropped.update(inner)
    return tuple(item for item in marked if item not in dropped)


def read_item(element: HtmlElement, items: frozenset[HtmlElement]) -> Item | None:
    """The comment of one element, replies within it left out; None where it has no text."""
    own = own_elements(element, items)
    text_element = text_element_of(own)
    if text_element is element:
        text_element = None
    author, named = named_author(own)
    if author is None and text_element is not None:
        author, named = linked_author(own, text_element)
    moment, dated = moment_of(own, text_element)
    signs = signs_of(named, dated) - {element, text_element}
    head = items if text_element is None else items | {text_element}
    if author is None and dated in signs:
        author = author_beside(element, dated, head)
    if text_element is not None:
        lines = block_lines(text_element, items | signs)
    else:
        lines = without_signature(block_lines(element, items | signs), author)
    if author is None:
        author = next((s for s in map(speaker_of, lines[:2]) if s), None)
    if moment is None:
        moment, author, rest = signed_lines(block_lines(element, head), author, lines)
        lines = rest if text_element is None else lines
    text = "\n".join(
        line
        for line in lines
        if line.casefold().strip(" :") not in DATE_REST and chrome_of(line) is None and speaker_of(line) is None
    )
    if not text:
        return None
    depth = _DEPTH.search(element.get("class") or "")
    return Item(
        element,
        _own_id(element),
        next((element.get(a) for a in _PARENT if element.get(a) not in (None, "", "0")), None),
        int(depth[1]) if depth else 0,
        author,
        moment,
        text,
    )


def _is_reply(inner: HtmlElement, outer: HtmlElement) -> bool:
    for between in inner.iterancestors():
        if between is outer:
            return False
        if between.tag in ("ol", "ul") or _REPLIES.search(f"{between.get('class') or ''} {between.get('id') or ''}"):
            return True
    return False


def _has_own_text(item: HtmlElement, items: set[HtmlElement]) -> bool:
    return any(
        e.text and e.text.strip() for e in own_elements(item, frozenset(items)) if e.tag not in ("script", "style", "a")
    )


def _own_id(element: HtmlElement) -> str | None:
    for name in _OWN:
        if element.get(name):
            return str(element.get(name))
    holders = [element, *list(element)[:2]]
    for holder in holders:
        found = _ID.match(holder.get("id") or "")
        if found:
            return found[1]
    return None
