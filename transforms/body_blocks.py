"""A page as a list of text blocks in reading order, each knowing where it stands.

Trafilatura gives lines without their place. Rules need the place: the element, the headings and lists around it, the
share of links, and the zone (a caption, a related list, an author box …) that its containers' names declare. One walk
over the tree gives all of it; lines are then found again among the blocks by their letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.etree import Comment, Entity, ProcessingInstruction
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
_BLOCK, _BREAK, _INLINE, _SKIP = range(4)
_KINDS: dict[object, int] = {
    **dict.fromkeys(INLINE, _INLINE),
    **dict.fromkeys(_SKIPPED, _SKIP),
    **dict.fromkeys(_BREAKS, _BREAK),
    **dict.fromkeys((Comment, ProcessingInstruction, Entity), _SKIP),
}
"""What an element does to the text around it. Blocks and breaks end what stands before them."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_LOWER = bytes(range(256)).lower()


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
        for zone in reversed(self.zones):
            if not zone.is_void:
                return zone.rule
        return None


def key_of(text: str) -> str:
    """Letters and digits of a text, case folded."""
    # a table of bytes takes a tenth of the time of a search; signs that are left then are few and often the same
    letters = text.encode("utf-8", "surrogatepass").translate(_LOWER, _ASCII_SIGNS).decode("utf-8", "surrogatepass")
    if letters.isascii():
        return letters
    for character in set(_NOT_ASCII.findall(letters)):
        if not character.isalnum():
            letters = letters.replace(character, "")
    return letters.casefold()


def read_blocks(  # noqa: PLR0912, PLR0915
    tree: HtmlElement, zone_of: Callable[[HtmlElement], str | None]
) -> list[Block]:
    """The page's blocks in reading order. `zone_of` names the rule by which an element's name takes it out, or None.

    One function, with its state in local names: it looks at every element of the page, and calls would double its time.
    """
    body = tree.find("body")
    node = tree if body is None else body
    # where the walk stands: the innermost block element, the tag that tells what its text is, the zones around it
    element, tag, is_linked = node, "div", False
    zones: tuple[Zone, ...] = ()
    children = iter(node)
    blocks: list[Block] = []
    pieces = [node.text] if node.text else []
    linked = 0
    # an explicit stack: pages nest deeper than Python recurses
    stack: list[tuple[HtmlElement, HtmlElement, str, tuple[Zone, ...], bool, Iterator[HtmlElement]]] = []
    while True:
        child = next(children, None)
        name = node.tag if child is None else child.tag
        kind = _KINDS.get(name, _BLOCK)
        if pieces and kind <= _BREAK:
            text = " ".join("".join(pieces).split())
            key = key_of(text) if text else ""
            if key:
                blocks.append(Block(text, key, element, tag, min(linked, len(text)), zones))
            pieces.clear()
            linked = 0
        if child is None:
            if not stack:
                break
            following = node.tail
            node, element, tag, zones, is_linked, children = stack.pop()
        elif kind == _BLOCK:
            following = child.text
            if len(child) == 0:  # most elements hold no other: they need no place on the stack
                if following:
                    text = " ".join(following.split())
                    key = key_of(text) if text else ""
                    if key:
                        rule = zone_of(child)
                        around = zones if rule is None else (*zones, Zone(rule, child))
                        told = name if name in _TELLING else ("div" if tag == "p" else tag)
                        blocks.append(Block(text, key, child, told, len(text) if is_linked else 0, around))
                following = child.tail
            else:
                stack.append((node, element, tag, zones, is_linked, children))
                node, element, children = child, child, iter(child)
                tag = name if name in _TELLING else ("div" if tag == "p" else tag)
                rule = zone_of(child)
                if rule is not None:
                    zones = (*zones, Zone(rule, child))
        elif kind == _INLINE:
            following = child.text
            if len(child) == 0:
                if following:
                    pieces.append(following)
                    linked += len(following) if is_linked or name == "a" else 0
                following = child.tail
            else:
                stack.append((node, element, tag, zones, is_linked, children))
                node, children = child, iter(child)
                is_linked = is_linked or name == "a"
        else:
            following = child.tail
        # white space that nothing stands before is most of what is between elements, and makes no text
        if following and (pieces or is_linked or not following.isspace()):
            pieces.append(following)
            linked += len(following) if is_linked else 0
    return blocks
