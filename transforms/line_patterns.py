"""Patterns of whole lines, written over several source lines.

White space at the start of a source line and the line break are no part of the pattern; all other spaces are. They are
written in small letters and match lines in small letters (`small`).
"""

from __future__ import annotations

import re

_FOLD = re.compile(r"\n\s*")


def line(pattern: str) -> re.Pattern[str]:
    """The pattern, from the start of a line."""
    return re.compile(_FOLD.sub("", pattern))


def starts(pattern: str) -> re.Pattern[str]:
    """Lines that begin so, after any signs."""
    return line(rf"\W*(?:{_FOLD.sub('', pattern)})")


def is_whole(pattern: str) -> re.Pattern[str]:
    """Lines that are nothing else, but for signs around it."""
    return line(rf"\W*(?:{_FOLD.sub('', pattern)})\W*$")
