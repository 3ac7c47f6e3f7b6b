"""Moments from text: what a machine-readable stamp or a printed date says, with its zone and its precision.

A date without a time stays a day: it is stored as the start of that day, marked `day`, and never passed off as a
minute. A time without a zone is read as UTC. A moment that lies after the capture is no publication time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from transforms.month_names import MONTHS
from transforms.schema import Precision
from transforms.zones import NAMES, minutes_east

_TEXT_MAX = 200
_AHEAD = timedelta(hours=14)
"""How far a local time without a zone, or with a wrong one, can lie ahead of UTC."""

_ZONE = rf"(?:(?:UTC|GMT)?\s?[+\-\u2212]\d{{1,2}}(?::?\d{{2}})?|(?:{NAMES})\b)"
_STAMP = re.compile(
    rf"\b(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?!\d)(?:[T ,@]{{1,4}}(?:at "
    rf")?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,:]\d+)?)?"
    rf"\s?([ap]\.?m\b\.?)?\s?({_ZONE})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    rf"^(\d{{4}})(\d{{2}})(\d{{2}})(?:[T ]?(\d{{2}}):?(\d{{2}})(?::?(\d{{2}}))?(?:\.\d+)?\s?({_ZONE})?)?$",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"^(\d{10})(\d{3})?(?:\.\d+)?$")
_WORD = r"([^\s\d,/\-–()|]{2,20})"
_ORDINAL = r"(?:(?:st|nd|rd|th|er|-?го|-?й|e|a|an)(?![^\W\d_])|[.ºª°])?"
_YEAR = r"(\d{4}|['’]\d{2}\b)(?!\d)"
_DAY_MONTH = re.compile(
    rf"(?<![\d:.])(\d{{1,2}}){_ORDINAL}[\s\-–/]{{0,2}}(?:de |d'|of |ב)?{_WORD}[,]?[\s\-–/]{{0,2}}(?:de |del |of "
    rf")?{_YEAR}"
)
_MONTH_DAY = re.compile(rf"{_WORD}\s?[\-–]?\s?(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|\s|-|–)+{_YEAR}")
_YEAR_MONTH_DAY = re.compile(rf"(?<!\d)(\d{{4}})\.?,?\s(?:m\. )?{_WORD}\s(\d{{1,2}})(?!\d)")
_EASTERN = re.compile(
    r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?|(?<!\d)(\d{4})\. (\d{1,2})\. (\d{1,2})(?!\d)"
)
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s(?:tháng|thg)\s(\d{1,2}),?\s(?:năm )?(\d{4})", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.:/])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d:])")
_CLOCK = re.compile(
    rf"(?<![\d.:+\-])(?:(오전|오후|上午|下午|午前|午後)\s?)?(\d{{1,2}})(?:[:h時시點点]|\.(?=\d{{2}}(?:\s?(?:uhr|[ap]\.?m|hrs|"
    rf"{NAMES})\b)))\s?(\d{{2}})(?![\d.]\d)(?::(\d{{2}}))?分?"
    rf"\s?([ap]\.?\s?m\b\.?)?\s?(?:uhr|hrs|hs|h)?[\s(]{{0,2}}({_ZONE})?",
    re.IGNORECASE,
)
_EASTERN_HALVES = {"오전": "am", "上午": "am", "午前": "am", "오후": "pm", "下午": "pm", "午後": "pm"}
_HOUR = re.compile(rf"(?<![\d.:])(\d{{1,2}})()()\s?([ap]\.?m\b\.?)\s?({_ZONE})?", re.IGNORECASE)
_LIKELY = re.compile(r"\d{4}|['’]\d\d|\d\s?[./-]\s?\d{1,2}\s?[./-]\s?\d\d")
"""What every date has, a year or two signs between numbers: most lines have neither and cost nothing more."""
_WORDED = ((_DAY_MONTH, (3, 2, 1)), (_MONTH_DAY, (3, 1, 2)), (_YEAR_MONTH_DAY, (1, 2, 3)))
"""Patterns of dates with a month's name, and which group is year, month and day."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as far as a page states it."""

    at: datetime
    """UTC; the start of the day where only a day is stated."""
    day: date
    """The day as printed, in the zone that the page wrote."""
    precision: Precision
    offset: int | None = None
    """Minutes east of UTC as printed; None where no zone stands."""


def parse_moment(text: str, *, is_day_first: bool = True) -> Moment | None:
    """The moment that `text` states, stamp or printed date in any known language; None where there is none.

    `is_day_first` decides 3/4/2024; 25/4/2024 and 4/25/2024 decide themselves.
    """
    return _parsed(text[:_TEXT_MAX].strip(), is_day_first)


