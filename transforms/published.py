"""When an article was published: the reading in the order of their trust, and the first that holds.

Structured data comes first: it has time and zone. Date lines near the headline, the address and htmldate follow, in
this order and only while nothing is found, because each costs more and knows less.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from lxml.html import HtmlElement

from transforms import meta_tags as names
from transforms.dates import Moment, held_back, parse_moment, parse_stamp
from transforms.guessed_dates import guess_date
from transforms.marks import Mark, publication_part
from transforms.plain import plain
from transforms.reading import Reading
from transforms.schema import PageType, Precision
from transforms.site_rules import find_formatted
from transforms.small_letters import small
from transforms.xpaths import condition

_LINE_MAX = 120
_PRINTED_MAX = 60
"""A line that is a date and little else."""
_MARKS = 12
_TEXT_MAX = 400_000
_TEXTS_MAX = 20_000
_TEXT_TAGS = (
    "p", "div", "span", "li", "td", "time", "small", "em", "i", "b", "strong", "a", "section", "footer", "dd", "h1",
    "h2",
)  # fmt: skip
_PUBLISHED_TEXT = re.compile(
    r"[pv](?:(?<=\bp)(?:ublished|osted|ubli(?:é|cado)|ubblicato)|(?<=\bv)eröffentlicht)\b"
    r"[^\d.!?]{0,25}?(.{0,12}\d.{0,24})"
)
"""Published, posted, veröffentlicht …; begins with a letter, by which `re` passes over the rest of a text."""
_CHANGED_TEXT = re.compile(
    r"\b(?:last (?:updated|modified|reviewed)|updated|aktualisiert|modifié|"
    r"actualizado)\b[^\d.!?]{0,25}?(.{0,12}\d.{0,24})"
)
_CHANGED_WORDS = ("updated", "modifi", "reviewed", "aktualisiert", "actualizado")
"""One of these is in what it matches."""
_MANY_ATTRIBUTES = condition("//@*[201]")
_ELEMENTS_MAX = 20_000
"""htmldate copies the tree, which such pages make slow, for one date in a hundred pages."""
_ADDRESS = re.compile(
    r"(?<!\d)(?:((?:19|20)\d\d)([/_.-])(1[0-2]|0?[1-9]|[a-z]{3,9})\2(3[01]|[12]\d|0?[1-9])(?!\d)|"
    r"((?:19|20)\d\d)(1[0-2]|0[1-9])(3[01]|[12]\d|0[1-9])(?!\d))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """The moment that won, the rule that gave it, and the other moments that were proposed."""

    moment: Moment | None
    rule: str | None
    rejected: tuple[tuple[str, str], ...] = ()


def find_published(reading: Reading) -> Dated:
    """The publication time, held to the time of capture."""
    winner: Moment | None = None
    winner_rule = None
    rejected: dict[tuple[str, str], None] = {}
    for propose in (_stated, _shown, _searched):
        for rule, text in propose(reading):
            moment = _moment(text, reading)
            if moment is None:
                continue
            if winner is None:
                winner, winner_rule = moment, rule
            elif moment.at != winner.at:
                rejected[rule, text] = None
            if propose is _searched:
                break
        if winner is not None:
            return Dated(_as_printed(winner, reading), winner_rule, tuple(rejected)[:20])
    return Dated(None, None)


def find_modified(reading: Reading) -> Moment | None:
    """When the page says that the article was last changed."""
    texts = [plain(v) for _, v in reading.own.values("dateModified")]
    texts += [v for _, v in reading.meta.every(names.MODIFIED)]
    if not texts:
        texts = [m.text for m in reading.marks().modified]
    return next((m for m in (_moment(t, reading) for t in texts) if m), None)


def _as_printed(moment: Moment, reading: Reading) -> Moment:
    """`moment` with the day that the page prints, where that is another one.

    A story of the evening bears the next day's date in UTC: the printed day, if it is a neighbour, is the page's own.
    A date that stands alone beside the headline, not marked as a change, is what the page prints as its date.
    """
    lines = [line for line in map(publication_part, reading.lines) if 0 < len(line) <= _PRINTED_MAX]
    days = _days([*lines, _in_address(reading.page.final_url) or ""], reading)
    if not days or moment.day in days:
        return moment
    days += _days([m.printed or m.text for m in reading.marks().dates[:_MARKS]], reading)
    if moment.day in days:
        return moment
    is_whole_day = moment.precision is Precision.DAY and moment.offset is None
    if not moment.offset and not is_whole_day:
        neighbour = next((d for d in days if abs((d - moment.day).days) == 1), None)
        if neighbour:
            return replace(moment, day=neighbour)
    changed = set(_days([line for line in reading.lines if not publication_part(line)], reading))
    changed.update(_days([m.text for m in reading.marks().modified[:_MARKS]], reading))
    beside = next((d for d in _days(lines, reading) if d not in changed), None)
    if beside is None:
        return moment
    at = datetime.combine(beside, time(), UTC) if is_whole_day else moment.at
    return replace(moment, day=beside, at=at)


def _days(texts: list[str], reading: Reading) -> list[date]:
    return [m.day for m in (_moment(t, reading) for t in texts) if m]


def _stated(reading: Reading) -> Iterator[tuple[str, str]]:
    for name, value in reading.own.values("datePublished"):
        yield f"jsonld:{name}", plain(value)
    yield from reading.meta.every(names.PUBLISHED)


def _shown(reading: Reading) -> Iterator[tuple[str, str]]:
    marks = reading.marks().dates
    yield from ((m.rule, m.text) for m in marks if m.rule.startswith("microdata"))
    for line in (publication_part(line) for line in reading.lines if _is_date_line(line)):
        stamp = _stamp_of(line, reading)
        if stamp:
            yield stamp.rule, stamp.text
        yield "near_heading", line
    yield from ((m.rule, m.text) for m in marks[:_MARKS] if not m.rule.startswith("microdata"))


def _stamp_of(line: str, reading: Reading) -> Mark | None:
    """The time element whose words a date line shows, where it says more than they do: the hour, and the zone."""
    shown = _moment(line, reading)
    if shown is None or shown.offset is not None:
        return None
    for mark in reading.marks().dates[:_MARKS]:
        if mark.printed and mark.printed in line and (said := parse_stamp(mark.text)):
            is_same = abs((said.day - shown.day).days) <= 1
            return mark if is_same and said.offset is not None and said.precision is not Precision.DAY else None
    return None


def _is_date_line(line: str) -> bool:
    """Whether a line is a date and little else, or at least no sentence: captions and standfirsts name days too."""
    if len(line) <= _PRINTED_MAX:
        return True
    return len(line) <= _LINE_MAX and (not line.endswith(".") or any(sign in line for sign in "|·•") or ":" in line)


def _searched(reading: Reading) -> Iterator[tuple[str, str]]:
    """Dates that nothing marks as such, the likelier place first."""
    yield from (("near_heading", line) for line in reading.lines if _is_date_line(line))
    for name, value in reading.own.values("dateCreated", "uploadDate", "dateModified"):
        yield f"jsonld:{name}", plain(value)
    for mark in reading.marks().modified:
        yield f"modified:{mark.rule}", mark.text
    for name, value in reading.meta.every(names.MODIFIED):
        yield name, value
    written = _in_address(reading.page.final_url)
    if written:
        yield "address", written
    yield from _in_text(reading.tree)
    if reading.date_format and (found := find_formatted(_all_text(reading.tree), reading.date_format)):
        yield "site:date_format", found[0]
    guess = _guessed(reading)
    if guess:
        yield "htmldate", guess


def _in_text(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """What follows "Published", and behind that "Last updated", anywhere in the page's text."""
    text = _all_text(tree)
    lowered = small(text)
    patterns = [("text", _PUBLISHED_TEXT)]
    if any(word in lowered for word in _CHANGED_WORDS):
        patterns.append(("modified:text", _CHANGED_TEXT))
    for rule, pattern in patterns:
        found = itertools.islice(pattern.finditer(lowered), 5)
        yield from ((rule, text[match.start(1) : match.end(1)]) for match in found)


