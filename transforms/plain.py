"""One line of plain text from a metadata value: what a person would read in it, never longer than a cap.

Values in meta tags and JSON-LD are escaped once, twice or not at all, hold markup, control characters and lone
surrogates, and can be half a megabyte. The cap comes first, so that no later step sees more than it.
"""

from __future__ import annotations

import html
import re

LINE_MAX = 2_000
"""Letters that one metadata value keeps: far above any name, headline or standfirst."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>|<!--.{0,500}?-->", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SOFT = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff\xad]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ANY = re.compile(f"{_CONTROL.pattern}|{_SOFT.pattern}|{_SURROGATE.pattern}".replace("]|[", ""))


def plain(value: object, limit: int = LINE_MAX) -> str:
    """`value` as one line of at most `limit` letters; "" for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:limit]
    for _ in range(2):
        if "&" not in text:
            break
        text = html.unescape(text)
    if "\x80" in text:
        text = _remade(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    line = " ".join(text.split())
    if not line.isprintable() and _ANY.search(line) is not None:
        line = _CONTROL.sub(" ", _SOFT.sub("", _SURROGATE.sub("\ufffd", line)))
        line = " ".join(line.split())
    return line[:limit]


def _remade(text: str) -> str:
    """UTF-8 that was once read as Latin-1, read again: the control character that it leaves betrays it."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
