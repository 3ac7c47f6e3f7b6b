"""The main text of a page, from its parsed tree: trafilatura finds it, named rules correct it.

Trafilatura runs first without its fallbacks, which give the same text on 19 of 20 pages and cost a third of the time;
where its text is short, or short beside what the page holds, it runs again with them. Its lines are then found again
among the page's blocks, so that rules can judge each by where it stands: blocks that it missed between its lines are
put back, and lines that are no part of the article are taken out and kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.etree import strip_elements
from lxml.html import HtmlElement

from transforms.body_align import Line, align, printed_line
from transforms.body_blocks import Block, key_of, read_blocks
from transforms.body_captions import read_captions
from transforms.body_extractor import main_pass, whole_cascade
from transforms.body_fill import fill
from transforms.body_lines import strip_lines, void_large_zones
from transforms.body_place import Context
from transforms.body_zones import zones_of
from transforms.comments_found import Stripped
from transforms.element_text import text_within
from transforms.links import FoundLink, read_links
from transforms.normalize import clean_line, clean_text
from transforms.schema import Caption

_SHORT = 400
"""Characters below which the text is looked for again with the fallbacks."""
_LONG = 1_200
_SHARE_OF_ALL = 0.4
"""A text up to this long is looked for again where it is less than this share of the page's running text, zones or not:
of 29 pages with so little text and a larger share, the fallbacks changed none."""
_BLOCKS_MAX = 12_000
"""Blocks beyond which trafilatura is not asked: its time grows with their square (40,000 paragraphs: 12 s)."""
_DATA = "linked-data"
"""What linked data are called while the other scripts are taken out."""
_STANDFIRST = re.compile(
    r"standfirst|sub-?title|sub-?head|\bdek\b|\blede\b|\blead\b|intro|excerpt|summary|vorspann|chapo|entradilla|sottotitolo",
    re.IGNORECASE,
)
_HEAD_BLOCKS = 15
"""Blocks before the text in which a standfirst is looked for."""
_OVERREACH = 400
"""Characters from which rules that take all of it are not believed."""
_DUMP = 1_500
"""Characters from which one line that holds many blocks is a whole container poured out."""
_SHARE = 0.5
"""Share of the page's running text below which the same is done."""


@dataclass(frozen=True, slots=True)
class Body:
    """The main text with what was taken out of it; `text` is empty where the page has none."""

    text: str
    rule: str
    captions: tuple[Caption, ...] = ()
    links: tuple[FoundLink, ...] = ()
    standfirst: str | None = None
    stripped: tuple[Stripped, ...] = ()


def read_body(tree: HtmlElement, *, base_url: str, title: str | None, authors: Sequence[str] = ()) -> Body:
    """The main text of a page whose comments are already out. Changes the tree: all else must have been read."""
    blocks = read_blocks(tree, zones_of)
    _drop_code(tree)
    if len(blocks) > _BLOCKS_MAX:
        lines = [printed_line((n,), blocks) for n, b in enumerate(blocks) if b.zone is None and _is_running(b)]
        links = read_links(blocks, lines, base_url)
        return Body("\n".join(line.text for line in lines), "blocks", links=links)
    found = main_pass(tree)
    lines = _aligned(found.lines, blocks)
    is_dump = any(map(_is_dump, lines))
    rule = "trafilatura_fast"
    size = sum(len(line.text) for line in lines)
    if is_dump or _is_doubtful(size, blocks):
        for block in blocks:
            for zone in block.zones:
                zone.is_void = False
        lines = _aligned(clean_text(whole_cascade(tree, found)).split("\n"), blocks)
        rule = "trafilatura"
    lines = [part for line in lines for part in (_split(line, blocks) if _is_dump(line) else [line])]
    lines, added = fill(lines, blocks)
    heading_keys = frozenset(key_of(text_within(h)) for h in tree.iter("h1")) - {""}
    people = tuple(key_of(name) for name in authors if len(name.split()) > 1 or not name.isascii())
    context = Context(key_of(title or ""), heading_keys, tuple(filter(None, people)))
    kept, stripped = strip_lines(lines, blocks, context)
    if not kept and _is_overreach(stripped):
        kept, stripped = lines, []
    return Body(
        text="\n".join(line.text for line in kept),
        rule=f"{rule}+fill" if added else rule,
        captions=read_captions(blocks, kept, base_url),
        links=read_links(blocks, kept, base_url),
        standfirst=_standfirst(blocks, kept),
        stripped=tuple(stripped),
    )