def _all_text(tree: HtmlElement) -> str:
    return plain(" ".join(itertools.islice(tree.itertext(*_TEXT_TAGS), _TEXTS_MAX)), _TEXT_MAX)


def _in_address(url: str) -> str | None:
    match = _ADDRESS.search(url.split("//", 1)[-1])
    if match is None:
        return None
    year, month, day = match[1] or match[5], match[3] or match[6], match[4] or match[7]
    return f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}"


def _guessed(reading: Reading) -> str | None:
    is_large = sum(map(len, reading.named.tags.values())) > _ELEMENTS_MAX
    if reading.page_type is PageType.DOCUMENTATION or is_large or _MANY_ATTRIBUTES(reading.tree):
        return None
    latest = reading.page.captured_at.astimezone(UTC) + timedelta(days=1)
    return guess_date(reading.tree, reading.page.final_url, latest.date())


def _moment(text: str, reading: Reading) -> Moment | None:
    # A stamp with the year first says the same everywhere; only what is printed may need the site's own reading.
    if reading.date_format and not parse_stamp(text) and (found := find_formatted(text, reading.date_format)):
        text = text.replace(*found, 1)
    moment = parse_moment(text, is_day_first=reading.is_day_first)
    return held_back(moment, reading.page.captured_at) if moment else None
