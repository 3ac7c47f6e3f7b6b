"""The values of a `[[source]]` table, each checked: what is wrong is said with the key that it is wrong in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from transforms.site_rules import check_selector, date_pattern

_DURATION = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class KeyProblemError(Exception):
    """A key and what is wrong with it; whoever knows the file and the source puts them in front."""


def text_of(table: dict[str, Any], key: str) -> str:
    """A text that must be there."""
    value = table.get(key)
    if value is None:
        raise KeyProblemError(f"key {key!r} is missing")
    if not isinstance(value, str) or not value.strip():
        raise KeyProblemError(f"key {key!r}: must be a text, not {value!r}")
    return value


def texts(table: dict[str, Any], key: str) -> tuple[str, ...]:
    """A text or a list of texts; nothing gives none."""
    value = table.get(key, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise KeyProblemError(f"key {key!r}: must be a text or a list of texts")
    return tuple(listed)


def patterns(table: dict[str, Any], key: str) -> tuple[re.Pattern[str], ...]:
    """Regular expressions, compiled."""
    compiled = []
    for text in texts(table, key):
        try:
            compiled.append(re.compile(text))
        except re.error as error:
            raise KeyProblemError(f"key {key!r}: {text!r} is not a regular expression: {error}") from None
    return tuple(compiled)


def number(table: dict[str, Any], key: str, default: int) -> int:
    """A whole number of at least 1."""
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise KeyProblemError(f"key {key!r}: must be a whole number of at least 1, not {value!r}")
    return value


def flag(table: dict[str, Any], key: str) -> bool:
    """true or false; nothing is false."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise KeyProblemError(f"key {key!r}: must be true or false, not {value!r}")
    return value


def headers(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """A table of HTTP headers."""
    value = table.get("headers", {})
    if not isinstance(value, dict) or not all(isinstance(v, str) and v.isprintable() for v in value.values()):
        raise KeyProblemError("key 'headers': must be a table of texts")
    return tuple(value.items())


def selectors(table: dict[str, Any], key: str) -> tuple[str, ...]:
    """CSS selectors."""
    given = texts(table, key)
    for selector in given:
        try:
            check_selector(selector)
        except ValueError as error:
            raise KeyProblemError(f"key {key!r}: {selector!r} is not a CSS selector: {error}") from None
    return given


def date_format(table: dict[str, Any], key: str) -> str | None:
    """A format of dates in strptime's words; None where the key is missing."""
    if key not in table:
        return None
    text = text_of(table, key)
    try:
        date_pattern(text)
    except ValueError as error:
        raise KeyProblemError(f"key {key!r}: {text!r} {error}") from None
    return text


def durations(table: dict[str, Any]) -> tuple[timedelta, ...] | None:
    """One time or a list of them; None where the key is missing."""
    if "revisit_after" not in table:
        return None
    value = table["revisit_after"]
    return tuple(duration("revisit_after", one) for one in (value if isinstance(value, list) else [value]))


def duration(key: str, value: object) -> timedelta:
    """A time such as `15m`."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise KeyProblemError(f"key {key!r}: must be a time such as '30s', '15m', '6h' or '7d', not {value!r}")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
