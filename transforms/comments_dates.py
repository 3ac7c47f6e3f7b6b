"""Dates and times as comment sections print them, in the scripts and languages that news sites use.

A comment's date is mostly what is left of its markup in flattened text, so the place of a date within its line matters
as much as its value: the rest of the line is the author. Hence spans, not just values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from transforms.month_names import MONTHS
from transforms.small_letters import small
from transforms.zones import NAMES, minutes_east

_WEEKDAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thurs?|fri|sat|sun|montag|dienstag|mittwoch|"
    "donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|"
    "viernes|sábado|domingo|luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|sabato|domenica|segunda|terça|quarta|"
    "quinta|sexta|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|måndag|tisdag|onsdag|torsdag|fredag|lördag|"
    "söndag|mandag|tirsdag|lørdag|søndag|poniedziałek|wtorek|środa|czwartek|piątek|niedziela"
)

_UNITS = (
    r"sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|"
    r"sekunden?|minuten?|stunden?|std|tag(?:en?)?|wochen?|monat(?:en?)?|jahr(?:en?)?|"
    r"secondes?|heures?|jours?|semaines?|mois|ans?|années?|segundos?|minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|años?|"
    r"mês|anos?|second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|seconden|uur|uren|dag(?:en|ar|e)?|weken|"
    r"maanden?|jaar|jaren|timm(?:e|ar)|timer?|veck(?:a|or)|uker?|ugen?|uger|månad(?:er)?|måned(?:er)?|år|"
    r"sekuntia|minuuttia|tuntia?|päivää?|viikkoa?|kuukautta|vuotta|godzin[ęy]?|dni|dzień|tygodni[ea]?|miesi[ąę]c[ey]?|lata?|"
    r"hodin(?:ami|ou)?|dny|dnem|týdny|měsíci|lety|minuta?mi|ore|zile?|săptămâni|luni|órával|órája|napja|hete|hónapja|éve|"
    r"saat|dakika|gün|hafta|ay|yıl|секунд[уы]?|минут[уы]?|час(?:а|ов)?|д(?:ень|ня|ней)|недел[юиь]|месяц(?:а|ев)?|"
    r"лет|год(?:а)?|годин[уи]?|хвилин[уи]?|дн[іи]в?|тижн[іья]в?|λεπτά|ώρες|ώρα|ημέρες|μέρες"
)
_RELATIVE_WORDS = (
    rf"(?:(?:a|an|one|about|\d{{1,3}})\s(?:{_UNITS})\sago|\d{{1,3}}\s?(?:s|m|min|h|hr|d|w|wk|mo|y)\sago|yesterday\sat|"
    rf"vor\s(?:einem|einer|einigen|\d{{1,3}})\s(?:{_UNITS})|il\sy\sa\s(?:une?|\d{{1,3}})\s(?:{_UNITS})|"
    rf"hace\s(?:una?|\d{{1,3}})\s(?:{_UNITS})|há\s(?:uma?|\d{{1,3}})\s(?:{_UNITS})|\d{{1,3}}\s(?:{_UNITS})\satrás|"
    rf"\d{{1,3}}\s(?:{_UNITS})\s(?:fa|geleden|sedan|siden|sitten|temu|назад|тому|önce|πριν)|"
    rf"(?:för|for|pred|před|acum|πριν)\s\d{{1,3}}\s(?:{_UNITS})(?:\s(?:sedan|siden))?|"
    r"\d{1,3}\s?(?:秒|分|分钟|分鐘|時間|小时|小時|日|天|週間|周|か月|ヶ月|个月|個月|年)\s?前|\d{1,3}\s?(?:분|시간|일|주|개월|년)\s?전)"
)

_MONTH = "(?P<month>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")(?!\w)\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|º|er|\.)?"
_YEAR = r"(?P<year>(?:19|20)\d\d|[’']\d\d)"
_OF = r"(?:\s?[,/-]?\s?(?:de|del|of|do)?\s?)"
_WEEKDAY = re.compile(rf"(?<!\w)(?:{_WEEKDAYS})\.?,?\s(?:the\s|le\s|den\s)?$", re.IGNORECASE)
_NUMBER_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)(?P<sep>[-/.])(?P<month>[01]?\d)(?P=sep)(?P<day>[0-3]?\d)(?=T|\D|$)",
        r"(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]",
        r"(?<![\d/.-])(?P<first>[0-3]?\d)(?P<sep>[-/.])\s?(?P<second>[0-3]?\d)(?P=sep)\s?"
        r"(?P<year>(?:19|20)\d\d|[0-3]\d)(?![\d/.-]\d)(?!\d)",
    )
)
_WORD_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d:.,/-]){_DAY}{_OF}{_MONTH}(?:{_OF}(?:{_YEAR}|(?P<short>[0-3]\d)(?![\d:.h])))?(?!\d)",
        rf"(?<![^\W\d_]){_MONTH}\s?{_DAY}(?:,?\s?{_YEAR})?(?![\w:]\w)",
        rf"(?<!\d){_YEAR}[\s,-]\s?{_MONTH}[\s-]{_DAY}(?!\w)",
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_GLUED = re.compile(rf"(?<=[a-z\d.)])(?=[A-Z])(?i:{_MONTH}\s{_DAY},?\s{_YEAR})")
_TIME = re.compile(
    r"(?:(?:(?P<early>오전|上午|午前|早上|凌晨)|(?P<late>오후|下午|午後|晚上))\s?)?"
    r"(?P<hour>[0-2]?\d)(?:\s?(?P<colon>[:.h：時时点點시])\s?(?P<minute>[0-5]\d(?!\d)|\d(?=\s?[分분]))"
    r"(?:(?::|\s?[分분]\s?)(?P<second>[0-5]\d)(?:[.,]\d{1,6}|\s?[秒초])?|\s?[分분])?)?"
    r"\s?(?P<half>[ap]\.?\s?m\b\.?)?(?:\s?(?:uhr|h|hrs|klo|óra)\b)?(?![\w:/%]\w)"
    rf"(?P<zone>\s?Z\b|\s?[+-]\d\d:?\d\d\b|\s\(?(?:UTC|GMT)\s?[+-]\s?\d{{1,2}}(?::?\d\d)?\)?|\s\(?(?:{NAMES})\b\)?)?",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"(?:\s?[(（][^\W\d_]{1,3}[)）])?[\s,|/@·•–—-]{0,4}"
    r"(?:(?:at|um|à|a\slas|a\sla|às|alle\sore|alle|ore|om|kl|klo|o|ob|в|о|saat|στις|of|t)(?![^\W\d_]))?"
    r"\.?[\s:@–—-]{0,3}",
    re.IGNORECASE,
)
_RELATIVE = re.compile(rf"(?<!\w){_RELATIVE_WORDS}(?!\w)")
_LINE_MAX = 300
"""No date of a comment stands further in its line; also what keeps the patterns cheap on one-line documents."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a time or both within a line: characters `start` to `end`, and what they say."""

    start: int
    end: int
    has_date: bool = False
    has_time: bool = False
    is_relative: bool = False
    year: int = 0
    numbers: tuple[int, int] = (0, 0)
    """Month and day; where `is_numeric`, the first and the second number as printed."""
    is_numeric: bool = False
    seconds: int = 0
    """Seconds since midnight."""
    zone: str = ""


