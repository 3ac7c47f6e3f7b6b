"""A page as a list of text blocks in reading order, each knowing where it stands.

Trafilatura gives lines without their place. Rules need the place: the element, the headings and lists around it, the
share of links, and the zone (a caption, a related list, an author box …) that its containers' names declare. One walk
over the tree gives all of it; lines are then found again among the blocks by their letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins")
    + ("kbd", "label", "mark", "nobr", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup")
    + ("time", "tt", "u", "var", "wbr", "img", "svg")
)
_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "head", "iframe", "object", "embed", "select", "option", "textarea")
    + ("svg", "canvas", "audio", "video", "math", "map", "datalist", "input")
)
_BREAKS = frozenset(("br", "hr"))
_NOT_ALNUM = re.compile(r"[\W_]+")


@dataclass(slots=True, eq=False)
class Zone:
    """A container whose name or tag says that it holds something other than the article's text."""

    rule: str
    element: HtmlElement
    is_void: bool = False
    """Set when the container turns out to hold the article itself."""


@dataclass(slots=True, eq=False)
class Block:
    """One run of text that nothing divides: a paragraph, a heading, a list item, a cell, a line of a division."""

    text: str
    key: str
    """Letters and digits only, case folded: what a line of another rendering is compared by."""
    element: HtmlElement
    """The innermost element around it that is not inline."""
    tag: str
    """The nearest of h1-h6, li, td, th, dt, dd, pre, blockquote, figcaption, p around it, else the element's tag."""
    link_chars: int
    zones: tuple[Zone, ...]
    """The zones around it, outermost first."""

    @property
    def zone(self) -> str | None:
        """The rule of the innermost zone around it that counts, or None."""
        return next((zone.rule for zone in reversed(self.zones) if not zone.is_void), None)


def key_of(text: str) -> str:
    """Letters and digits of a text, case folded."""
    return _NOT_ALNUM.sub("", text).casefold()


_TELLING = frozenset(
    ("h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "pre", "blockquote", "figcaption", "p")
)


def read_blocks(tree: HtmlElement, zone_of: Callable[[HtmlElement], str | None]) -> list[Block]:
    """The page's blocks in reading order. `zone_of` names the rule by which an element's name takes it out, or None."""
    blocks: list[Block] = []
    pieces: list[str] = []
    linked = 0

    def flush(element: HtmlElement, tag: str, zones: tuple[Zone, ...]) -> None:
        nonlocal linked
        text = " ".join("".join(pieces).split())
        pieces.clear()
        key = key_of(text)
        if key:
            blocks.append(Block(text, key, element, tag, min(linked, len(text)), zones))
        linked = 0

    body = tree.find("body")
    element = tree if body is None else body
    tag, in_link = "div", False
    zones: tuple[Zone, ...] = ()
    children = iter(element)
    if element.text:
        pieces.append(element.text)
    # an explicit stack: pages nest deeper than Python recurses. An inline element keeps its block's element.
    stack: list[tuple[HtmlElement, HtmlElement, str, tuple[Zone, ...], bool, Iterator[HtmlElement]]] = []
    current = element
    while True:
        child = next(children, None)
        if child is None:
            if current.tag not in _INLINE:
                flush(element, tag, zones)
            if not stack:
                flush(element, tag, zones)
                return blocks
            tail = current.tail
            current, element, tag, zones, in_link, children = stack.pop()
            if tail:
                pieces.append(tail)
                linked += len(tail) if in_link else 0
            continue
        name = child.tag
        is_break = name in _BREAKS
        if is_break:
            flush(element, tag, zones)
        if is_break or not isinstance(name, str) or name in _SKIPPED:
            if child.tail:
                pieces.append(child.tail)
                linked += len(child.tail) if in_link else 0
            continue
        stack.append((current, element, tag, zones, in_link, children))
        current, children = child, iter(child)
        if name == "a":
            in_link = True
        if name not in _INLINE:
            flush(element, tag, zones)
            element = child
            tag = name if name in _TELLING else ("div" if tag == "p" else tag)
            rule = zone_of(child)
            if rule is not None:
                zones = (*zones, Zone(rule, child))
        if child.text:
            pieces.append(child.text)
            linked += len(child.text) if in_link else 0
