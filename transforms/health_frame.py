"""Checks on what frames the articles: the pages' template, and the robots.txt that is obeyed."""

from __future__ import annotations

from collections import Counter

from transforms.health_bounds import binomial_tail
from transforms.health_past import Finding, Past, Result, Standing
from transforms.health_records import Severity, SourcePeriod, SourceVerdict
from transforms.health_shares import ENOUGH, SETTLED, SHARE_CHECKS, SURPRISE, check_share
from transforms.structure import is_same_template

UNKNOWN_SHARE = 0.3
"""Pages of a template not seen before, that may be any day: a gallery, a special."""
CHANGED_SHARE = 0.6
RESTLESS = 3
"""A site that had so many robots.txt before changes it all the time."""

_CLOSED = next(check for check in SHARE_CHECKS if check.verdict is SourceVerdict.ROBOTS_CHANGED)


def check_template(past: Past) -> Result:
    """Whether most pages are built by a template that none of the usual periods had."""
    recent = past.recent(_signed, enough=ENOUGH, periods_max=5)
    total = sum(_signed(row) for _, row in recent)
    if total < ENOUGH:
        return Standing.UNKNOWN
    left = Counter[int]()
    for _, row in recent:
        left.update({t.signature: t.page_count for t in row.templates})
    known, known_pages = set[int](), 0
    for row in past.usual(recent[-1][0]):
        known_pages += _signed(row)
        for signature in {t.signature for t in row.templates} - known:
            known.add(signature)
            for near in [s for s in left if is_same_template(s, signature)]:
                del left[near]
        if known_pages >= SETTLED and left.total() < CHANGED_SHARE * total:
            return Standing.CLEAR
    if known_pages < SETTLED:
        return Standing.UNKNOWN
    strange = left.total()
    if binomial_tail(strange, total, UNKNOWN_SHARE) >= SURPRISE:
        return Standing.CLEAR
    return Finding(
        measure="share of pages of a template not seen before",
        measured=strange / total,
        high=UNKNOWN_SHARE,
        severity=Severity.NOTICE,
        sentence=f"{strange} of {total} pages are built by a template not seen before",
    )


def check_robots(past: Past) -> Result:
    """Whether robots.txt closes more pages than it did, or is another one than it was."""
    closed = check_share(_CLOSED, past)
    if isinstance(closed, Finding):
        return closed
    row = past.facts.get(past.number)
    if row is None or not row.robots_digests:
        return Standing.UNKNOWN
    if set(row.robots_digests) <= set(_digests(past.facts.get(past.number - 1))):
        return Standing.CLEAR
    seen: dict[str, set[str]] = {}
    for number in range(past.number - past.grid.window, past.number):
        for site, _, digest in (text.partition(" ") for text in _digests(past.facts.get(number))):
            seen.setdefault(site, set()).add(digest)
    now = [text.partition(" ") for text in row.robots_digests]
    changed = sorted({site for site, _, digest in now if site in seen and digest not in seen[site]})
    changed = [site for site in changed if len(seen[site]) < RESTLESS]
    if not changed:
        return Standing.CLEAR
    return Finding(
        measure="robots.txt files that changed",
        measured=float(len(changed)),
        high=0.0,
        severity=Severity.NOTICE,
        sentence=f"robots.txt of {', '.join(changed[:3])} changed; no more pages than usual are closed",
    )


def _digests(row: SourcePeriod | None) -> list[str]:
    return row.robots_digests if row is not None else []


def _signed(row: SourcePeriod) -> int:
    return sum(t.page_count for t in row.templates)