def find_moment(line: str) -> Moment | None:
    """The first date of a line with the time beside it; else a relative time; else a time of day with minutes."""
    head = line[:_LINE_MAX]
    has_digit = any(c.isdigit() for c in head)
    if not has_digit and " " not in head:
        return None
    if has_digit:
        if not head.isascii():
            head = "".join(str(int(c)) if c.isdecimal() else c for c in head)  # one for one: spans stay true
        has_month = any(word in MONTHS for word in _WORD.findall(head.casefold()))
        patterns = (*_NUMBER_DATES, *_WORD_DATES) if has_month else _NUMBER_DATES
        lowered = small(head)
        found = [m for m in (pattern.search(lowered) for pattern in patterns) if m and _is_date(m)]
        dated = min(found, key=lambda m: (m.start(), -m.end())) if found else _GLUED.search(head)
        if dated:
            return _with_time(head, dated)
    relative = _RELATIVE.search(small(head))
    if relative:
        return Moment(relative.start(), relative.end(), is_relative=True)
    for lone in _TIME.finditer(head):
        before = head[lone.start() - 1 : lone.start()]
        if (
            lone["minute"]
            and (lone["half"] or lone["colon"] in ":hH")
            and not ((before and before in ":.,/$€£-") or before.isalnum())
        ):
            return Moment(
                lone.start(), lone.end(), has_time=True, seconds=_seconds(lone), zone=(lone["zone"] or "").strip()
            )
    return None


