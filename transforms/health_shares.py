"""Checks on shares: how many of so many went wrong, beside how many usually do.

A check fires where the count would be a surprise (less than one in a thousand) even at the upper end of what is usual,
and the share is worse by so much that a person would care. The upper end is the wider of two: the Wilson bound over all
usual periods, and what one period in ten had, so that weekends and other habits do not count as news.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transforms.health_bounds import binomial_tail, quantile, upper_share
from transforms.health_past import Finding, Past, Result, Standing
from transforms.health_records import Severity, SourcePeriod, SourceVerdict

SURPRISE = 0.001
OUTAGE_SURPRISE = 0.01
"""Where all of at least `ENOUGH` went wrong that should go well: that is an outage, not bad luck many times."""
ENOUGH = 4
"""Things counted, from which on a period can be cleared; fewer are taken together with earlier periods."""
HABIT_SHARE = 0.9
"""The share of usual periods that the bound is not below."""
SETTLED = 5
"""Things counted in the past, from which on there is something usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCheck:
    """One share: what is counted, of what, and how much worse than usual it must be."""

    verdict: SourceVerdict
    bad: Callable[[SourcePeriod], int]
    total: Callable[[SourcePeriod], int]
    measure: str
    words: str
    """The sentence: `{bad}` and `{good}` of `{total}`, `{usual}` per cent as usual."""
    worse_by: float = 0.3
    share_min: float = 0.0
    bad_min: int = 3
    is_expected_good: bool = False
    """Whether a source without a past is taken to be well, so that what never worked is found too."""
    critical_from: float = 1.1
    """The share from which the verdict is critical, not a warning."""
    periods_max: int = 5


def _asked(row: SourcePeriod) -> int:
    """Requests that were made or put off."""
    return row.request_count + row.put_off_count


def _failed(row: SourcePeriod, count: int) -> int:
    """Requests that failed in one way; what was put off as well goes to the way in which most failed."""
    others = (row.unreachable_count, row.server_error_count, row.client_error_count, row.rate_limited_count)
    return count + row.put_off_count if count and count == max(others) else count


SHARE_CHECKS: tuple[ShareCheck, ...] = (
    ShareCheck(
        verdict=SourceVerdict.UNREACHABLE,
        bad=lambda row: _failed(row, row.unreachable_count),
        total=_asked,
        measure="share of requests without an answer",
        words="{bad} of {total} requests had no answer or were put off; usually {usual} % have none",
        is_expected_good=True,
        critical_from=0.8,
        periods_max=3,
    ),
    ShareCheck(
        verdict=SourceVerdict.SERVER_ERRORS,
        bad=lambda row: _failed(row, row.server_error_count),
        total=_asked,
        measure="share of requests answered by a 5xx",
        words="{bad} of {total} requests ended in a server error (5xx) or were put off; usually {usual} % do",
        worse_by=0.2,
        is_expected_good=True,
        critical_from=0.8,
        periods_max=3,
    ),
    ShareCheck(
        verdict=SourceVerdict.CLIENT_ERRORS,
        bad=lambda row: _failed(row, row.client_error_count),
        total=_asked,
        measure="share of requests answered by a 4xx",
        words="{bad} of {total} requests were refused (4xx) or put off; usually {usual} % are",
        worse_by=0.2,
        is_expected_good=True,
        critical_from=0.8,
        periods_max=3,
    ),
    ShareCheck(
        verdict=SourceVerdict.RATE_LIMITED,
        bad=lambda row: _failed(row, row.rate_limited_count),
        total=_asked,
        measure="share of requests answered by a wish to wait",
        words="{bad} of {total} requests were answered by a wish to wait (429) or put off; usually {usual} % are",
        worse_by=0.15,
        is_expected_good=True,
        periods_max=3,
    ),
    ShareCheck(
        verdict=SourceVerdict.ALL_REDIRECT,
        bad=lambda row: row.redirected_count,
        total=lambda row: row.answered_count,
        measure="share of pages that lie elsewhere",
        words="{bad} of {total} pages were redirected; usually {usual} % are",
        worse_by=0.4,
        share_min=0.8,
        critical_from=2.0,
    ),
    ShareCheck(
        verdict=SourceVerdict.ROBOTS_CHANGED,
        bad=lambda row: row.denied_count,
        total=lambda row: row.page_count,
        measure="share of pages that robots.txt closes",
        words="robots.txt now closes {bad} of {total} pages; usually {usual} %",
        worse_by=0.2,
        bad_min=4,
        critical_from=0.8,
    ),
    ShareCheck(
        verdict=SourceVerdict.CONSENT_WALL,
        bad=lambda row: row.consent_count,
        total=lambda row: row.capture_count,
        measure="share of pages that are a consent dialogue",
        words="{bad} of {total} pages are a consent dialogue; usually {usual} % are",
        is_expected_good=True,
        critical_from=0.8,
    ),
    ShareCheck(
        verdict=SourceVerdict.EMPTY_PAGES,
        bad=lambda row: row.empty_count,
        total=lambda row: row.capture_count,
        measure="share of pages without text",
        words="{bad} of {total} pages gave no article text; usually {usual} % give none",
        critical_from=0.8,
    ),
    ShareCheck(
        verdict=SourceVerdict.DATES_GONE,
        bad=lambda row: row.version_count - row.dated_count,
        total=lambda row: row.version_count,
        measure="share of articles without a date",
        words="{good} of {total} articles state when they were published; usually {usual_good} % do",
        worse_by=0.4,
        critical_from=0.9,
    ),
    ShareCheck(
        verdict=SourceVerdict.AUTHORS_GONE,
        bad=lambda row: row.version_count - row.authored_count,
        total=lambda row: row.version_count,
        measure="share of articles without an author",
        words="{good} of {total} articles name an author; usually {usual_good} % do",
        worse_by=0.4,
    ),
    ShareCheck(
        verdict=SourceVerdict.DUPLICATES,
        bad=lambda row: row.text_count - row.distinct_text_count,
        total=lambda row: row.text_count,
        measure="share of texts that stand under another address too",
        words="{bad} of {total} texts repeat another one of the same period; usually {usual} % do",
    ),
)

