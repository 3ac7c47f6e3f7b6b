"""The text of an element in lines, one for each block, as a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from lxml.html import HtmlElement

from transforms.normalize import clean_line

_INLINE = frozenset(
    re.findall(
        r"\S+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark q s samp small span strike "
        "strong sub "
        "sup time tt u var wbr label picture svg",
    )
)
_SILENT = frozenset(
    re.findall(
        r"\S+",
        "script style noscript template form button input select textarea iframe object video audio svg nav head "
        "meta link",
    )
)


def block_lines(element: HtmlElement, without: AbstractSet[HtmlElement] = frozenset()) -> list[str]:
    """The element's text, a line a block, without forms, scripts and the elements in `without` (itself apart)."""
    pieces: list[str] = []
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        current, is_end = stack.pop()
        is_block = current.tag not in _INLINE
        if not is_end:
            is_seen = isinstance(current.tag, str) and current.tag not in _SILENT
            if current is element or (is_seen and current not in without):
                pieces.append("\n" if is_block else "")
                pieces.append(_flat(current.text))
                stack.append((current, True))
                stack.extend((child, False) for child in reversed(current))
                continue
        pieces.append("\n" if is_block else "")
        if current is not element:
            pieces.append(_flat(current.tail))
    return [line for line in map(clean_line, "".join(pieces).split("\n")) if line]


def _flat(text: str | None) -> str:
    return " ".join(text.replace("\n", " ").replace("\r", " ").split("\x85")) if text else ""
