"""The rules that take lines out of an extracted text, each with its name, and why it may.

A rule sees one line with its place: the zone, tag and links of its blocks, how far into the text it stands, and what
the metadata say of title and authors. What a rule takes is kept as evidence under the rule's name. The measured gain
and harm of each is in docs/extraction.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transforms.body_align import Line
from transforms.body_blocks import Block, Zone, key_of
from transforms.body_words import APPEAL, BYLINE, CREDIT, DATE_LINE, LABEL, POINTER, READING_TIME, TAIL_HEADING
from transforms.comments_found import Stripped

_DROPPED_ZONES = frozenset(
    (
        "caption",
        "newsletter",
        "paywall",
        "share",
        "author_box",
        "byline",
        "dateline",
        "tags",
        "breadcrumb",
        "navigation",
    )
    + ("related", "carousel", "advertisement", "call_to_action", "consent", "comments_rest", "disclaimer", "sidebar")
    + ("poll", "embed")
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules know of the whole text."""

    title_key: str
    heading_keys: frozenset[str]
    author_keys: tuple[str, ...]


@dataclass(slots=True)
class Place:
    """One line and where it stands."""

    text: str
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


def places(lines: Sequence[Line], blocks: Sequence[Block]) -> list[Place]:
    """The lines with their places."""
    total = max(1, sum(len(line.text) for line in lines))
    found = []
    seen = 0
    has_paragraph = False
    for line in lines:
        own = [blocks[n] for n in line.blocks]
        letters = sum(len(b.text) for b in own)
        zones = {b.zone for b in own}
        tag = own[0].tag if own else ""
        share = sum(b.link_chars for b in own) / letters if letters else 0.0
        is_listed = line.text.startswith(("- ", "|")) or tag in ("li", "td", "th", "dd", "dt")
        is_heading = len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()
        before = seen / total
        seen += len(line.text)
        found.append(
            Place(
                line.text,
                key_of(line.text),
                tag,
                zones.pop() if len(zones) == 1 else None,
                share,
                before,
                1 - seen / total,
                not has_paragraph,
                is_listed,
                is_heading,
            )
        )
        if len(line.text) > 120 and not is_heading and (not own or own[0].zone is None):
            has_paragraph = True
    return found


def _zone(place: Place, context: Context) -> bool:
    return place.zone in _DROPPED_ZONES


def _title(place: Place, context: Context) -> bool:
    if place.before > 0.3 or not place.key:
        return False
    if place.key == context.title_key or (place.is_heading and place.key in context.heading_keys):
        return True
    # with its kicker before it, or its site's name behind
    is_longer = len(context.title_key) > 15 and context.title_key in place.key
    return place.is_lead and is_longer and len(place.key) < 1.8 * len(context.title_key)


def _main_heading(place: Place, context: Context) -> bool:
    return place.tag == "h1" and (place.is_lead or place.before < 0.1) and len(place.text) < 250


def _reading_time(place: Place, context: Context) -> bool:
    return len(place.text) < 60 and READING_TIME.match(place.text) is not None


def _date_line(place: Place, context: Context) -> bool:
    return (
        len(place.text) < 90
        and (place.is_lead or place.before < 0.1 or place.after < 0.1)
        and DATE_LINE.match(place.text) is not None
    )


def _byline(place: Place, context: Context) -> bool:
    if len(place.text) > 110 or not (place.is_lead or place.before < 0.1 or place.after < 0.1):
        return False
    if place.text.endswith((".", "?", "!", ":", "”", '"')) and len(place.text) > 60:
        return False
    return place.key in context.author_keys or BYLINE.match(place.text) is not None


def _label(place: Place, context: Context) -> bool:
    return len(place.text) < 140 and LABEL.match(place.text) is not None


def _pointer(place: Place, context: Context) -> bool:
    return len(place.text) < 250 and POINTER.match(place.text) is not None


def _link_line(place: Place, context: Context) -> bool:
    return place.link_share > 0.8 and not place.is_listed and not place.is_heading and 15 < len(place.text) < 250


def _appeal(place: Place, context: Context) -> bool:
    return len(place.text) < 300 and APPEAL.match(place.text) is not None


def _credit(place: Place, context: Context) -> bool:
    return len(place.text) < 400 and CREDIT.match(place.text) is not None


def _author_note(place: Place, context: Context) -> bool:
    if place.after > 0.15 or place.before < 0.5 or not 50 < len(place.text) < 1200 or place.is_listed:
        return False
    start = key_of(place.text[:60])
    return any(-1 < start.find(name) < 25 for name in context.author_keys if len(name) > 6)


_ZONE_SHARE = {
    "dateline": 0.05,
    "byline": 0.05,
    "breadcrumb": 0.05,
    "share": 0.05,
    "tags": 0.05,
    "poll": 0.05,
    "navigation": 0.1,
    "caption": 0.2,
}
_ZONE_SHARE_OTHERS = 0.2
"""A zone that holds a larger share of the text than this is the article under a misleading name."""


def void_large_zones(lines: Sequence[Line], blocks: Sequence[Block]) -> None:
    """Mark the zones that hold too much of the extracted text to be what their names say."""
    letters: Counter[Zone] = Counter()
    total = 0
    for line in lines:
        for number in line.blocks:
            block = blocks[number]
            total += len(block.text)
            for zone in block.zones:
                letters[zone] += len(block.text)
    for zone, count in letters.items():
        if count > _ZONE_SHARE.get(zone.rule, _ZONE_SHARE_OTHERS) * total and count > 60:
            zone.is_void = True


LineRule = Callable[[Place, Context], bool]

RULES: tuple[tuple[str, LineRule], ...] = (
    ("title_line", _title),
    ("main_heading", _main_heading),
    ("zone", _zone),
    ("reading_time", _reading_time),
    ("date_line", _date_line),
    ("byline", _byline),
    ("label", _label),
    ("pointer", _pointer),
    ("appeal", _appeal),
    ("credit", _credit),
    ("author_note", _author_note),
    ("link_line", _link_line),
)


def _tail(found: Sequence[Place]) -> set[int]:
    """The lines below headings that announce something else, late in the text: up to the next long paragraph."""
    gone: set[int] = set()
    for number, place in enumerate(found):
        if number in gone or place.before < 0.4 or len(place.text) > 90 or TAIL_HEADING.match(place.text) is None:
            continue
        if place.after > 0.35:
            continue
        run = [number]
        for later in range(number + 1, len(found)):
            other = found[later]
            if len(other.text) > 200 and other.link_share < 0.3 and (place.after > 0.1 or other.is_listed):
                break
            run.append(later)
        gone.update(run)
    return gone


def strip_lines(lines: Sequence[Line], blocks: Sequence[Block], context: Context) -> tuple[list[Line], list[Stripped]]:
    """The lines that stay, and those that a rule took."""
    found = places(lines, blocks)
    tail = _tail(found)
    kept: list[Line] = []
    stripped: list[Stripped] = []
    for number, (line, place) in enumerate(zip(lines, found, strict=True)):
        if number in tail:
            stripped.append(Stripped("tail_heading", line.text))
            continue
        rule = next((name for name, rule in RULES if rule(place, context)), None)
        if rule is None:
            kept.append(line)
        else:
            stripped.append(Stripped(f"{rule}:{place.zone}" if rule == "zone" else rule, line.text))
    return kept, stripped
