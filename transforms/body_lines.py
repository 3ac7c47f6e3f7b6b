"""The rules that take lines out of an extracted text, each with its name, and why it may.

A rule sees one line with its place: the zone, tag and links of its blocks, how far into the text it stands, and what
the metadata say of title and authors. What a rule takes is kept as evidence under the rule's name. The measured gain
and harm of each is in docs/extraction.md.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Sequence

from transforms.body_align import Line
from transforms.body_asides import aside_lines
from transforms.body_blocks import Block, Zone, key_of
from transforms.body_head import head_lines
from transforms.body_place import Context, Place, places
from transforms.body_tail import tail_lines
from transforms.body_words import APPEAL, LABEL, POINTER
from transforms.body_words_credits import (
    BYLINE,
    CONTRIBUTION,
    DATE_LINE,
    DISCLOSURE,
    PICTURE_CREDIT,
    READING_TIME,
    RIGHTS,
)
from transforms.comments_found import Stripped
from transforms.line_openings import Openings

_DROPPED_ZONES = frozenset(
    (
        *("caption", "newsletter", "paywall", "share", "author_box", "byline", "dateline", "tags", "breadcrumb"),
        *("navigation", "related", "carousel", "advertisement", "call_to_action", "consent", "comments_rest"),
        *("disclaimer", "sidebar", "poll", "embed"),
    )
)


def _zone(place: Place) -> bool:
    return place.zone in _DROPPED_ZONES


def _title(place: Place) -> bool:
    if place.before > 0.3 or not place.key:
        return False
    if place.key == place.page.title_key or (place.is_heading and place.key in place.page.heading_keys):
        return True
    # with its kicker before it, or its site's name behind
    is_longer = len(place.page.title_key) > 15 and place.page.title_key in place.key
    return place.is_lead and is_longer and len(place.key) < 1.8 * len(place.page.title_key)


def _main_heading(place: Place) -> bool:
    return place.tag == "h1" and (place.is_lead or place.before < 0.1)


def _reading_time(place: Place) -> bool:
    return READING_TIME.match(place.lowered) is not None


def _date_line(place: Place) -> bool:
    is_at_edge = place.is_lead or place.before < 0.1 or place.after < 0.1
    return is_at_edge and DATE_LINE.match(place.lowered) is not None


def _byline(place: Place) -> bool:
    if not (place.is_lead or place.before < 0.1 or place.after < 0.1):
        return False
    if len(place.text) > 60 and place.text.endswith((".", "?", "!", ":", "”", '"')):
        return False
    return place.key in place.page.author_keys or BYLINE.match(place.lowered) is not None


def _label(place: Place) -> bool:
    if place.is_heading and place.before > 0.05 and place.after > 0.15:
        return False  # an article about comments has a heading that says so
    return LABEL.match(place.lowered) is not None


def _pointer(place: Place) -> bool:
    return POINTER.match(place.lowered) is not None


def _link_line(place: Place) -> bool:
    return (
        place.link_share > 0.8
        and not place.is_listed
        and not place.is_heading
        and 25 < len(place.text) < 250
        and "://" not in place.text
    )


def _appeal(place: Place) -> bool:
    return APPEAL.match(place.lowered) is not None


def _picture_credit(place: Place) -> bool:
    return PICTURE_CREDIT.match(place.lowered) is not None


def _contribution(place: Place) -> bool:
    at_edge = place.before < 0.15 or place.after < 0.2
    return at_edge and CONTRIBUTION.match(place.lowered) is not None


def _rights(place: Place) -> bool:
    return place.after < 0.2 and RIGHTS.match(place.lowered) is not None


def _disclosure(place: Place) -> bool:
    return DISCLOSURE.match(place.lowered) is not None


def _author_note(place: Place) -> bool:
    if place.after > 0.15 or place.before < 0.5 or len(place.text) <= 50 or place.is_listed:
        return False
    start = key_of(place.text[:60])
    return any(-1 < start.find(name) < 25 for name in place.page.author_keys if len(name) > 6)


_ZONE_SHARE = {
    "dateline": 0.05,
    "byline": 0.05,
    "breadcrumb": 0.05,
    "share": 0.05,
    "tags": 0.05,
    "poll": 0.05,
    "navigation": 0.1,
    "consent": 0.6,
    "comments_rest": 0.5,
    "newsletter": 0.4,
    "author_box": 0.3,
}
_ZONE_SHARE_OTHERS = 0.2
"""A zone that holds a larger share of the text than this is the article under a misleading name."""


_LINE_ZONES = frozenset(("dateline", "byline", "breadcrumb"))
_LINE_ZONE_MAX = 600
"""Characters in all that a zone of one or two lines can hold."""


def void_large_zones(lines: Sequence[Line], blocks: Sequence[Block]) -> None:
    """Mark the zones that hold too much of the extracted text to be what their names say."""
    letters: dict[Zone, int] = defaultdict(int)
    total = 0
    for line in lines:
        for number in line.blocks:
            block = blocks[number]
            total += len(block.text)
            for zone in block.zones:
                letters[zone] += len(block.text)
    sizes: dict[Zone, int] = defaultdict(int)
    for block in blocks:
        for zone in block.zones:
            if zone.rule in _LINE_ZONES:
                sizes[zone] += len(block.text)
    for zone, count in sizes.items():
        if count > _LINE_ZONE_MAX:
            zone.is_void = True
    for zone, count in letters.items():
        if count > _ZONE_SHARE.get(zone.rule, _ZONE_SHARE_OTHERS) * total and count > 60:
            zone.is_void = True


_LINK_LINES_MAX = 3

LineRule = Callable[[Place], bool]

_ANY = sys.maxsize
RULES: tuple[tuple[str, int, LineRule], ...] = (
    ("title_line", _ANY, _title),
    ("main_heading", 250, _main_heading),
    ("zone", _ANY, _zone),
    ("reading_time", 60, _reading_time),
    ("date_line", 90, _date_line),
    ("byline", 111, _byline),
    ("label", 140, _label),
    ("pointer", 250, _pointer),
    ("appeal", 300, _appeal),
    ("picture_credit", 160, _picture_credit),
    ("contribution", 250, _contribution),
    ("rights", 400, _rights),
    ("disclosure", 700, _disclosure),
    ("author_note", 1_200, _author_note),
)
"""In the order in which they are asked, each with the length that a line must be below for it."""
_OPENINGS: dict[str, re.Pattern[str]] = {
    "reading_time": READING_TIME,
    "label": LABEL,
    "pointer": POINTER,
    "appeal": APPEAL,
    "picture_credit": PICTURE_CREDIT,
    "rights": RIGHTS,
    "disclosure": DISCLOSURE,
}
"""The rules that are asked only of lines that begin as their patterns do."""
_OPENED = Openings(list(_OPENINGS.values()))
_BITS = {name: 1 << number for number, name in enumerate(_OPENINGS)}
_LIMITS = sorted({limit for _, limit, _ in RULES})
_OF_SIZE = [
    [(name, _BITS.get(name, 0), rule) for name, limit, rule in RULES if limit > above] for above in (-1, *_LIMITS)
]
"""The rules that lines of a size are asked, by how many of the limits it has reached."""
_UNOPENED = [[(name, bit, rule) for name, bit, rule in rules if not bit] for rules in _OF_SIZE]
"""Those of them that are asked however a line begins."""


def strip_lines(lines: Sequence[Line], blocks: Sequence[Block], context: Context) -> tuple[list[Line], list[Stripped]]:
    """The lines that stay, and those that a rule took."""
    found = places(lines, blocks, context)
    placed = tail_lines(found) | aside_lines(lines, blocks) | head_lines(lines, found, blocks, context)
    # a few lines that are nothing but a link point elsewhere; many are the items of a list
    links = [number for number, place in enumerate(found) if _link_line(place)]
    placed.update(dict.fromkeys((n for n in links if n not in placed and len(links) <= _LINK_LINES_MAX), "link_line"))
    kept: list[Line] = []
    stripped: list[Stripped] = []
    for number, (line, place) in enumerate(zip(lines, found, strict=True)):
        if number in placed:
            stripped.append(Stripped(placed[number], line.text))
            continue
        rule = _rule_of(place)
        if rule is None:
            kept.append(line)
        else:
            stripped.append(Stripped(f"{rule}:{place.zone}" if rule == "zone" else rule, line.text))
    return kept, stripped


def _rule_of(place: Place) -> str | None:
    may = _OPENED.of(place.lowered)
    for name, bit, rule in (_OF_SIZE if may else _UNOPENED)[bisect(_LIMITS, len(place.text))]:
        if (not bit or may & bit) and rule(place):
            return name
    return None
