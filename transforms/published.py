"""When an article was published: the sources in the order of their trust, and the first that holds.

Structured data comes first: it has time and zone. Date lines near the headline, the address and htmldate follow, in
this order and only while nothing is found, because each costs more and knows less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from htmldate import find_date
from lxml.html import HtmlElement

from transforms import meta_tags as names
from transforms.dates import Moment, held_back, parse_moment
from transforms.jsonld_article import OwnNodes
from transforms.meta_tags import MetaTags
from transforms.page import Page
from transforms.plain import plain
from transforms.schema import Precision
from transforms.visible import CHANGED, Visible

_LINE_MAX = 120
_PRINTED_MAX = 60
"""A line that is a date and little else."""
_MARKS = 12
_ADDRESS = re.compile(
    r"(?<!\d)(?:((?:19|20)\d\d)([/_.-])(1[0-2]|0?[1-9]|[a-z]{3,9})\2(3[01]|[12]\d|0?[1-9])(?!\d)|((?:19|20)\d\d)(1[0-2]|0[1-9])(3[01]|[12]\d|0[1-9])(?!\d))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """The moment that won, the rule that gave it, and the other moments that were proposed."""

    moment: Moment | None
    rule: str | None
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DateSources:
    """Where dates are looked for."""

    page: Page
    tree: HtmlElement
    meta: MetaTags
    own: OwnNodes
    visible: Visible
    lines: tuple[str, ...]
    """Short lines near the headline."""
    language: str | None


def find_published(sources: DateSources) -> Dated:
    """The publication time, held to the time of capture."""
    winner: Moment | None = None
    winner_rule = None
    rejected: dict[tuple[str, str], None] = {}
    for rule, text in _stated(sources):
        moment = _moment(text, sources)
        if moment is None:
            continue
        if winner is None:
            winner, winner_rule = moment, rule
        elif moment.at != winner.at:
            rejected[rule, text] = None
    if winner is None:
        for rule, text in _searched(sources):
            winner = _moment(text, sources)
            if winner:
                winner_rule = rule
                break
    return Dated(_as_printed(winner, sources) if winner else None, winner_rule, tuple(rejected)[:20])


def find_modified(sources: DateSources) -> Moment | None:
    """When the page says that the article was last changed."""
    texts = [plain(v) for _, v in sources.own.values("dateModified")]
    texts += [v for _, v in sources.meta.every(names.MODIFIED)]
    texts += [m.text for m in sources.visible.modified]
    return next((m for m in (_moment(t, sources) for t in texts) if m), None)


def _as_printed(moment: Moment, sources: DateSources) -> Moment:
    """`moment` with the day that the page prints, where that is another one.

    A story of the evening bears the next day's date in UTC: the printed day, if it is a neighbour, is the page's own.
    A date that stands alone beside the headline, not marked as a change, is what the page prints as its date.
    """
    if moment.precision is Precision.DAY and moment.offset is None:
        return moment
    lines = [line for line in sources.lines if len(line) <= _PRINTED_MAX]
    texts = [m.printed or m.text for m in sources.visible.dates[:_MARKS]]
    days = _days([*lines, *texts, _in_address(sources.page.final_url) or ""], sources)
    if not days or moment.day in days:
        return moment
    if not moment.offset:
        neighbour = next((d for d in days if abs((d - moment.day).days) == 1), None)
        if neighbour:
            return replace(moment, day=neighbour)
    changed = set(_days([line for line in sources.lines if CHANGED.search(line)], sources))
    changed.update(_days([m.text for m in sources.visible.modified[:_MARKS]], sources))
    beside = [d for d in _days([line for line in lines if not CHANGED.search(line)], sources) if d not in changed]
    return replace(moment, day=beside[0]) if beside else moment


def _days(texts: list[str], sources: DateSources) -> list[date]:
    return [m.day for m in (_moment(t, sources) for t in texts) if m]


def _stated(sources: DateSources) -> Iterator[tuple[str, str]]:
    for name, value in sources.own.values("datePublished"):
        yield f"jsonld:{name}", plain(value)
    yield from sources.meta.every(names.PUBLISHED)
    marks = sources.visible.dates
    yield from ((m.rule, m.text) for m in marks if m.rule.startswith("microdata"))
    yield from (("near_heading", line) for line in sources.lines if len(line) <= _LINE_MAX and not CHANGED.search(line))
    yield from ((m.rule, m.text) for m in marks[:_MARKS] if not m.rule.startswith("microdata"))


def _searched(sources: DateSources) -> Iterator[tuple[str, str]]:
    """Dates that nothing marks as such, the likelier place first."""
    for line in sources.lines:
        if len(line) <= _LINE_MAX:
            yield "near_heading", line
    for name, value in sources.own.values("dateCreated", "uploadDate", "dateModified"):
        yield f"jsonld:{name}", plain(value)
    for mark in sources.visible.modified:
        yield f"modified:{mark.rule}", mark.text
    for name, value in sources.meta.every(names.MODIFIED):
        yield name, value
    written = _in_address(sources.page.final_url)
    if written:
        yield "address", written
    guess = _guessed(sources)
    if guess:
        yield "htmldate", guess


def _in_address(url: str) -> str | None:
    match = _ADDRESS.search(url.split("//", 1)[-1])
    if match is None:
        return None
    year, month, day = match[1] or match[5], match[3] or match[6], match[4] or match[7]
    return f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}"


def _guessed(sources: DateSources) -> str | None:
    earliest, latest = date(1995, 1, 1), sources.page.captured_at.astimezone(UTC) + timedelta(days=1)
    found: str | None = find_date(
        sources.tree, original_date=True, extensive_search=False, url=sources.page.final_url,
        min_date=datetime(earliest.year, 1, 1), max_date=latest.replace(tzinfo=None),
    )  # fmt: skip
    return found


def _moment(text: str, sources: DateSources) -> Moment | None:
    moment = parse_moment(text, is_day_first=sources.language != "en")
    return held_back(moment, sources.page.captured_at) if moment else None
