"""Whether a text holds any of many words, given as patterns: a search that looks at few places.

A pattern of many alternatives is tried, alternative by alternative, at each place of a text, unless each of them begins
with a letter: then `re` skips to the next place that has such a letter. So alternatives are taken out of the groups
that they begin with, and those that hold for the beginning of a text alone are asked there alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LETTER = re.compile(r"[\w \-](?![?*{+])|\\-(?![?*{+])")


class Words:
    """Patterns of which any may be in a text."""

    def __init__(self, patterns: Sequence[str]) -> None:
        parts = list(dict.fromkeys(part for pattern in patterns for part in alternatives(pattern)))
        free = [part for part in parts if _unanchored(part) == part]
        lettered = [part for part in free if _LETTER.match(part) is not None]
        others = [part for part in free if _LETTER.match(part) is None]
        anchored = [_unanchored(part) for part in parts if _unanchored(part) != part]
        self._lettered = re.compile("|".join(lettered)).search if lettered else None
        self._others = re.compile("|".join(others)).search if others else None
        self._anchored = re.compile("|".join(anchored)).match if anchored else None

    def are_in(self, text: str) -> bool:
        """Whether one of the patterns is found."""
        return (
            (self._lettered is not None and self._lettered(text) is not None)
            or (self._anchored is not None and self._anchored(text) is not None)
            or (self._others is not None and self._others(text) is not None)
        )


def _unanchored(part: str) -> str:
    return part.removeprefix(r"\A").removeprefix("^")


def alternatives(pattern: str) -> Iterator[str]:
    """The alternatives of a pattern, those of a group at its beginning too."""
    for part in _parts(pattern):
        start = len(part) - len(_unanchored(part))
        end = end_of_group(part, start) if part.startswith("(?:", start) else -1
        if end < 0 or part[end + 1 : end + 2] in ("?", "*", "{", "+"):
            yield part
            continue
        for inner in _parts(part[start + len("(?:") : end]):
            yield from alternatives(part[:start] + inner + part[end + 1 :])


def _parts(pattern: str) -> Iterator[str]:
    """What "|" divides outside of groups and sets."""
    start = 0
    for place, sign, depth in _signs(pattern):
        if sign == "|" and depth == 0:
            yield pattern[start:place]
            start = place + 1
    yield pattern[start:]


def end_of_group(pattern: str, start: int) -> int:
    """Where the group that begins at a place ends; -1 where it does not."""
    return next((place for place, sign, depth in _signs(pattern, start) if sign == ")" and depth == 0), -1)


def _signs(pattern: str, place: int = 0) -> Iterator[tuple[int, str, int]]:
    """Brackets of groups and bars from a place on, none that is escaped or in a set, and the depth after each."""
    depth, is_set = 0, False
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            place += 1
        elif is_set:
            is_set = letter != "]"
        elif letter == "[":
            is_set = True
            place += pattern[place + 1 : place + 2] in ("]", "^")
        elif letter in "()|":
            depth += (letter == "(") - (letter == ")")
            yield place, letter, depth
        place += 1
