"""A page as a list of text blocks in reading order, each knowing where it stands.

Trafilatura gives lines without their place. Rules need the place: the element, the headings and lists around it, the
share of links, and the zone (a caption, a related list, an author box …) that its containers' names declare. One walk
over the tree gives all of it; lines are then found again among the blocks by their letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
_BLOCK, _BREAK, _SKIP, _INLINE = range(4)
_KINDS: dict[object, int] = {
    **dict.fromkeys(INLINE, _INLINE),
    **dict.fromkeys(_SKIPPED, _SKIP),
    **dict.fromkeys(_BREAKS, _BREAK),
    **dict.fromkeys((Comment, ProcessingInstruction, Entity), _SKIP),
}
"""What an element does to the text around it. Blocks and breaks end what stands before them."""
_ASCII, _NOT_ASCII = bytes(range(128)), bytes(range(128, 256))
_ASCII_SIGNS = bytes(code for code in range(1, 128) if not chr(code).isalnum())
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
    return keys_of((text,))[0]


def keys_of(texts: Sequence[str]) -> list[str]:
    """The keys of some texts, of which none holds NUL."""
    if not texts:
        return []
    # a table of bytes takes a tenth of the time of a search
    written = "\0".join(texts).encode("utf-8", "surrogatepass")
    others = set(written.translate(None, _ASCII).decode("utf-8", "surrogatepass"))
    if not any(map(str.isalnum, others)):
        return written.translate(_LOWER, _ASCII_SIGNS + _NOT_ASCII).decode("ascii").split("\0")
    letters = written.translate(_LOWER, _ASCII_SIGNS).decode("utf-8", "surrogatepass")
    for character in others:
        if not character.isalnum():
            letters = letters.replace(character, "")
    return [key if key.isascii() else key.casefold() for key in letters.split("\0")]


def read_blocks(tree: HtmlElement, zones_of: Callable[[Sequence[HtmlElement]], list[str | None]]) -> list[Block]:
    """The page's blocks in reading order. `zones_of` names the rules by which elements' names take them out, or None.

    The walk only gathers; what can be asked of all elements or texts at once is asked behind it.
    """
    body = tree.find("body")
    holders, around, runs = _walk(tree if body is None else body)
    tags: list[str] = ["div"]
    zones: list[tuple[Zone, ...]] = [()]
    for element, outer, rule in zip(holders[1:], around[1:], zones_of(holders[1:]), strict=True):
        tag = element.tag
        tags.append(tag if tag in _TELLING else ("div" if tags[outer] == "p" else tags[outer]))
        zones.append(zones[outer] if rule is None else (*zones[outer], Zone(rule, element)))
    return [
        Block(text, key, holders[holder], tags[holder], min(linked, len(text)), zones[holder])
        for (text, holder, linked), key in zip(runs, keys_of([text for text, _, _ in runs]), strict=True)
        if key
    ]


def _walk(  # noqa: PLR0912, PLR0915
    node: HtmlElement,
) -> tuple[list[HtmlElement], list[int], list[tuple[str, int, int]]]:
    """The block elements that hold something, `node` first; the number of that around each; and the runs of text, each
    with the number of its block element and how many of its letters are in links.

    One function, with its state in local names: it looks at every element of the page, and calls would double its time.
    """
    holders, around = [node], [0]
    runs: list[tuple[str, int, int]] = []
    # where the walk stands: the innermost block element, whether in a link, how many children are still to come
    holder, is_linked, left = 0, False, len(node)
    pieces = [node.text] if node.text else []
    linked = 0
    # an explicit stack: pages nest deeper than Python recurses
    stack: list[tuple[HtmlElement, int, int, bool, int]] = []
    elements = node.iter()
    next(elements)
    for child in elements:
        name = child.tag
        kind = _KINDS.get(name, _BLOCK)
        if pieces and kind <= _BREAK:
            runs.append((" ".join("".join(pieces).split()), holder, linked))
            pieces.clear()
            linked = 0
        left -= 1
        count = len(child)
        if _BREAK <= kind <= _SKIP:
            while count:
                count += len(next(elements)) - 1
            following = child.tail
        elif count:
            stack.append((child, kind, holder, is_linked, left))
            left = count
            following = child.text
            if kind == _INLINE:
                is_linked = is_linked or name == "a"
            else:
                around.append(holder)
                holder = len(holders)
                holders.append(child)
        else:  # most elements hold no other: they need no place on the stack
            following = child.text
            if following and kind == _INLINE:
                pieces.append(following)
                linked += len(following) if is_linked or name == "a" else 0
            elif following and (text := " ".join(following.split())):
                runs.append((text, len(holders), len(text) if is_linked else 0))
                around.append(holder)
                holders.append(child)
            following = child.tail
        # white space that nothing stands before is most of what is between elements, and makes no text
        if following and (pieces or is_linked or not following.isspace()):
            pieces.append(following)
            linked += len(following) if is_linked else 0
        while not left and stack:
            if pieces and stack[-1][1] == _BLOCK:
                runs.append((" ".join("".join(pieces).split()), holder, linked))
                pieces.clear()
                linked = 0
            ended, _, holder, is_linked, left = stack.pop()
            following = ended.tail
            if following and (pieces or is_linked or not following.isspace()):
                pieces.append(following)
                linked += len(following) if is_linked else 0
    if pieces:
        runs.append((" ".join("".join(pieces).split()), holder, linked))
    return holders, around, runs
