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

INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("img", "ins", "kbd", "label", "mark", "nobr", "q", "ruby", "s", "samp", "small", "span", "strike", "strong"),
        *("sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
"""Elements that divide no text."""
_SKIPPED = frozenset(
    (
        *("script", "style", "noscript", "template", "head", "iframe", "object", "embed", "select", "option", "svg"),
        *("textarea", "canvas", "audio", "video", "math", "map", "datalist", "input"),
    )
)
_BREAKS = frozenset(("br", "hr"))
_TELLING = frozenset(
    ("h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "pre", "blockquote", "figcaption", "p")
)
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


@dataclass(slots=True, eq=False)
class _Frame:
    """Where the walk stands: `node` is the element whose children come next, `element` the block around them."""

    node: HtmlElement
    element: HtmlElement
    tag: str
    zones: tuple[Zone, ...]
    is_linked: bool


class _Collector:
    """Gathers text until something divides it, then makes it a block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []
        self._link_chars = 0

    def add(self, text: str | None, *, is_linked: bool) -> None:
        if text:
            self._pieces.append(text)
            self._link_chars += len(text) if is_linked else 0

    def divide(self, frame: _Frame) -> None:
        if not self._pieces:
            return
        text = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        key = key_of(text) if text else ""
        if key:
            link_chars = min(self._link_chars, len(text))
            self.blocks.append(Block(text, key, frame.element, frame.tag, link_chars, frame.zones))
        self._link_chars = 0


def read_blocks(tree: HtmlElement, zone_of: Callable[[HtmlElement], str | None]) -> list[Block]:
    """The page's blocks in reading order. `zone_of` names the rule by which an element's name takes it out, or None."""
    body = tree.find("body")
    root = tree if body is None else body
    frame = _Frame(root, root, "div", (), False)
    collector = _Collector()
    collector.add(root.text, is_linked=False)
    children = iter(root)
    # an explicit stack: pages nest deeper than Python recurses
    stack: list[tuple[_Frame, Iterator[HtmlElement]]] = []
    while True:
        child = next(children, None)
        if child is None:
            if frame.node.tag not in INLINE:
                collector.divide(frame)
            if not stack:
                collector.divide(frame)
                return collector.blocks
            tail = frame.node.tail
            frame, children = stack.pop()
            collector.add(tail, is_linked=frame.is_linked)
        elif child.tag in _BREAKS or child.tag in _SKIPPED or not isinstance(child.tag, str):
            if child.tag in _BREAKS:
                collector.divide(frame)
            collector.add(child.tail, is_linked=frame.is_linked)
        else:
            stack.append((frame, children))
            if child.tag not in INLINE:
                collector.divide(frame)
            frame, children = _enter(child, frame, zone_of), iter(child)
            collector.add(child.text, is_linked=frame.is_linked)


def _enter(child: HtmlElement, frame: _Frame, zone_of: Callable[[HtmlElement], str | None]) -> _Frame:
    name = str(child.tag)
    if name in INLINE:
        return _Frame(child, frame.element, frame.tag, frame.zones, frame.is_linked or name == "a")
    rule = zone_of(child)
    zones = frame.zones if rule is None else (*frame.zones, Zone(rule, child))
    tag = name if name in _TELLING else ("div" if frame.tag == "p" else frame.tag)
    return _Frame(child, child, tag, zones, frame.is_linked)
