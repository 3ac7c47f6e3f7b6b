"""Boxes between the paragraphs and lines of tags, told by how they are made: no name of theirs need be known.

A newsletter's box, an appeal or a pointer to another story is a division among paragraphs, a line or two long, that
begins with words in bold and ends with a link that is no part of a sentence. A line of tags is made of
links that say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import Block
from transforms.element_text import text_within

_BOXES = frozenset(("div", "section", "table", "td"))
_BOX_MAX = 300
_LINK_MAX = 40
_PARAGRAPH = 60
_PARAGRAPHS_LEAST = 3
"""Paragraphs beside a box that make it one within a text."""
_TAG_LINE_MAX = 600
_TAG_REST = 20
"""Letters besides the links that a line of tags may hold, and for each link two more."""
_PIECES_MAX = 120
_BOLD = frozenset(("b", "strong", "h2", "h3", "h4", "h5", "h6"))
_SENTENCE_ENDS = ".!?:…。！？：؟।"
_LABEL = re.compile(r"\s*【[^】]{1,12}】")


def aside_lines(lines: Sequence[Line], blocks: Sequence[Block]) -> dict[int, str]:
    """The lines that are boxes with a link or tags, each with the rule that says so."""
    gone: dict[int, str] = {}
    known: dict[HtmlElement, str | None] = {}
    for number, line in enumerate(lines):
        if not line.blocks:
            continue
        element = blocks[line.blocks[0]].element
        if len(line.blocks) > 1 and any(blocks[n].element is not element for n in line.blocks):
            continue
        if element not in known:
            known[element] = _rule_of(element)
        rule = known[element]
        if rule is not None:
            gone[number] = rule
    return gone


def _rule_of(element: HtmlElement) -> str | None:
    if _is_box(element):
        return "linked_box"
    return "tag_line" if _is_tags(element) else None


def _is_box(element: HtmlElement) -> bool:
    if element.tag not in _BOXES or len(element) < 2 or (parent := element.getparent()) is None:
        return False
    first, last = element[0], element[-1]
    is_labelled = first.tag in _BOLD and not (element.text or "").strip()
    if not is_labelled and _LABEL.match(element.text or "") is None:
        return False
    if last.tag not in ("a", "button") or (last.tail or "").strip(" !→›»"):
        return False
    before = last.getprevious()
    said = ((element.text if before is None else before.tail) or "").strip()
    if said and said[-1] not in _SENTENCE_ENDS:  # the link is part of a sentence: a note that refers to something
        return False
    text, link = _short_text(element, _BOX_MAX), _short_text(last, _LINK_MAX)
    if not text or not link or len(link) * 2 > len(text):
        return False
    paragraphs = (p for p in parent.iterchildren("p") if len("".join(islice(p.itertext(), _PIECES_MAX))) > _PARAGRAPH)
    return len(list(islice(paragraphs, _PARAGRAPHS_LEAST))) == _PARAGRAPHS_LEAST


def _is_tags(element: HtmlElement) -> bool:
    if len(element) == 0:
        return False
    links: list[HtmlElement] = []
    for link in element.iter("a"):
        if "tag" not in (link.get("rel") or "").split():
            return False  # mostly at the first: a container of a whole page holds hundreds
        links.append(link)
    if not links:
        return False
    text = _short_text(element, _TAG_LINE_MAX)
    if not text:
        return False
    linked = sum(len(_short_text(a, _TAG_LINE_MAX)) for a in links)
    return len(text) - linked <= _TAG_REST + 2 * len(links)


def _short_text(element: HtmlElement, limit: int) -> str:
    """The text of an element in one line; "" where it is longer than `limit`, or in many pieces."""
    text = " ".join(text_within(element).split())
    if len(text) > limit or len(list(islice(element.itertext(), _PIECES_MAX + 1))) > _PIECES_MAX:
        return ""
    return text
