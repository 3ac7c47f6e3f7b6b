"""When is it due again? The times at which pages are revisited and feeds are polled. Pure; times are since 1970."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from transforms.outcome import Outcome
from warehouse.ledger_rows import DocumentState, UrlState

POLL_FIRST_S = 900.0
POLL_MIN_S = 300.0
POLL_MAX_S = 86_400.0
_BACKOFF_FIRST_S = 3_600.0
_BACKOFF_MAX_S = 604_800.0
_ATTEMPTS_MAX = 6
_A_DAY_S = 86_400.0
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)

_UNTOUCHED = frozenset([Outcome.DEFERRED, Outcome.BUDGET])
_NEVER_AGAIN = frozenset([Outcome.OUT_OF_SCOPE, Outcome.DUPLICATE])  # a duplicate's target is visited by itself
_LASTING = frozenset(
    [Outcome.NOT_HTML, Outcome.TOO_LARGE, Outcome.BAD_REDIRECT, Outcome.REDIRECT_LOOP, Outcome.OPTED_OUT]
)


def is_due(state: UrlState, listed_modified_at: float | None, now: float) -> bool:
    """Whether a known URL is to be asked for: its time has come, or the listing says that it changed since."""
    if state.due_at is not None and state.due_at <= now:
        return True
    if listed_modified_at is None or state.captured_at is None or state.gone_at is not None:
        return False
    return listed_modified_at > state.captured_at and listed_modified_at != state.listed_modified_at


def after_fetch(  # noqa: PLR0911 - one return an outcome
    state: UrlState, outcome: Outcome, now: float, pause_s: float | None, detail: str | None
) -> UrlState:
    """A URL's state after an outcome: when it is due next, how often it failed, whether it is gone.

    `pause_s` is the time to the next visit of a page that is still there. Validators and digest are the caller's to
    set: they come from the answer.
    """
    known = replace(state, run_id=None)
    if outcome in _UNTOUCHED:
        return replace(known, due_at=min(state.due_at or now, now))
    known = replace(known, outcome=outcome.value, outcome_at=now)
    if outcome in (Outcome.CAPTURED, Outcome.NOT_MODIFIED):
        due_at = None if pause_s is None else now + pause_s
        return replace(known, visits=state.visits + 1, attempts=0, due_at=due_at, gone_at=None)
    if outcome in _NEVER_AGAIN:
        return replace(known, due_at=None)
    attempts = state.attempts + 1
    if state.captured_at is not None and is_gone(outcome, detail):
        # Seen gone twice, a day apart, it stays gone: no third visit.
        due_at = None if state.gone_at is not None else now + _A_DAY_S
        return replace(known, attempts=attempts, gone_at=state.gone_at or now, due_at=due_at)
    if outcome in _LASTING or outcome is Outcome.HTTP_4XX:
        due_at = now + _A_DAY_S if attempts == 1 and outcome is Outcome.HTTP_4XX else None
        return replace(known, attempts=attempts, due_at=due_at)
    if attempts >= _ATTEMPTS_MAX:
        return replace(known, attempts=attempts, due_at=None)
    return replace(known, attempts=attempts, due_at=now + min(_BACKOFF_MAX_S, _BACKOFF_FIRST_S * 2 ** (attempts - 1)))


def is_gone(outcome: Outcome, detail: str | None) -> bool:
    """Whether an outcome says that there is no such page (404 or 410)."""
    return outcome is Outcome.HTTP_4XX and any(status in (detail or "") for status in ("status 404", "status 410"))


def after_poll(
    document: DocumentState,
    *,
    now: float,
    interval_s: float | None,
    new_count: int,
    ttl_s: float | None = None,
    skip_hours: frozenset[int] = frozenset(),
    fields: Mapping[str, str] | None = None,
) -> DocumentState:
    """When a feed or sitemap that was read is to be polled next.

    With an interval it is that. Without, the pause halves when there was something new and grows by half when there was
    not. What the owner asks for (`ttl`, Cache-Control, skipped hours) only ever makes the pause longer.
    """
    if interval_s is None:
        last = document.poll_s or POLL_FIRST_S
        pause = last if document.poll_s is None else (last / 2 if new_count else last * 1.5)
        pause = min(POLL_MAX_S, max(POLL_MIN_S, pause))
    else:
        pause = interval_s
    poll_s = pause
    if interval_s is None or interval_s > 0:  # "0s" is said by someone who owns the site
        match = _MAX_AGE.search((fields or {}).get("cache-control", ""))
        pause = max(pause, min(POLL_MAX_S, ttl_s or 0.0), min(POLL_MAX_S, float(match[1]) if match else 0.0))
    due_at = _outside(now + pause, skip_hours)
    return replace(document, due_at=due_at, poll_s=poll_s, outcome_at=now, failures=0)


def after_failed_poll(document: DocumentState, *, now: float, interval_s: float | None) -> DocumentState:
    """When a feed or sitemap that could not be read is to be polled next: each time later, at most a day."""
    failures = document.failures + 1
    base = POLL_FIRST_S if interval_s is None else interval_s
    return replace(
        document, due_at=now + min(POLL_MAX_S, base * 2 ** min(10, failures - 1)), outcome_at=now, failures=failures
    )


def _outside(at: float, skip_hours: frozenset[int]) -> float:
    for _ in range(24):
        if datetime.fromtimestamp(at, UTC).hour not in skip_hours:
            break
        at = (at // 3_600 + 1) * 3_600
    return at