@lru_cache(maxsize=256)  # the lines around a headline are asked three times
def _parsed(text: str, is_day_first: bool) -> Moment | None:
    if not any(map(str.isdecimal, text)):
        return None
    if not text.isascii():
        text = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    if not _LIKELY.search(text):
        return None
    try:
        return _stamp(text) or _printed(text, is_day_first)
    except (ValueError, OverflowError):
        return None


def parse_stamp(text: str) -> Moment | None:
    """The moment of a machine-readable stamp: ISO 8601 and its near misses, compact, or seconds since 1970."""
    try:
        return _stamp(text[:_TEXT_MAX].strip())
    except (ValueError, OverflowError):
        return None


def held_back(moment: Moment, captured_at: datetime) -> Moment | None:
    """`moment`, or None where it lies in the future of the capture.

    A local time written without its zone can seem to lie up to 14 hours ahead: its day is kept, its time is not.
    """
    if moment.at <= captured_at and moment.day.year >= 1800:
        return moment
    if moment.at > captured_at + _AHEAD or moment.day.year < 1800:
        return None
    day = min(moment.day, captured_at.astimezone(UTC).date())
    return Moment(datetime.combine(day, time(), UTC), moment.day, Precision.DAY)


def _stamp(text: str) -> Moment | None:
    match = _EPOCH.match(text)
    if match:
        at = datetime.fromtimestamp(int(match[1]), UTC)
        return Moment(at, at.date(), Precision.SECOND, 0) if at.year >= 1990 else None
    match = _COMPACT.match(text)
    if match:
        year, month, day, hour, minute, second, zone = match.groups()
        return _moment(int(year), int(month), int(day), (hour, minute, second, None, zone))
    match = _STAMP.search(text)
    if match:
        year, _, month, day, hour, minute, second, half, zone = match.groups()
        if match[2] == "." and hour is None:
            return _moment(int(year), int(month), int(day), _clock(text[match.end() :]))
        return _moment(int(year), int(month), int(day), (hour, minute, second, half, zone))
    return None


def _printed(text: str, is_day_first: bool) -> Moment | None:
    lowered = text.lower()
    found: list[tuple[int, int, int, int, int]] = []
    for pattern, (y, m, d) in _WORDED:
        for match in pattern.finditer(lowered):
            number = _month(match[m])
            if number:
                found.append((match.start(d if d < m else m), match.end(), _year(match[y]), number, int(match[d])))
                break
    viet, east, plain = _VIETNAMESE.search(lowered), _EASTERN.search(text), _NUMBERS.search(text)
    if viet:
        found.append((viet.start(), viet.end(), int(viet[3]), int(viet[2]), int(viet[1])))
    if east:
        year, month, day = (int(g) for g in east.groups() if g)
        found.append((east.start(), east.end(), year, month, day))
    if plain and not found:
        first, second, year = int(plain[1]), int(plain[3]), _year(plain[4])
        if second > 12 or (not is_day_first and first <= 12 and plain[2] != "."):
            first, second = second, first
        found.append((plain.start(), plain.end(), year, second, first))
    if not found:
        return None
    start, end, year, month, day = min(found)
    after = _clock(text[end : end + 60])
    return _moment(year, month, day, after if after[0] else _clock(text[:start]))


def _month(word: str) -> int | None:
    """The number of a month's name, with or without a full stop; Vietnamese numbers its months."""
    return MONTHS.get(word) or MONTHS.get(word.rstrip("."))


def _clock(text: str) -> tuple[str | None, ...]:
    match = _CLOCK.search(text)
    if match:
        before, hour, minute, second, half, zone = match.groups()
        return hour, minute, second, half or _EASTERN_HALVES.get(before or ""), zone
    match = _HOUR.search(text)
    return match.groups() if match else (None,) * 5


def _year(text: str) -> int:
    digits = text.strip("'’")
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 70 else 1900)
    return year - 543 if 2450 <= year <= 2650 else year


def _moment(year: int, month: int, day: int, clock: tuple[str | None, ...]) -> Moment | None:
    """The moment of these numbers. Raises ValueError where they are no date."""
    printed = date(year, month, day)
    if not 1800 <= year <= 2200:
        return None
    hour, minute, second, half, zone = clock
    if hour is None:
        return Moment(datetime.combine(printed, time(), UTC), printed, Precision.DAY)
    hours = int(hour) % 24
    if half and hours <= 12:
        hours = hours % 12 + (12 if half.lower().startswith("p") else 0)
    offset = minutes_east(zone, printed) if zone else None
    at = datetime(
        year,
        month,
        day,
        hours,
        int(minute or 0),
        min(int(second or 0), 59),
        tzinfo=timezone(timedelta(minutes=offset or 0)),
    )
    precision = Precision.SECOND if second else Precision.MINUTE
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        precision = Precision.DAY
    return Moment(at.astimezone(UTC), printed, precision, offset)
