"""The lines around the headline: where a by-line or a date stands that no markup names.

Both directions are walked from the heading and stop after a few lines, so that the length of the page does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from transforms.plain import plain

_LINE = 200
_STEPS = 400
_LONG_MAX = 2
"""Paragraphs after which the text has begun: a first one may be a standfirst above the by-line."""
_TIGHT_TEXT = "a abbr b bdi cite em font i mark q s strong sub sup u wbr"
TIGHT = frozenset(_TIGHT_TEXT.split())
"""Elements that can stand within a word: their edges part no words."""
_INLINE = TIGHT | {"label", "small", "span", "time"}
SILENT = frozenset(["script", "style", "noscript", "template", "svg", "select", "option", "button", "form", "iframe"])


def lines_after(heading: HtmlElement, count: int) -> list[str]:
    """The first `count` short lines after a heading, in order, up to the text itself."""
    return _lines(_pieces(_following(heading)), count)


def lines_before(heading: HtmlElement, count: int) -> list[str]:
    """The last `count` short lines before a heading, nearest first, from its own ancestors' earlier children."""
    found: list[str] = []
    current: HtmlElement | None = heading
    for _ in range(3):
        if current is None or len(found) >= count:
            break
        for number, earlier in enumerate(current.itersiblings(preceding=True)):
            if number > 5 or len(found) >= count:
                break
            found.extend(reversed(_lines(_pieces(iter([earlier])), count)))
        current = current.getparent()
    return found[:count]


def _following(heading: HtmlElement) -> Iterator[HtmlElement]:
    current: HtmlElement | None = heading
    while current is not None:
        yield from current.itersiblings()
        current = current.getparent()


def _pieces(elements: Iterator[HtmlElement]) -> Iterator[str | None]:
    """Texts in order, None where a line ends."""
    steps = 0
    for top in elements:
        stack: list[HtmlElement | str | None] = [top.tail, top] if top.tail else [top]
        while stack:
            item = stack.pop()
            if item is None or isinstance(item, str):
                yield item
                continue
            steps += 1
            if steps > _STEPS:
                return
            tag = item.tag
            if not isinstance(tag, str) or tag in SILENT:
                continue
            if tag not in TIGHT:
                edge = None if tag not in _INLINE else " "
                yield edge
                stack.append(edge)
            for child in reversed(item[:200]):
                if child.tail:
                    stack.append(child.tail)
                stack.append(child)
            if item.text:
                stack.append(item.text)
    yield None


def _lines(pieces: Iterator[str | None], count: int) -> list[str]:
    lines: list[str] = []
    parts: list[str] = []
    long_lines = 0
    for piece in pieces:
        if piece is not None:
            parts.append(piece[: _LINE + 1])
            continue
        line = plain("".join(parts), 4 * _LINE)
        parts = []
        if len(line) > _LINE:
            long_lines += 1
            if long_lines == _LONG_MAX:
                break
        elif line:
            lines.append(line)
            if len(lines) >= count:
                break
    return lines
