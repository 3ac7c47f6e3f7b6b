"""Checks on volume: no new article for too long, far fewer than usual, not asked at all.

Only ended periods count, and only those in which the source was asked and could be read: what could not be read is
named by the checks on requests. What is usual is taken from the same place of the rhythm (the same weekday, the same
hour), so that weekends and nights are no news; a pause is held against the longest that the source has made before.
"""

from __future__ import annotations

import math
from statistics import median, pstdev

from transforms.health_bounds import quantile
from transforms.health_past import Finding, Past, Result, Standing
from transforms.health_records import Severity, SourcePeriod

MISSING = 8.0
"""Articles that a pause has cost: none of eight that were due has a chance of one in 3,000."""
PAUSE_FACTOR, PAUSE_MORE = 2.0, 3
"""A pause is too long from twice the longest one and three periods: Easter closes a paper for four days."""
FEWER = 0.2
SPAN = 5
"""Periods whose sum is compared: longer than the holidays of one week."""
FEWER_USUAL_MIN = 15.0
_ASKED_MIN = 7
_ACTIVE_MIN = 4
_SAME_PLACE_MIN = 4
_SIGMAS = 3.5
_ONE_SIDED_95 = 1.645
_UNASKED = 3
_USUALLY = 0.8


def is_read(row: SourcePeriod | None) -> bool:
    """Whether the source was asked in that period and could be read."""
    if row is None:
        return False
    return row.listing_read_count > 0 if row.listing_count else row.answered_count > 0


def check_silent(past: Past) -> Result:
    """Whether the source has paused for longer than it ever did, and long enough to have missed several articles."""
    last = min(past.number, past.running - 1)
    if not is_read(past.facts.get(last)):
        return Standing.UNKNOWN
    pause, missed = 0, list[int]()
    number = last
    while number > last - past.grid.window:
        row = past.facts.get(number)
        if row is not None and row.new_count:
            break
        if is_read(row):
            pause += 1
            missed.append(number)
        number -= 1
    if not pause:
        return Standing.CLEAR
    rows = [(n, past.facts[n]) for n in range(last - past.grid.window, number + 1) if is_read(past.facts.get(n))]
    active = [n for n, row in rows if row.new_count]
    if len(rows) < _ASKED_MIN or len(active) < _ACTIVE_MIN or not _knows_its_rhythm(past, rows[0][0], last):
        return Standing.UNKNOWN
    longest, run = 0, 0
    for _, row in rows:
        run = 0 if row.new_count else run + 1
        longest = max(longest, run)
    if pause < PAUSE_FACTOR * longest + PAUSE_MORE:
        return Standing.CLEAR
    cap = quantile([float(row.new_count) for _, row in rows], 0.9)
    seen = sum(min(cap, row.new_count) for _, row in rows)
    sure = max(0.0, 1 - _ONE_SIDED_95 / math.sqrt(seen)) if seen else 0.0
    due = sure * sum(_due(past, rows, n, cap) for n in missed)
    if due < MISSING:
        return Standing.CLEAR
    return Finding(
        measure="periods without a new article",
        measured=float(pause),
        high=float(longest),
        severity=Severity.WARNING,
        sentence=f"no new article for {spoken(pause, past)}; at least {due:.0f} were due, "
        f"and the longest pause before was {spoken(longest, past)}",
    )


def check_fewer(past: Past) -> Result:
    """Whether the last periods brought far fewer new articles than the same periods of the rhythm did before."""
    last = min(past.number, past.running - 1)
    if not all(is_read(past.facts.get(n)) for n in range(last - SPAN + 1, last + 1)):
        return Standing.UNKNOWN
    count = sum(past.facts[n].new_count for n in range(last - SPAN + 1, last + 1))
    step = past.grid.rhythm if past.grid.rhythm > 1 else SPAN
    sums = list[int]()
    for end in range(last - step, last - past.grid.window, -step):
        numbers = range(end - SPAN + 1, end + 1)
        if all(is_read(past.facts.get(n)) and n not in past.excused for n in numbers):
            sums.append(sum(past.facts[n].new_count for n in numbers))
            if count >= sums[-1]:
                return Standing.CLEAR
    if len(sums) < _SAME_PLACE_MIN:
        return Standing.UNKNOWN
    usual = median(sums)
    if usual < FEWER_USUAL_MIN:
        return Standing.CLEAR
    sigma = max(pstdev(math.log(value) for value in sums), 1 / math.sqrt(usual))
    low = usual * min(FEWER, math.exp(-_SIGMAS * sigma))
    if count > low:
        return Standing.CLEAR
    return Finding(
        measure=f"new articles in {SPAN} periods",
        measured=float(count),
        low=low,
        severity=Severity.WARNING,
        sentence=f"{count} new articles in {spoken(SPAN, past)}; usually {usual:.0f}",
    )


def check_asked(past: Past, busy: frozenset[int]) -> Result:
    """Whether the source is no longer asked, in periods in which others were (`busy`)."""
    last = min(past.number, past.running - 1)
    if last in past.facts and past.facts[last].request_count:
        return Standing.CLEAR
    window = [n for n in range(last - past.grid.window, last + 1) if n in busy]
    if len(window) < _ASKED_MIN + _UNASKED or last not in busy:
        return Standing.UNKNOWN
    asked = [past.facts[n].request_count > 0 if n in past.facts else False for n in window]
    if any(asked[-_UNASKED:]):
        return Standing.CLEAR
    before = asked[asked.index(True) : len(asked) - asked[::-1].index(True)] if any(asked) else []
    pause = asked[::-1].index(True) if any(asked) else len(asked)
    if len(before) < _ASKED_MIN or sum(before) < _USUALLY * len(before):
        return Standing.UNKNOWN
    return Finding(
        measure="periods without a request",
        measured=float(pause),
        high=float(_UNASKED - 1),
        severity=Severity.NOTICE,
        sentence=f"not asked for {spoken(pause, past)}, though other sources were",
    )


def spoken(periods: int, past: Past) -> str:
    """So many periods, as a person says it: `3 days`, `90 minutes`."""
    seconds = periods * past.grid.period_s
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            count = round(seconds / length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:.0f} seconds"


def _knows_its_rhythm(past: Past, first: int, last: int) -> bool:
    """Whether so much of the past is known that its nights or weekends are."""
    return past.grid.rhythm == 1 or last - first >= 2 * past.grid.rhythm


def _due(past: Past, rows: list[tuple[int, SourcePeriod]], number: int, cap: float) -> float:
    """New articles to expect in a period: the mean of the same place of the rhythm, without bursts."""
    same = [min(cap, row.new_count) for n, row in rows if (number - n) % past.grid.rhythm == 0]
    return sum(same) / len(same) if same else 0.0
