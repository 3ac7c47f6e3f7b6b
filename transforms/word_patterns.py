"""Which of some patterns the words of a text begin, told for a whole text at once.

A few hundred names in twenty patterns are asked of each word of a page's names, and one word in ten has any. So all
alternatives are looked for together, each behind the letter that it begins with, and only of what is found is it
asked which pattern's it is: that is remembered, since pages find the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

_EDGE = r"[- \0]"
"""What divides words: a hyphen, a space, and what stands between two texts."""
_END = f"(?={_EDGE})"
_LAST_LETTERS = re.compile(r"(?<![\\a-z])[a-z]+$")


class FirstOf:
    """Patterns in their order, each a group of alternatives, `(?:ads?|advert(?:s|ising)?)`, that captures nothing."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises ValueError for a pattern that is no group."""
        self._groups = [_inner(pattern) for pattern in patterns]
        self._searches: list[tuple[str, _Search]] = []
        self._patterns: list[re.Pattern[str]] = []
        self._number_of = lru_cache(maxsize=4_096)(self._first_of)

    def found_in(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of the text's words that begin a pattern, as far as words go, and the number of the first of these
        patterns, from 0. In no order, and a place may come twice."""
        if not self._searches:  # compiled when first asked for, and not when this is imported
            self._searches = list(_searches(self._groups))
            self._patterns = [re.compile(f"(?:{group})(?:{_EDGE}|$)") for group in self._groups]
        text = f"\0{text}\0"
        for needed, search in self._searches:
            if needed in text:
                yield from ((match.start(), self._number_of(match[1])) for match in search(text))

    def _first_of(self, words: str) -> int:
        return next(number for number, pattern in enumerate(self._patterns) if pattern.match(words))


_Search = Callable[[str], Iterator[re.Match[str]]]


def _searches(groups: Sequence[str]) -> Iterator[tuple[str, _Search]]:
    """Searches for all alternatives and what a text must hold for each: those with a first letter, then the others."""
    parts = [(part, _first_letters(part)) for group in groups for part in _parts(group)]
    letters = sorted({letter for _, first in parts for letter in first or ()})
    behind = ["|".join(_behind(part, one) for part, first in parts if first and one in first) for one in letters]
    if letters:
        yield "", _at_words("|".join(f"{one}(?:{rest})" for one, rest in zip(letters, behind, strict=True)))
    yield from ((_needed(part), _at_words(part)) for part, first in parts if first is None)


def _at_words(alternatives: str) -> _Search:
    return re.compile(f"{_EDGE}(?=({alternatives}){_END})").finditer


def _needed(part: str) -> str:
    """Letters without which a part is not found: those that it ends with."""
    found = _LAST_LETTERS.search(part)
    return found[0] if found else ""


def _behind(part: str, letter: str) -> str:
    """What follows the letter that a part begins with."""
    if not part.startswith("(?:"):
        return part[1:]
    end = _end_of_group(part)
    inner = [one for one in _parts(part[len("(?:") : end]) if letter in (_first_letters(one) or ())]
    return f"(?:{'|'.join(_behind(one, letter) for one in inner)}){part[end + 1 :]}"


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
