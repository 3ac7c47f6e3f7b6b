"""Lines of an extracted text found again among the page's blocks.

An extractor joins what the page divides (the cells of a row, paragraphs of a list item, a whole page in its last
resort) and divides nothing that the page joins; so a line is one block, or a run of blocks that follow each other.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.body_blocks import Block, key_of
from transforms.normalize import clean_line

_START = 12
"""Letters by which the first block of a line is looked up."""
_TRIES = 8
_AHEAD = 50
"""Blocks after the last one found among which the next one is looked for first."""
_SKIP_MAX = 40
"""Blocks that may lie between two parts of one line: what the extractor left out of it."""


@dataclass(slots=True)
class Line:
    """One line of the text, with the blocks that it was made of; none where it is not found."""

    text: str
    blocks: tuple[int, ...]
    key: str
    """Letters and digits of the text (`key_of`), which several rules ask for."""


def printed_line(numbers: Sequence[int], blocks: Sequence[Block], start: str = "") -> Line:
    """The line that some blocks make, with the spaces that the page shows; `start` is a sign before it."""
    if len(numbers) == 1:
        text, key = blocks[numbers[0]].text, blocks[numbers[0]].key
    else:
        text = " ".join([blocks[number].text for number in numbers])
        key = "".join([blocks[number].key for number in numbers])
    cleaned = clean_line(text)
    return Line(start + cleaned, tuple(numbers), key if cleaned == text else key_of(cleaned))


def align(lines: Sequence[str], blocks: Sequence[Block]) -> list[Line]:
    """Each line with the indexes of its blocks. Repeated texts are taken in reading order."""
    keys = [block.key for block in blocks]
    known = {block.text: block.key for block in blocks}
    having = frozenset(keys)
    places: dict[str, list[int]] = {}
    by_start: dict[str, list[int]] = {}
    found: list[Line] = []
    last = -1
    for text in lines:
        key = known.get(text.removeprefix("- ")) or key_of(text)
        if not key:
            continue
        if key not in having:
            by_start = by_start or _by_start(keys)
            run = _run(key, by_start, keys, last)
        elif key in keys[last + 1 : last + 1 + _AHEAD]:  # as nearly all, which no table is needed for
            run = (keys.index(key, last + 1),)
        else:
            places = places or _places(keys)
            run = (_next(places[key], last),)
        if run:
            last = run[-1]
        found.append(Line(text, run, key))
    return found


def _places(keys: Sequence[str]) -> dict[str, list[int]]:
    """The blocks by their letters."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        places[key].append(number)
    return places


def _by_start(keys: Sequence[str]) -> dict[str, list[int]]:
    """The blocks by their first letters."""
    by_start: dict[str, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        by_start[key[:_START]].append(number)
    return by_start


def _next(numbers: Sequence[int], last: int) -> int:
    """The first place after the last one found, else the first of all."""
    place = bisect(numbers, last)
    return numbers[place if place < len(numbers) else 0]


def _run(key: str, by_start: dict[str, list[int]], keys: Sequence[str], last: int) -> tuple[int, ...]:
    """The run of blocks that make up a longer line, or none."""
    starts: list[int] = []
    for size in range(1, _START + 1):
        numbers = by_start.get(key[:size])
        if numbers is None:
            continue
        place = bisect(numbers, last)
        starts.extend((*numbers[place : place + _TRIES], *numbers[:1]))
    size, begins = len(key), key.startswith
    for start in sorted(starts, key=lambda n: (n <= last, n))[:_TRIES]:
        taken: list[int] = []
        place, skipped = 0, 0
        for number in range(start, len(keys)):
            if begins(keys[number], place):
                taken.append(number)
                place += len(keys[number])
                skipped = 0
                if place >= size:
                    return tuple(taken)
            else:
                skipped += 1
                if skipped > _SKIP_MAX:
                    break
    return ()
