"""What follows an article on its page: sections under a heading that says so, and cards of other articles.

The extractor often keeps the cards and drops the heading over them, so the page's blocks are asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.body_place import Place
from transforms.body_words_tail import TAIL_HEADING
from transforms.small_letters import small

_LATEST_START = 0.4
_LARGEST = 0.35
"""A section that holds more of the text than this is no appendix."""
_PARAGRAPH = 200
_CARDS = 3


def tail_lines(found: Sequence[Place]) -> dict[int, str]:
    """The lines that belong to what follows the article, each with the rule that says so."""
    gone: dict[int, str] = {}
    for number, place in enumerate(found):
        if number not in gone and _opens_tail(place) and place.after + _share(place) <= _LARGEST:
            gone.update(dict.fromkeys(_section(found, number), "tail_heading"))
    gone.update(dict.fromkeys(_cards(found), "card_list"))
    return gone


def _opens_tail(place: Place) -> bool:
    if place.before < _LATEST_START:
        return False
    if len(place.text) <= 90 and TAIL_HEADING.match(place.lowered) is not None:
        return True
    if len(place.text) > _PARAGRAPH:
        return False
    return any(
        len(block.text) <= 60 and _is_heading(block.tag) and TAIL_HEADING.match(small(block.text)) is not None
        for block in place.notices
    )


def _section(found: Sequence[Place], start: int) -> list[int]:
    """The lines from the heading to the next long paragraph; to the end where the section is short anyway."""
    run = [start]
    is_short = found[start].after <= 0.1
    for number in range(start + 1, len(found)):
        place = found[number]
        if len(place.text) > _PARAGRAPH and place.link_share < 0.3 and (not is_short or place.is_listed):
            break
        run.append(number)
    return run


def _cards(found: Sequence[Place]) -> list[int]:
    """A run of short lines up to the end of the text, each a linked heading or standing under one left out."""
    run: list[int] = []
    for number in range(len(found) - 1, -1, -1):
        place = found[number]
        is_card = len(place.text) < 300 and (
            (place.is_heading and place.link_share > 0.8)
            or any(_is_heading(b.tag) and b.link_chars > 0.8 * len(b.text) for b in place.notices)
        )
        if not is_card or place.before < 0.5:
            break
        run.append(number)
    return run if len(run) >= _CARDS else []


def _share(place: Place) -> float:
    return 1 - place.before - place.after


def _is_heading(tag: str) -> bool:
    return len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()
