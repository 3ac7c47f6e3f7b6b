"""What each character of a text is, for a whole text at once: tables by code point that numpy reads texts through.

A pattern looks at a text letter by letter and makes a string of each word. To count words or to hash runs of them it is
enough to know where they begin and end, which takes a quarter of the time by table. The tables are made of the
patterns, so that what a letter is stands in one place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint16]
Kinds = npt.NDArray[np.uint8]

_SIZE = 1 << 16
"""Tables end here: what texts have beyond are pictures, and tables of all would be seventeen times as long."""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_IDEOGRAPHS = "\U00020000"
_PICTURE = "\uffff"
"""In place of a picture: no letter either."""


def codes_of(text: str) -> Codes | None:
    """The code points of a text, U+FFFF for signs that are beyond the tables; None where letters are."""
    codes = _encoded(text)
    if len(codes) == len(text):
        return codes
    if any(sign.isalnum() or sign >= _IDEOGRAPHS for sign in _BEYOND.findall(text)):
        return None
    return _encoded(_BEYOND.sub(_PICTURE, text))


def _encoded(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.dtype("<u2"))


def table_of(patterns: Sequence[re.Pattern[str]]) -> Kinds:
    """For each code point which of some patterns match it, alone or in a run: bit 0 for the first, 1 for the second."""
    table = np.zeros(_SIZE, np.uint8)
    characters = "".join(map(chr, range(_SIZE)))
    for number, pattern in enumerate(patterns):
        for match in pattern.finditer(characters):
            table[match.start() : match.end()] |= 1 << number
    return table
