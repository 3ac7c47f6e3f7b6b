"""Made-up sources with habits of their own: a year of counts, as healthy sources have them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from transforms.health_grid import Grid
from transforms.health_records import SourcePeriod, TemplateCount

DAYS = Grid()
START = datetime(2026, 1, 1, tzinfo=UTC)
HOLIDAYS = {
    (1, 1),
    (4, 3),
    (4, 4),
    (4, 5),
    (4, 6),
    (5, 1),
    (5, 14),
    (5, 25),
    (10, 3),
    (12, 24),
    (12, 25),
    (12, 26),
    (12, 31),
}
TEMPLATE, OTHER_TEMPLATE = 0x0F0F_0F0F_0F0F_0F0F, -0x0F0F_0F0F_0F0F_0F10


def period(number: int = 0, *, grid: Grid = DAYS, source: str = "paper", **counts: object) -> SourcePeriod:
    """A healthy period: 10 new articles, all with dates and authors, of one template; `counts` replace."""
    healthy = SourcePeriod(
        source=source,
        period_at=grid.start(number),
        period_s=grid.period_s,
        request_count=40,
        listing_count=4,
        listing_read_count=4,
        page_count=36,
        answered_count=36,
        redirect_target_count=0,
        latency_count=40,
        latency_median_s=0.2,
        robots_digests=["https://paper.example aaaa"],
        capture_count=12,
        new_count=10,
        version_count=12,
        dated_count=12,
        authored_count=12,
        word_median=400.0,
        text_count=12,
        distinct_text_count=12,
        templates=[TemplateCount(signature=TEMPLATE, page_count=12)],
    )
    return replace(healthy, **counts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Habit:
    """What a kind of source does on a day of the week (Monday first), and how regular it is."""

    name: str
    by_weekday: tuple[float, ...]
    burst: float = 0.0
    """Spread of the logarithm of a day's rate: 0 is as regular as chance allows."""
    holiday: float = 0.4
    """Share of its rate that is left on a public holiday."""
    authored: float = 0.9
    authored_weekend: float = 0.9
    dated: float = 0.98
    words: float = 400.0
    failing: float = 0.01
    revisits: int = 20


HABITS = (
    Habit("daily paper", (80, 82, 85, 81, 78, 40, 22)),
    Habit("closed on Sundays", (30, 30, 30, 30, 30, 12, 0), holiday=0.0),
    Habit("bursts", (6, 6, 6, 6, 6, 6, 6), burst=1.0),
    Habit("small blog", (0.4,) * 7, burst=0.5, revisits=5, authored=1.0),
    Habit("tiny blog", (0.12,) * 7, burst=0.5, revisits=2, authored=1.0),
    Habit("weekly magazine", (0, 0, 0, 14, 1, 0, 0), words=1_500),
    Habit("agency", (400, 400, 400, 400, 390, 300, 280), authored=0.3, authored_weekend=0.1, words=220),
    Habit("guest writers at weekends", (20, 20, 20, 20, 20, 10, 10), authored=0.95, authored_weekend=0.35),
    Habit("shaky server", (15,) * 7, failing=0.08, burst=0.3),
)


def year(habit: Habit, seed: int, days: int = 365) -> dict[int, SourcePeriod]:
    """The counts of one healthy source over days, by period number."""
    rng = random.Random(f"{habit.name} {seed}")
    first = DAYS.number(START)
    return {first + day: _day(habit, rng, first + day) for day in range(days)}


def _day(habit: Habit, rng: random.Random, number: int) -> SourcePeriod:
    at = DAYS.start(number)
    rate = habit.by_weekday[at.weekday()] * math.exp(rng.gauss(0, habit.burst) - habit.burst**2 / 2)
    if (at.month, at.day) in HOLIDAYS:
        rate *= habit.holiday
    new = _poisson(rng, rate)
    versions = new + _binomial(rng, new, 0.15)
    authored = habit.authored_weekend if at.weekday() >= 5 else habit.authored
    pages = new + _binomial(rng, habit.revisits, 0.9)
    failing = habit.failing if rng.random() > 0.03 else min(0.3, 6 * habit.failing)
    failed = _binomial(rng, pages, failing)
    empty = _binomial(rng, versions, 0.03)
    return period(
        number,
        source=habit.name,
        request_count=pages + 24,
        listing_count=24,
        listing_read_count=24 - _binomial(rng, 24, failing),
        page_count=pages,
        answered_count=pages - failed,
        server_error_count=_binomial(rng, failed, 0.5),
        unreachable_count=_binomial(rng, failed, 0.5),
        client_error_count=_binomial(rng, pages, 0.01),
        redirected_count=_binomial(rng, pages - failed, 0.05),
        redirect_target_count=_binomial(rng, pages - failed, 0.05),
        denied_count=_binomial(rng, pages, 0.02),
        latency_count=pages,
        latency_median_s=0.3 * math.exp(rng.gauss(0, 0.25)),
        capture_count=versions + empty,
        new_count=new,
        empty_count=empty,
        paywall_count=_binomial(rng, versions, 0.2),
        version_count=versions,
        dated_count=_binomial(rng, versions, habit.dated),
        authored_count=_binomial(rng, versions, authored),
        word_median=_median_words(rng, habit.words, versions),
        text_count=versions,
        distinct_text_count=versions - _binomial(rng, versions, 0.03),
        templates=[TemplateCount(signature=TEMPLATE, page_count=versions)] if versions else [],
        robots_digests=["https://paper.example " + ("aaaa" if at.month < 9 else "bbbb")] if pages else [],
    )


def _median_words(rng: random.Random, words: float, count: int) -> float | None:
    drawn = sorted(words * math.exp(rng.gauss(0, 0.7)) for _ in range(count))
    return drawn[count // 2] if drawn else None


def _binomial(rng: random.Random, count: int, share: float) -> int:
    return sum(rng.random() < share for _ in range(count))


def _poisson(rng: random.Random, rate: float) -> int:
    if rate > 50:
        return max(0, round(rng.gauss(rate, math.sqrt(rate))))
    limit, product, count = math.exp(-rate), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def hours(days: int, seed: int) -> Iterator[SourcePeriod]:
    """A paper hour by hour: busy by day, silent from midnight to five."""
    rng, grid = random.Random(seed), Grid(timedelta(hours=1))
    for number in range(grid.number(START), grid.number(START) + 24 * days):
        hour = grid.start(number).hour
        new = 0 if hour < 5 else _poisson(rng, 6 if 7 <= hour < 20 else 2)
        yield period(
            number,
            grid=grid,
            request_count=4 + new,
            page_count=new,
            answered_count=new,
            new_count=new,
            capture_count=new,
            version_count=new,
            dated_count=new,
            authored_count=new,
            text_count=new,
            distinct_text_count=new,
            templates=[TemplateCount(signature=TEMPLATE, page_count=new)] if new else [],
        )
