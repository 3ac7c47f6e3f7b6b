"""Which of some patterns a word begins, asked by its first letter.

A few hundred names in twenty patterns are tried one after the other at each word of a page's names. Most words can
begin only one or two dozen of them, which their first letter tells: so there is a pattern for each letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class FirstOf:
    """Patterns in their order, each a group of alternatives, `(?:ads?|advert(?:s|ising)?)`, that captures nothing."""

    def __init__(self, patterns: Sequence[str], end: str) -> None:
        """`end` is what must follow a match. Raises ValueError for a pattern that is no group."""
        self._groups = [_inner(pattern) for pattern in patterns]
        self._end = end
        self._by_letter: dict[str, tuple[re.Pattern[str], tuple[int, ...]]] = {}

    def number_at(self, text: str, place: int) -> int | None:
        """The number of the first pattern that matches at a place, from 0; None where none does."""
        letter = text[place : place + 1]
        if letter not in _LETTERS:
            letter = ""
        known = self._by_letter.get(letter)
        if known is None:  # compiled when first asked for: all of them take a tenth of a second
            known = self._by_letter[letter] = _one_pattern(self._groups, letter, self._end)
        pattern, numbers = known
        match = pattern.match(text, place)
        return numbers[match.lastindex - 1] if match is not None and match.lastindex else None


def _one_pattern(groups: Sequence[str], letter: str, end: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """What can begin with a letter of all groups, as one pattern, and which group of it is which of them."""
    left = []
    for number, group in enumerate(groups):
        kept = [part for part in _parts(group) if (first := _first_letters(part)) is None or letter in first]
        if kept:
            left.append((number, f"({'|'.join(kept)})"))
    return re.compile(f"(?:{'|'.join(group for _, group in left) or '(?!)'}){end}"), tuple(n for n, _ in left)


def _inner(pattern: str) -> str:
    if not pattern.startswith("(?:") or _end_of_group(pattern) != len(pattern) - 1:
        raise ValueError(f"no group of alternatives: {pattern}")
    return pattern[len("(?:") : -1]


def _parts(group: str) -> Iterator[str]:
    """The alternatives of a group."""
    depth = start = 0
    for place, character in enumerate(group):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            yield group[start:place]
            start = place + 1
    yield group[start:]


def _first_letters(part: str) -> frozenset[str] | None:
    """The letters that an alternative can begin with, None for any."""
    if part.startswith("(?:"):
        end = _end_of_group(part)
        found = [_first_letters(inner) for inner in _parts(part[len("(?:") : end])]
        if part[end + 1 : end + 2] in ("?", "*") or not all(found):
            return None
        return frozenset().union(*filter(None, found))
    return frozenset(part[0]) if part[:1].isalnum() and part[1:2] not in ("?", "*") else None


def _end_of_group(text: str) -> int:
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
    raise ValueError(f"an open group: {text}")
