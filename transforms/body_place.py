"""Where a line of the text stands: what the rules judge it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.body_align import Line
from transforms.body_blocks import Block
from transforms.small_letters import small

_PARAGRAPH = 120
_HEADINGS = frozenset(f"h{level}" for level in range(10))
_LISTED = frozenset(("li", "td", "th", "dd", "dt"))


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules know of the whole page, as keys (`key_of`)."""

    title_key: str
    heading_keys: frozenset[str]
    """The page's h1 elements."""
    author_keys: tuple[str, ...]
    """Names of people."""


@dataclass(slots=True)
class Place:
    """One line and where it stands."""

    text: str
    lowered: str
    """The text in small letters, as the patterns of lines ask for."""
    key: str
    tag: str
    zone: str | None
    link_share: float
    before: float
    """Share of the text's letters that stand before this line."""
    after: float
    """Share of the text's letters that stand after this line."""
    is_lead: bool
    """Whether no paragraph of the text stands before it."""
    is_listed: bool
    is_heading: bool
    page: Context
    notices: tuple[Block, ...]
    """The few blocks of the page between the line before and this one, which the extractor left out."""


def places(lines: Sequence[Line], blocks: Sequence[Block], context: Context) -> list[Place]:
    """The lines with their places."""
    total = max(1, sum(len(line.text) for line in lines))
    found = []
    seen, last = 0, -1
    has_paragraph = False
    for line in lines:
        text, numbers = line.text, line.blocks
        first = numbers[0] if numbers else -1
        if len(numbers) == 1:  # as nearly all lines
            block = blocks[first]
            tag, letters, linked = block.tag, len(block.text), block.link_chars
            zone = first_zone = block.zone if block.zones else None
        else:
            own = [blocks[number] for number in numbers]
            zones = {block.zone for block in own}
            tag, first_zone = (own[0].tag, own[0].zone) if own else ("", None)
            zone = zones.pop() if len(zones) == 1 else None
            letters, linked = sum(len(block.text) for block in own), sum(block.link_chars for block in own)
        is_heading = tag in _HEADINGS
        before = seen / total
        seen += len(text)
        found.append(
            Place(
                text,
                small(text),
                line.key,
                tag,
                zone,
                linked / letters if linked else 0.0,
                before,
                1 - seen / total,
                not has_paragraph,
                tag in _LISTED or text.startswith(("- ", "|")),
                is_heading,
                context,
                tuple(blocks[last + 1 : first]) if last + 1 < first <= last + 12 else (),
            )
        )
        if numbers:
            last = max(last, numbers[-1])
        if not has_paragraph and len(text) > _PARAGRAPH and not is_heading and first_zone is None:
            has_paragraph = True
    return found
