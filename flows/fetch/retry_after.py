"""Retry-After in both of its forms: a number of seconds, or a date."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

A_DAY_S = 86_400.0


def retry_after_s(value: str | None, now: float) -> float | None:
    """Seconds from `now` (since 1970) that a Retry-After header asks for, at most a day; None where it says nothing.

    A date in the past is 0. What is neither number nor date says nothing.
    """
    text = (value or "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if seconds != seconds:  # NaN  # noqa: PLR0124
        return None
    return min(max(0.0, seconds), A_DAY_S)
