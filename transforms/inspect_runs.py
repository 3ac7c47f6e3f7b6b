"""A page's tree as it can be shown without harm: a flat list of tokens from a short list of elements.

What runs, loads or covers something is not on the list: scripts, styles, frames, forms, drawings, every attribute but
four that only order text. A run is text that nothing divides; it is what gets marked. The text itself is escaped by
whoever writes it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from transforms.body_blocks import Block, key_of

TOKENS_MAX = 60_000
"""Far above any page that a person would look through; the rest is left out and said to be."""
_ALT_MAX = 200
_NUMBER_MAX = 1_000

_INLINE = {
    **{tag: tag for tag in ("b", "strong", "i", "em", "u", "s", "del", "ins", "code", "kbd", "samp", "sub", "sup")},
    **{tag: tag for tag in ("small", "q", "cite", "abbr", "mark")},
    **dict.fromkeys(("span", "font", "time", "data", "label", "bdi", "bdo", "nobr", "big", "tt", "var", "dfn"), ""),
    **dict.fromkeys(("acronym", "strike", "ruby", "rt", "rp", "rb", "picture", "button", "output", "wbr"), ""),
    "a": "u",  # where a link stood can be seen; it leads nowhere
}
"""Inline elements and what each is shown as."""
_BLOCK = frozenset(
    (
        *("p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "ul", "ol", "li", "dl", "dt"),
        *("dd", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "figure", "figcaption", "address"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    )
)
"""Elements shown as themselves; any other one that holds text is shown as a division."""
_TOKENLESS = frozenset(
    (
        *("script", "style", "template", "head", "link", "meta", "base", "svg", "math", "map", "area"),
        *("select", "option", "datalist", "input", "source", "track", "param", "col", "colgroup", "frameset"),
    )
)
_NAMED = frozenset(("iframe", "frame", "object", "embed", "video", "audio", "canvas", "applet", "textarea"))
"""Not shown, but said to have been there."""
_ATTRIBUTES = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "ol": ("start",)}
_DIRECTIONS = ("ltr", "rtl", "auto")


@dataclass(frozen=True, slots=True)
class Open:
    """The start of a block; attribute values are checked."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """The end of a block."""

    tag: str


@dataclass(slots=True)
class Run:
    """Text that nothing divides, in pieces, each with the inline elements that it stands in."""

    tag: str
    """The block around it."""
    pieces: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, without what stands for pictures."""
        return " ".join("".join(text for text, inline in self.pieces if "img" not in inline).split())

    def block(self, element: HtmlElement) -> Block:
        """The same as a block that lines can be aligned with; of its place nothing is told."""
        text = self.text
        return Block(text, key_of(text), element, self.tag, 0, ())


Token = Open | Close | Run


@dataclass(frozen=True, slots=True)
class Runs:
    """The tokens of a page in reading order, each Open with its Close."""

    tokens: tuple[Token, ...]
    is_cut: bool = False
    direction: str = "auto"
    """In which direction its text runs: ltr, rtl, or auto where it does not say."""

    def runs(self) -> Iterator[tuple[int, Run]]:
        """The runs, with their places among the tokens."""
        return ((place, token) for place, token in enumerate(self.tokens) if isinstance(token, Run))


def read_runs(tree: HtmlElement) -> Runs:
    """The tokens of a page's body."""
    body = tree.find("body")
    walk = _Walk()
    walk.enter(tree if body is None else body)
    direction = _direction(body) if body is not None else None
    return Runs(tuple(walk.tokens), walk.is_cut, direction or _direction(tree) or "auto")


def text_runs(text: str) -> Runs:
    """The tokens of a plain-text document: a paragraph a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    tokens: list[Token] = []
    for line in lines[: TOKENS_MAX // 3]:
        tokens += (Open("p"), Run("p", [(line, ())]), Close("p"))
    return Runs(tuple(tokens), len(lines) > TOKENS_MAX // 3)


class _Walk:
    """One walk over a tree, with a stack of its own: pages nest deeper than Python recurses."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.is_cut = False
        self._run = Run("div")

    def enter(self, root: HtmlElement) -> None:
        self._add(root.text, ())
        stack: list[tuple[HtmlElement, Iterator[HtmlElement], str | None, tuple[str, ...]]] = [
            (root, iter(root), None, ())
        ]
        while stack:
            node, children, tag, inline = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if tag is not None:
                    self._divide()
                    self.tokens.append(Close(tag))
                self._run.tag = next((t for _, _, t, _ in reversed(stack) if t is not None), "div")
                if stack:
                    self._add(node.tail, stack[-1][3])
                continue
            self.is_cut = self.is_cut or len(self.tokens) > TOKENS_MAX
            name = child.tag if isinstance(child.tag, str) and not self.is_cut else "script"
            if name in _TOKENLESS or name in _NAMED or name in ("img", "br", "hr"):
                self._single(name, child, inline)
                self._add(child.tail, inline)
                continue
            if name in _INLINE:
                shown = (*inline, _INLINE[name]) if _INLINE[name] and _INLINE[name] not in inline else inline
                stack.append((child, iter(child), None, shown))
                self._add(child.text, shown)
                continue
            self._divide()
            block = name if name in _BLOCK else "div"
            self.tokens.append(Open(block, _attributes(child, block)))
            self._run.tag = block
            stack.append((child, iter(child), block, ()))
            self._add(child.text, ())
        self._divide()

    def _single(self, name: str, element: HtmlElement, inline: tuple[str, ...]) -> None:
        if name in ("br", "hr"):
            self._divide()
            self.tokens += (Open(name),)
        elif name == "img" and (alt := " ".join((element.get("alt") or "").split())):
            self._add(alt[:_ALT_MAX], (*inline, "img"))
        elif name in _NAMED:
            self._add(name, (*inline, "img"))

    def _add(self, text: str | None, inline: tuple[str, ...]) -> None:
        if text:
            self._run.pieces.append((text, inline))

    def _divide(self) -> None:
        if any(text.strip() for text, _ in self._run.pieces):
            self.tokens.append(self._run)
        self._run = Run(self._run.tag)


def _attributes(element: HtmlElement, tag: str) -> tuple[tuple[str, str], ...]:
    found = []
    for name in _ATTRIBUTES.get(tag, ()):
        value = (element.get(name) or "").strip()
        if value.isascii() and value.isdigit() and int(value[:6]) <= _NUMBER_MAX:
            found.append((name, value[:6]))
    if direction := _direction(element):
        found.append(("dir", direction))
    return tuple(found)


def _direction(element: HtmlElement) -> str | None:
    direction = (element.get("dir") or "").lower()
    return direction if direction in _DIRECTIONS else None