PAYWALL = ShareCheck(
    verdict=SourceVerdict.PAYWALL_TEASER,
    bad=lambda row: row.paywall_count,
    total=lambda row: row.capture_count,
    measure="share of pages that must be paid for",
    words="{bad} of {total} pages say that they must be paid for; usually {usual} % do",
)
"""Counts only where texts became shorter as well (`transforms.health_sizes`): many sites mark pages that are whole."""


def check_share(check: ShareCheck, past: Past) -> Result:
    """Whether the share in the latest periods is worse than usual.

    What looks worse in few cases is looked at again with those of earlier periods: a fault often begins in the middle.
    """
    first = _compare(check, past, ENOUGH)
    if isinstance(first, Finding) or not first.is_worse:
        return first if isinstance(first, Finding) else first.standing
    second = _compare(check, past, 3 * ENOUGH)
    return second if isinstance(second, Finding) else first.standing


@dataclass(frozen=True, slots=True)
class _NotSure:
    """A share that is no finding: what it says, and whether it would be worse if it were sure."""

    standing: Standing
    is_worse: bool = False


def _compare(check: ShareCheck, past: Past, enough: int) -> Finding | _NotSure:
    recent = past.recent(check.total, enough=enough, periods_max=check.periods_max)
    if not recent:
        return _NotSure(Standing.UNKNOWN)
    bad = sum(check.bad(row) for _, row in recent)
    total = sum(check.total(row) for _, row in recent)
    is_enough = total >= ENOUGH
    if bad < check.bad_min:
        return _NotSure(Standing.CLEAR if is_enough or not bad else Standing.UNKNOWN, is_worse=2 * bad > total)
    usual_bad, usual_total, habits = 0, 0, []
    for row in past.usual(recent[-1][0]):
        if n := check.total(row):
            usual_bad += check.bad(row)
            usual_total += n
            if n >= ENOUGH:
                habits.append(check.bad(row) / n)
    if usual_total < SETTLED:
        if not check.is_expected_good:
            return _NotSure(Standing.UNKNOWN)
        usual_bad, usual_total = 0, 2 * SETTLED
    if check.is_expected_good and not usual_bad:
        usual_total = max(usual_total, 2 * SETTLED)  # a short good past is no reason to expect less than none at all
    usual, share = usual_bad / usual_total, bad / total
    bound = max(upper_share(usual_bad, usual_total), quantile(habits, HABIT_SHARE) if habits else 0.0)
    is_worse = share >= max(check.share_min, usual + check.worse_by)
    is_outage = check.is_expected_good and bad == total and is_enough
    if not is_worse or binomial_tail(bad, total, bound) >= (OUTAGE_SURPRISE if is_outage else SURPRISE):
        return _NotSure(Standing.CLEAR if is_enough else Standing.UNKNOWN, is_worse)
    words = check.words.format(
        bad=bad, good=total - bad, total=total, usual=round(100 * usual), usual_good=round(100 * (1 - usual))
    )
    return Finding(
        measure=check.measure,
        measured=share,
        high=bound,
        severity=Severity.CRITICAL if share >= check.critical_from else Severity.WARNING,
        sentence=words,
    )
