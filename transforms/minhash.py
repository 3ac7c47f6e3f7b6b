"""The signature of a text: a sample of its shingles that tells how much of another text stands in it.

A shingle is a run of words, or of characters where a script writes none. Each is hashed to 32 bits; the signature keeps
the smallest hashes. MinHash with a fixed number of slots measures resemblance only, and says nothing of a short text
within one five times as long. So the number grows with the text, as in bottom-k sketches with a threshold
(`transforms.sketch`). A short text is kept whole and compared exactly. What is decided here has the name METHOD.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from transforms.letters import Kinds, codes_of, table_of
from transforms.normalize import PRINTERS_SIGNS
from transforms.shingle_hashes import hashes_of
from transforms.sketch import METHOD, Likeness, Sketch, compare
from transforms.unspaced import UNSPACED, UNSPACED_CLASS

__all__ = ["KEPT_MAX", "KEPT_MIN", "METHOD", "SHINGLES_MIN", "Likeness", "Sketch", "compare", "sign"]

WORDS, CHARACTERS = 4, 7
"""Length of a shingle in words; in characters for scripts that put no space between words."""
SCALE = 16
"""One shingle in 16 is kept: about 30 of a report of 500 words, 128 bytes."""
KEPT_MIN, KEPT_MAX = 32, 256
"""Below 32 shingles all are kept; above 256, of some 4,000 words, no more are needed to tell."""
SHINGLES_MIN = 12
"""A text of fewer shingles is a line, which proves nothing when it stands on two pages."""

_RANGE = 1 << 32
# Marks that stand within words of Arabic, Hebrew and the scripts of India, and are no letters to a regular expression.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0d7f"
_LETTERS = re.compile(rf"(?:(?![_{UNSPACED_CLASS}])[\w{_MARKS}])+")
_TOKEN = re.compile(f"{UNSPACED.pattern}|{_LETTERS.pattern}")
_LETTER, _ALONE = 1, 2
"""Kinds of characters that make tokens: part of one, or one by itself."""
_SPACE = 0x20


def sign(text: str) -> Sketch:
    """The signature of a text, without hashes where it is too short to tell. 0.1 ms for a report of 500 words."""
    line, is_unspaced = _tokens(text)
    width = CHARACTERS if is_unspaced else WORDS
    ends = np.flatnonzero(np.frombuffer(line, np.uint8) == _SPACE)
    begins = np.append(0, ends[:-width] + 1)[: max(0, len(ends) - width + 1)]
    hashes = hashes_of(line, begins, ends[width - 1 :])
    hashes.sort()
    hashes = hashes[np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]]  # each once
    if len(hashes) < SHINGLES_MIN:
        return Sketch((), len(hashes))
    count = min(max(int(np.searchsorted(hashes, _RANGE // SCALE, "right")), KEPT_MIN), KEPT_MAX)
    return Sketch(tuple(hashes[:count].tolist()), len(hashes))


def _tokens(text: str) -> tuple[bytes, bool]:
    """The tokens of a text in small letters, each with a space behind it, and whether most are single characters."""
    codes = codes_of(text)
    if codes is not None:
        letters = _small().take(codes)
        if letters.all():
            line = letters[_with_next(letters != _SPACE)].tobytes()
            return (line if line.endswith(b" ") else line + b" "), False
    # of each line for itself: most are in this form already, which is soon seen
    folded = "\n".join([unicodedata.normalize("NFKC", line) for line in text.split("\n")]).casefold()
    line = _tabled(folded) or "".join([f"{token} " for token in _TOKEN.findall(folded)]).encode()
    alone = np.count_nonzero(_kinds().take(codes) == _ALONE) if codes is not None else len(UNSPACED.findall(text))
    return line, bool(2 * alone > line.count(b" "))


def _with_next(is_letter: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The letters, and behind each run of them one sign."""
    is_kept = is_letter.copy()
    is_kept[1:] |= is_letter[:-1]
    return is_kept


def _tabled(folded: str) -> bytes | None:
    """The same for any text whose letters are all in the tables; None for others."""
    codes = codes_of(folded)
    if codes is None:
        return None
    kinds = _kinds().take(codes)
    if not (kinds == _ALONE).any():
        is_letter = kinds == _LETTER
        words = np.where(is_letter, codes, np.uint16(_SPACE))[_with_next(is_letter)].tobytes().decode("utf-16-le")
        return (words if words.endswith(" ") else f"{words} ").encode() if words else b""
    at = np.flatnonzero(kinds)
    is_end = (kinds[at] == _ALONE) | (np.append(kinds[1:], 0)[at] != _LETTER)
    behind = np.cumsum(is_end)
    line = np.full(len(at) + np.count_nonzero(is_end), _SPACE, codes.dtype)
    line[np.arange(len(at)) + behind - is_end] = codes[at]
    return line.tobytes().decode("utf-16-le").encode()


@cache
def _kinds() -> Kinds:
    return table_of((_LETTERS, UNSPACED))


@cache
def _small() -> Kinds:
    """For ASCII letters and digits the small ones, for other ASCII and printers' signs a space, for all else 0."""
    characters = "".join(map(chr, range(0x80)))
    table = table_of((PRINTERS_SIGNS,)) * np.uint8(_SPACE)
    table[:0x80] = [ord(one.lower()) if one.isalnum() else _SPACE for one in characters]
    return table
