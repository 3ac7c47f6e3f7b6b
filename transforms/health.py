"""Source health: every source is judged, period by period, beside its own past.

Pure: the counts of each period and the clock go in, the verdicts come out. A verdict holds from the period in which its
check first fires until a period whose evidence clears it; where there is no new evidence it stands, for at most
`RECENT_MAX` periods. So each period depends on those before it, and judging on from any period gives what judging from
the first one gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from transforms.health_frame import check_robots, check_template
from transforms.health_grid import Grid
from transforms.health_past import RECENT_MAX, Finding, Past, Result, Standing
from transforms.health_records import ADVICE, SourcePeriod, SourceVerdict, VerdictRow
from transforms.health_shares import SHARE_CHECKS, check_share
from transforms.health_sizes import check_paywall, check_short, check_slow
from transforms.health_volume import check_asked, check_fewer, check_silent

NOT_JUDGED = frozenset({"ingest"})
"""Files given by hand have no rhythm and no site."""

_CHECKS: dict[SourceVerdict, Callable[[Past], Result]] = {
    **{check.verdict: partial(check_share, check) for check in SHARE_CHECKS},
    SourceVerdict.ROBOTS_CHANGED: check_robots,
    SourceVerdict.PAYWALL_TEASER: check_paywall,
    SourceVerdict.SHORT_TEXTS: check_short,
    SourceVerdict.TEMPLATE_CHANGED: check_template,
    SourceVerdict.SLOW: check_slow,
    SourceVerdict.SILENT: check_silent,
    SourceVerdict.FEWER_ARTICLES: check_fewer,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known when a source is judged on from some period: its counts, and the verdicts before that period."""

    facts: Mapping[int, SourcePeriod]
    before: Iterable[VerdictRow] = ()
    """The rows of the very period before it."""


def judge(
    source: str, history: History, *, first: int, now: datetime, grid: Grid, busy: frozenset[int] = frozenset()
) -> list[VerdictRow]:
    """The verdicts on one source from period `first` to the running one, by period and then as the enumeration goes.

    `busy` are the periods in which any source was asked.
    """
    if source in NOT_JUDGED or not history.facts:
        return []
    running = grid.number(now)
    last = min(running, max(history.facts) + grid.window)
    standing = {row.verdict: row for row in history.before}
    checks: dict[SourceVerdict, Callable[[Past], Result]] = {
        **_CHECKS,
        SourceVerdict.NOT_ASKED: partial(check_asked, busy=busy),
    }
    rows: list[VerdictRow] = []
    for number in range(first, last + 1):
        found: dict[SourceVerdict, VerdictRow] = {}
        for verdict in SourceVerdict:
            before = standing.get(verdict)
            past = Past(history.facts, number, running, grid, _excused(before, number, grid))
            row = _row(source, verdict, checks[verdict](past), past, before)
            if row is not None:
                found[verdict] = row
        standing = found
        rows.extend(found.values())
    return [replace(row, is_open=grid.number(row.period_at) == running) for row in rows]


def _excused(before: VerdictRow | None, number: int, grid: Grid) -> Collection[int]:
    """Periods that do not count as usual: those of the verdict that holds now, until that is half of the past.

    A verdict that has ended does count: what comes and goes, such as a weekend without by-lines, is a habit.
    """
    since = grid.number(before.since_at) if before else number
    return range(since, number) if number - since <= grid.window // 2 else ()


def _row(
    source: str, verdict: SourceVerdict, result: Result, past: Past, before: VerdictRow | None
) -> VerdictRow | None:
    at = past.grid.start(past.number)
    if isinstance(result, Finding):
        return VerdictRow(
            source=source,
            period_at=at,
            period_s=past.grid.period_s,
            verdict=verdict,
            severity=result.severity,
            since_at=before.since_at if before else at,
            seen_at=at,
            is_open=False,
            measure=result.measure,
            measured=result.measured,
            expected_low=result.low,
            expected_high=result.high,
            sentence=result.sentence,
            advice=ADVICE[verdict],
        )
    stands = result is Standing.UNKNOWN and before and past.number - past.grid.number(before.seen_at) < RECENT_MAX
    return replace(before, period_at=at) if before and stands else None