def _drop_code(tree: HtmlElement) -> None:
    """Take out what is no text before the extractor copies the tree five times; linked data stays, it reads that."""
    data = [script for script in tree.iter("script") if "ld+json" in (script.get("type") or "")]
    for script in data:
        script.tag = _DATA
    strip_elements(tree, "script", "style", "svg", "iframe", "link", with_tail=False)
    for script in data:
        script.tag = "script"


def _aligned(texts: Sequence[str], blocks: Sequence[Block]) -> list[Line]:
    lines = [_as_printed(line, blocks) for line in align(texts, blocks)]
    void_large_zones(lines, blocks)
    return lines


def _as_printed(line: Line, blocks: Sequence[Block]) -> Line:
    """The line with the spaces that the page shows: the extractor joins what line breaks and cells divide."""
    text, numbers = line.text, line.blocks
    if not numbers or text.startswith("|"):
        return line
    start = "- " if text.startswith("- ") else ""
    if len(numbers) == 1 and text == start + blocks[numbers[0]].text:  # as most are
        return line
    return printed_line(numbers, blocks, start)


def _is_dump(line: Line) -> bool:
    """Whether the extractor gave up and poured a whole container into one line."""
    return len(line.text) > _DUMP and len(line.blocks) >= 4 and not line.text.startswith(("- ", "|"))


def _split(line: Line, blocks: Sequence[Block]) -> list[Line]:
    """The blocks of a poured line as lines of their own, without those that stand in a zone."""
    return [printed_line((n,), blocks) for n in line.blocks if blocks[n].zone is None]


def _is_overreach(stripped: Sequence[Stripped]) -> bool:
    """Whether rules that took all of it took a text: much of it, or a headline that is all that the page says.

    Controls and lists around nothing are no text.
    """
    is_large = sum(len(part.text) for part in stripped) > _OVERREACH
    return is_large or any(part.rule != "label" and not part.rule.startswith("zone:") for part in stripped)


def _standfirst(blocks: Sequence[Block], lines: Sequence[Line]) -> str | None:
    """The summary that stands under the headline, where its container is named so."""
    first = next((line.blocks[0] for line in lines if line.blocks), 0)
    for block in reversed(blocks[max(0, first - _HEAD_BLOCKS) : first]):
        if block.tag == "h1":
            return None
        if 40 <= len(block.text) <= 600 and block.link_chars == 0:
            names = f"{block.element.get('class') or ''} {block.element.get('itemprop') or ''}"
            if _STANDFIRST.search(names) is not None:
                return clean_line(block.text)
    return None


def _is_doubtful(size: int, blocks: Sequence[Block]) -> bool:
    """Whether a text of so many characters is little, by itself or beside what the page holds."""
    if size < _SHORT:
        return True
    everything = sum([len(block.text) for block in blocks])  # most texts are more than their share of that
    if size < _SHARE * everything and size < _SHARE * _running_text(blocks):
        return True
    return size < _LONG and size < _SHARE_OF_ALL * sum(len(b.text) for b in blocks if _is_running(b))


def _running_text(blocks: Sequence[Block]) -> int:
    """Characters of the page's paragraphs that stand in no zone: about what an article can have there."""
    return sum(len(b.text) for b in blocks if b.zone is None and _is_running(b))


def _is_running(block: Block) -> bool:
    return len(block.text) > 60 and block.link_chars < 0.3 * len(block.text)
