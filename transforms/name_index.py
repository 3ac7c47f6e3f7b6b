"""Which of a page's names hold one of some words, told for all names at once by the words' first three letters.

A page has two hundred names, and a rule for comments, by-lines or posts cares for one in twenty; to ask each name by a
pattern takes 0.7 µs, for each rule. Here the names are one array of the runs of three letters in them, and a rule is a
table of runs. What is found may be a name that the rule does not mean; no name that it means is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.bool_]
"""A rule: for each run of three letters whether one of its words begins so."""

_BITS = 5
_ONCE, _TWICE = np.uint16(_BITS), np.uint16(2 * _BITS)
_LETTERS = "abcdefghijklmnopqrstuvwxyz-_"
_END = "\0"
"""Behind each name; no page's name holds it."""


def _numbers() -> npt.NDArray[np.uint16]:
    table = np.zeros(256, np.uint16)
    for number, letter in enumerate(_LETTERS, 1):
        table[ord(letter)] = number
    return table


_NUMBER_OF = _numbers()


def any_of(*beginnings: str) -> Words:
    """A rule by the first two or three letters of its words: small ones, hyphen and underscore."""
    table = np.zeros(1 << 3 * _BITS, np.bool_)
    for beginning in beginnings:
        if len(beginning) not in (2, 3) or not set(beginning) <= set(_LETTERS):
            raise ValueError(f"not two or three letters: {beginning!r}")
        first = int(_runs(beginning.ljust(3, _END).encode())[0])
        table[first : first + (1 << (3 - len(beginning)) * _BITS)] = True
    return table


def _runs(written: bytes) -> npt.NDArray[np.uint16]:
    numbers = _NUMBER_OF.take(np.frombuffer(written, np.uint8))
    return (numbers[:-2] << _TWICE) | (numbers[1:-1] << _ONCE) | numbers[2:]


class NameIndex:
    """Names, ready to be asked for words."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        written = (_END.join(names) + _END).lower().encode("utf-8", "surrogatepass")
        self._runs = _runs(written)
        self._ends = np.flatnonzero(np.frombuffer(written, np.uint8) == 0)

    def having(self, rule: Words) -> list[str]:
        """The names that hold the beginning of one of the words, in any case, in their order."""
        found = np.searchsorted(self._ends, np.flatnonzero(rule.take(self._runs)))
        return [self._names[number] for number in dict.fromkeys(found.tolist())]