def to_moment(moment: Moment, *, is_day_first: bool | None) -> datetime | None:
    """The moment as UTC, where it has a whole date. A time without a zone is taken as UTC, a day as its midnight.

    `is_day_first` settles all-number dates; None says that the page does not tell, and such a date has no value
    unless its numbers leave one reading.
    """
    if not moment.has_date or not moment.year:
        return None
    month, day = moment.numbers
    if moment.is_numeric:
        if is_day_first is None and moment.numbers[0] != moment.numbers[1]:
            is_day_first = day_first([moment])
            if is_day_first is None:
                return None
        if is_day_first:
            day, month = moment.numbers
    try:
        midnight = datetime(moment.year, month, day, tzinfo=_zone(moment.zone, date(moment.year, month, day)))
        return (midnight + timedelta(seconds=moment.seconds)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day_first(moments: Iterable[Moment]) -> bool | None:
    """Whether all-number dates put the day first, by the numbers above 12 among them; None where none tells."""
    numeric = [m.numbers for m in moments if m.is_numeric]
    firsts, seconds = sum(a > 12 for a, _ in numeric), sum(b > 12 for _, b in numeric)
    return None if firsts == seconds else firsts > seconds


def _is_date(found: re.Match[str]) -> bool:
    parts = found.groupdict()
    if parts.get("first"):
        small = sorted((int(parts["first"]), int(parts["second"])))
        return 1 <= small[0] <= 12 and small[1] <= 31
    month = parts["month"].casefold()
    return 1 <= int(parts["day"]) <= 31 and (not month.isdigit() or 1 <= int(month) <= 12)


def _with_time(line: str, dated: re.Match[str]) -> Moment:
    parts = dated.groupdict()
    joined = _JOIN.match(line, dated.end())
    time = _TIME.match(line, joined.end()) if joined else None
    if time and not (time["minute"] or time["half"]):
        time = None
    is_numeric = bool(parts.get("first"))
    month = (parts.get("month") or "").casefold()
    numbers = (
        (int(parts["first"]), int(parts["second"]))
        if is_numeric
        else (MONTHS.get(month) or int(month), int(parts["day"]))
    )
    day_name = _WEEKDAY.search(line, 0, dated.start())
    return Moment(
        day_name.start() if day_name else dated.start(),
        time.end() if time else dated.end(),
        has_date=True,
        has_time=bool(time),
        year=_year(parts.get("year") or parts.get("short")),
        numbers=numbers,
        is_numeric=is_numeric,
        seconds=_seconds(time) if time else 0,
        zone=(time["zone"] or "").strip() if time else "",
    )


def _year(printed: str | None) -> int:
    if not printed:
        return 0
    number = int(printed.lstrip("’'"))
    return number if number > 99 else 2000 + number


def _seconds(time: re.Match[str]) -> int:
    hour = int(time["hour"])
    half = "a" if time["early"] else "p" if time["late"] else (time["half"] or "").casefold()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (hour % 24) * 3600 + int(time["minute"] or 0) * 60 + int(time["second"] or 0)


def _zone(printed: str, day: date) -> timezone:
    minutes = minutes_east(printed.strip(" ()").replace(" ", ""), day) if printed else 0
    return timezone(timedelta(minutes=minutes or 0))
