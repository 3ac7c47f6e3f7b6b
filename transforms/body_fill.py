"""Blocks that the extractor missed, put back where they stand.

Most of what is lost from an article is lost in its middle: a paragraph in a division, a list item, a heading, a part
that opens on a click. The rest is lost where a page splits its body over several containers and the extractor took the
first. A missed block is put back when it is short of links, in no zone, and at home with blocks that were found.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from transforms.body_align import Line, printed_line
from transforms.body_blocks import Block

_TAGS = frozenset(
    ("p", "li", "div", "pre", "blockquote", "dd", "dt", "h2", "h3", "h4", "h5", "h6", "section", "article", "main")
)
_OPEN_ZONES = frozenset((None, "folded"))
"""A part that opens on a click is hidden at first and yet text."""
_CONTAINERS = frozenset(("div", "section", "article", "main", "body"))
_NEAR = 4
"""Blocks between a missed block and the nearest one found."""
_LONG = 5_000
"""A single block beyond this is a whole text over again, as kept for read-aloud or search, no missed paragraph."""
_CHAIN_SHARE = 0.6
"""More than this share of the text is not put back block after block: that would be another article."""


def fill(lines: Sequence[Line], blocks: Sequence[Block]) -> tuple[list[Line], int]:
    """The lines with missed blocks put back, and how many were."""
    kept = sorted({n for line in lines for n in line.blocks})
    if len(kept) < 3:
        return list(lines), 0
    text_key = "".join([line.key for line in lines])
    size = sum(len(line.text) for line in lines)
    homes = _Homes()
    chosen = _missed(blocks, kept, text_key, homes, is_chained=True)
    if sum(len(blocks[n].text) for n in chosen if blocks[n].zone is None) > _CHAIN_SHARE * size:
        chosen = _missed(blocks, kept, text_key, homes, is_chained=False)
    chosen = sorted({*chosen, *_split_off(blocks, kept, text_key, homes)})
    result = list(lines)
    for number in chosen:
        place = next((i for i, line in enumerate(result) if line.blocks and line.blocks[0] > number), len(result))
        result.insert(place, printed_line((number,), blocks))
    return result, len(chosen)


class _Homes:
    """The containers around blocks, which neighbours share."""

    def __init__(self) -> None:
        self._around: dict[HtmlElement | None, tuple[HtmlElement, ...]] = {}
        self._names: dict[tuple[HtmlElement, ...], tuple[str, ...]] = {}
        self._articles: dict[HtmlElement | None, HtmlElement | None] = {}

    def of(self, block: Block) -> tuple[HtmlElement, ...]:
        """The containers around a block, three at most."""
        element = block.element
        first = element if element.tag in _CONTAINERS else element.getparent()
        known = self._around.get(first)
        if known is None:
            known = self._around[first] = _containers(first)
        return known

    def names(self, block: Block) -> tuple[str, ...]:
        """The names of the container around a block; those of the next one too where the first bears none."""
        near = self.of(block)[:2]
        known = self._names.get(near)
        if known is None:
            names = tuple(home.get("class") or "" for home in near)
            known = self._names[near] = names[:1] if names and names[0] else names
        return known

    def article(self, block: Block) -> HtmlElement | None:
        """The article that a block stands in."""
        parent = block.element.getparent()
        if parent not in self._articles:
            self._articles[parent] = next(block.element.iterancestors("article"), None)
        return self._articles[parent]


def _containers(first: HtmlElement | None) -> tuple[HtmlElement, ...]:
    found: list[HtmlElement] = []
    while first is not None and len(found) < 3:
        if first.tag in ("body", "html") and found:
            break
        found.append(first)
        first = first.getparent()
    return tuple(found)


def _missed(
    blocks: Sequence[Block], kept: Sequence[int], text_key: str, homes: _Homes, *, is_chained: bool
) -> list[int]:
    """Missed blocks between found ones or right beside them; chained, a block put back counts as found."""
    of_text = {home for n in kept for home in homes.of(blocks[n])[:2]}
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
        if min(number - last, ahead) > _NEAR or block.key in text_key:
            continue
        if of_text.isdisjoint(_reach(block, homes)):
            continue
        is_between = kept[0] < number < kept[-1]
        if length > _LONG or (block.zone is not None and not is_between):
            continue
        is_part = block.tag in ("li", "h2", "h3", "h4") and length >= 15
        if (is_between and (length >= 60 or is_part)) or (length >= 140 and block.tag in ("p", "div")):
            chosen.append(number)
            last = number if is_chained else last
    return chosen


def _split_off(blocks: Sequence[Block], kept: Sequence[int], text_key: str, homes: _Homes) -> list[int]:
    """Paragraphs before or after the text whose containers bear the same names as those of the text.

    Up to the next main heading or the end of the enclosing article: there another story begins.
    """
    names = Counter(homes.names(blocks[n]) for n in kept if len(blocks[n].text) >= 100)
    usual = {name for name, count in names.items() if count >= 3 and any(name)}
    if not usual:
        return []
    home = homes.article(blocks[kept[0]])
    chosen = []
    for stretch in (range(kept[-1] + 1, len(blocks)), range(kept[0] - 1, -1, -1)):
        for number in stretch:
            block = blocks[number]
            if block.tag == "h1" or homes.article(block) is not home:
                break
            is_paragraph = block.tag in ("p", "div", "h2", "h3", "li") and block.zone in _OPEN_ZONES
            is_running = len(block.text) >= 60 and block.link_chars < 0.3 * len(block.text)
            if is_paragraph and is_running and homes.names(block) in usual and block.key not in text_key:
                chosen.append(number)
    return chosen


def _reach(block: Block, homes: _Homes) -> tuple[HtmlElement, ...]:
    """The containers by which a missed block can be at home with found ones; wider for a part that opens on a click."""
    folded = next((zone.element for zone in block.zones if zone.rule == "folded"), None)
    if folded is not None:
        return (*homes.of(block), *islice(folded.iterancestors(), 5))
    return homes.of(block)[: 3 if block.zones or block.tag not in ("p", "div") else 2]
