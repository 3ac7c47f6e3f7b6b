"""Blocks that the extractor missed, put back where they stand between its lines.

Most of what is lost from an article is lost in its middle: a paragraph in a division, a list item, a heading, the rest
of a body that the page splits over several containers. Such a block is short of links, in no zone, and at home with
blocks that were found: it shares a container with one of them.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import Block, key_of

_TAGS = frozenset(
    ("p", "li", "div", "pre", "blockquote", "dd", "dt", "h2", "h3", "h4", "h5", "h6", "section", "article", "main")
)
_OPEN_ZONES = frozenset((None, "hidden"))
"""A part that opens on a click is hidden at first and yet text."""
_NEAR = 4
"""Blocks between a missed block and the nearest one found."""


def fill(lines: Sequence[Line], blocks: Sequence[Block]) -> tuple[list[Line], int]:
    """The lines with missed blocks put back, and how many were."""
    kept = sorted({n for line in lines for n in line.blocks})
    if len(kept) < 3:
        return list(lines), 0
    chosen = _missed(lines, blocks, kept)
    result = list(lines)
    for number in chosen:
        place = next((i for i, line in enumerate(result) if line.blocks and line.blocks[0] > number), len(result))
        result.insert(place, Line(blocks[number].text, (number,)))
    return result, len(chosen)


def _missed(lines: Sequence[Line], blocks: Sequence[Block], kept: Sequence[int]) -> list[int]:
    text_key = "".join(key_of(line.text) for line in lines)
    homes = {home for n in kept for home in _homes(blocks[n])}
    inside = set(kept)
    chosen: list[int] = []
    last = -_NEAR * 2
    for number in range(max(0, kept[0] - _NEAR), min(len(blocks), kept[-1] + _NEAR + 1)):
        if number in inside:
            last = number
            continue
        block = blocks[number]
        length = len(block.text)
        if block.tag not in _TAGS or block.zone not in _OPEN_ZONES or block.link_chars > 0.3 * length:
            continue
        following = bisect(kept, number)
        ahead = kept[following] - number if following < len(kept) else _NEAR + 1
        if min(number - last, ahead) > _NEAR or block.key in text_key or homes.isdisjoint(_homes(block)):
            continue
        is_between = kept[0] < number < kept[-1]
        is_part = block.tag in ("li", "h2", "h3", "h4") and length >= 15
        if (is_between and (length >= 60 or is_part)) or (length >= 140 and block.tag in ("p", "div")):
            chosen.append(number)
            last = number
    return chosen


def _homes(block: Block) -> tuple[HtmlElement, ...]:
    """The two containers around a block."""
    first = block.element if block.element.tag == "div" else block.element.getparent()
    if first is None:
        return ()
    second = first.getparent()
    return tuple(e for e in (first, second) if e is not None and e.tag not in ("body", "html"))
