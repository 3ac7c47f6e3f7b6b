"""Which of some patterns of lines can match a line, told by the line's first three letters.

The patterns are lists of a hundred openings each, and most lines of an article begin like none of them. To look the
first letters up in one table takes a third of a microsecond; to ask the patterns one after the other takes four.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transforms.body_needles import alternatives, end_of_group

_LENGTH = 3
_SPECIAL = frozenset(".^$*+?{}[]\\|()")
_OPTIONAL = ("?", "*", "{")
_SIGNS = re.compile(r"\W*")
_SIGN_OR_NONE = re.compile(r"(?:\\[^\w\s]|\[[- ]+\])\?")
_SIGN = re.compile(r"(?:\\(?P<escaped>[^\w\s])|(?P<plain>[^\w\s\\.^$*+?{}\[\]|()]))(?![?*{])")
_NUMBER = re.compile(r"(?:\\d|\[\\d(?P<sign>\.)?\])(?:\+|\{[1-9]|(?![?*{]))")


class Openings:
    """Patterns as `line_patterns` makes them, in small letters; each has a bit, from the lowest."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._all = (1 << len(patterns)) - 1
        self._always = 0
        self._by_start: dict[str, int] = {}
        for number, pattern in enumerate(patterns):
            for start in starts_of(pattern.pattern):
                if start:
                    self._by_start[start] = self._by_start.get(start, 0) | 1 << number
                else:
                    self._always |= 1 << number

    def of(self, line: str) -> int:
        """The bits of the patterns that may match a line in small letters; all, where it begins with a number."""
        bits, get = self._always, self._by_start.get
        start = line[:_LENGTH]
        if not start[:1].isalpha():
            signs = _SIGNS.match(line)
            end = signs.end() if signs is not None else 0
            start = line[end : end + _LENGTH]
            if not start[:1].isalpha():
                return self._all
            for sign in set(line[:end]):
                bits |= get(sign, 0)
        return bits | get(start, 0) | get(start[:2], 0) | get(start[:1], 0)


def starts_of(pattern: str) -> Iterator[str]:
    """How lines begin that a pattern matches: with up to three letters or a sign, "" for any; numbers are left out."""
    for part in alternatives(pattern.removeprefix(r"\W*")):
        if part.startswith("(?:"):
            end = end_of_group(part, 0)
            if part[end + 1] != "?":
                yield ""
                continue
            yield from starts_of(part[: end + 1] + part[end + 2 :])
            yield from starts_of(part[end + 2 :])
        elif (match := _SIGN_OR_NONE.match(part)) is not None:
            yield from starts_of(part[match.end() :])
        elif (match := _SIGN.match(part)) is not None:
            yield match["escaped"] or match["plain"]
        elif (match := _NUMBER.match(part)) is not None:
            if match["sign"]:
                yield match["sign"]
        else:
            yield _first_letters(part)


def _first_letters(part: str) -> str:
    found = ""
    for place, letter in enumerate(part[:_LENGTH]):
        following = part[place + 1 : place + 2]
        if letter in _SPECIAL or following in _OPTIONAL or (letter == " " and not found):
            break
        found += letter
        if following == "+":
            break
    return found
