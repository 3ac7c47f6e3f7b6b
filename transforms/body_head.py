"""What stands between the headline and the text: the site's claim above it, and who wrote it and when.

They are fields of the record. The extractor often takes them for the first paragraphs, since they stand nearest to the
text; what tells them is where they stand, and that a date line is a date, names and hardly a word besides. A standfirst
stays in the text: of those that careful readers were given, they counted half as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import Block, key_of
from transforms.body_place import Context, Place
from transforms.comments_dates import find_moment

_PARAGRAPH = 60
_HEAD_SHARE = 0.3
"""Share of the text within which its head ends."""
_DATE_LINE_MAX = 120
_DATE_REST = 16
"""Letters besides date and names that a date line may hold: "Posted on", "Paris, le"."""


def head_lines(
    lines: Sequence[Line], found: Sequence[Place], blocks: Sequence[Block], context: Context
) -> dict[int, str]:
    """The lines before the text proper that are none of it, each with the rule that says so."""
    heading = _heading(blocks, context)
    home = _home(lines, blocks)
    gone: dict[int, str] = {}
    for number, (line, place) in enumerate(zip(lines, found, strict=True)):
        if place.before > _HEAD_SHARE:
            break
        if not line.blocks:
            continue
        if line.blocks[-1] < heading and not _is_at_home(blocks[line.blocks[0]], home):
            gone[number] = "above_heading"
        elif place.is_lead and _is_dated(place):
            gone[number] = "date_line"
    return gone


def _heading(blocks: Sequence[Block], context: Context) -> int:
    """The block of the headline, -1 where none shows it."""
    return next(
        (n for n, b in enumerate(blocks) if b.tag == "h1" and b.zone is None and b.key == context.title_key), -1
    )


def _home(lines: Sequence[Line], blocks: Sequence[Block]) -> HtmlElement | None:
    """The container that holds most of the text's paragraphs."""
    parents: Counter[HtmlElement] = Counter()
    for line in lines:
        for number in line.blocks:
            parent = blocks[number].element.getparent()
            if parent is not None and len(blocks[number].text) > _PARAGRAPH:
                parents[parent] += len(blocks[number].text)
    return parents.most_common(1)[0][0] if parents else None


def _is_dated(place: Place) -> bool:
    if len(place.text) > _DATE_LINE_MAX or place.is_heading or place.is_listed:
        return False
    moment = find_moment(place.text)
    if moment is None or not moment.has_date or not moment.year:
        return False
    rest = key_of(place.text[: moment.start]) + key_of(place.text[moment.end :])
    for name in place.page.author_keys:
        rest = rest.replace(name, "")
    return len(rest) <= _DATE_REST and not (rest and place.text.endswith((".", "!", "?", "。")))


def _is_at_home(block: Block, home: HtmlElement | None) -> bool:
    return home is not None and home in block.element.iterancestors()
