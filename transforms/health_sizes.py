"""Checks on sizes: texts much shorter, answers much slower than usual.

Medians of periods are compared on a logarithmic scale, where half and double lie equally far away.
"""

from __future__ import annotations

import math
from statistics import median

from transforms.health_bounds import spread
from transforms.health_past import Finding, Past, Result, Standing
from transforms.health_records import Severity, SourcePeriod
from transforms.health_shares import ENOUGH, PAYWALL, SETTLED, check_share

SIGMAS = 3.5
SHORT = 0.5
"""Texts this much shorter are worth a word."""
WORD_SIGMA = 0.8
"""Spread of the logarithm of one article's length: what a median of few articles owes to chance."""
SLOW_FACTOR, SLOW_BY_S = 3.0, 1.0
"""Slower by both: a loopback's milliseconds triple without anybody noticing."""
_LEAST_SIGMA = 0.15
_ANSWERS_MIN = 3


def check_short(past: Past) -> Result:
    """Whether the articles' median length is far below what it usually is."""
    recent = past.recent(_versions, enough=ENOUGH, periods_max=5)
    count = sum(row.version_count for _, row in recent)
    usual = [row for row in past.usual(recent[-1][0]) if row.word_median] if recent else []
    if count < ENOUGH or sum(row.version_count for row in usual) < SETTLED:
        return Standing.UNKNOWN
    words = median(row.word_median or 0.0 for _, row in recent)
    if words >= SHORT * max(row.word_median or 0.0 for row in usual):
        return Standing.CLEAR
    logs = [math.log(row.word_median) for row in usual if row.word_median]
    middle = median(logs)
    sigma = math.hypot(max(spread(logs), _LEAST_SIGMA), WORD_SIGMA / math.sqrt(count))
    low = math.exp(min(middle - SIGMAS * sigma, middle + math.log(SHORT)))
    if words >= low:
        return Standing.CLEAR
    return Finding(
        measure="median words of an article",
        measured=words,
        low=low,
        severity=Severity.WARNING,
        sentence=f"articles have {words:.0f} words in the median; usually {math.exp(middle):.0f}",
    )


def check_paywall(past: Past) -> Result:
    """Whether more pages than usual must be paid for, and their texts became short."""
    marked = check_share(PAYWALL, past)
    if not isinstance(marked, Finding):
        return marked
    recent = past.recent(_versions, enough=ENOUGH, periods_max=5)
    if not recent:
        return marked
    usual = [row.word_median for row in past.usual(recent[-1][0]) if row.word_median]
    words = median(row.word_median or 0.0 for _, row in recent)
    if not usual or words >= SHORT * median(usual):
        return Standing.CLEAR
    return Finding(
        measure=marked.measure,
        measured=marked.measured,
        high=marked.high,
        severity=marked.severity,
        sentence=f"{marked.sentence}; articles have {words:.0f} words, usually {median(usual):.0f}",
    )


def check_slow(past: Past) -> Result:
    """Whether answers take much longer than usual."""
    recent = past.recent(_answers, enough=ENOUGH, periods_max=3)
    if sum(row.latency_count for _, row in recent) < _ANSWERS_MIN:
        return Standing.UNKNOWN
    seconds = median(row.latency_median_s or 0.0 for _, row in recent)
    if seconds <= SLOW_BY_S:
        return Standing.CLEAR
    usual = [row for row in past.usual(recent[-1][0]) if row.latency_median_s is not None]
    if sum(row.latency_count for row in usual) < SETTLED:
        return Standing.UNKNOWN
    logs = [math.log(max(row.latency_median_s or 0.0, 0.001)) for row in usual]
    middle = median(logs)
    sigma = max(spread(logs), 2 * _LEAST_SIGMA)
    usual_s = math.exp(middle)
    high = max(SLOW_FACTOR * usual_s, usual_s + SLOW_BY_S, math.exp(middle + SIGMAS * sigma))
    if seconds <= high:
        return Standing.CLEAR
    return Finding(
        measure="median seconds of an answer",
        measured=seconds,
        high=high,
        severity=Severity.NOTICE,
        sentence=f"answers take {seconds:.1f} s in the median; usually {usual_s:.1f} s",
    )


def _versions(row: SourcePeriod) -> int:
    return row.version_count


def _answers(row: SourcePeriod) -> int:
    return row.latency_count
