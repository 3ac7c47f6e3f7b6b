"""The signature of a text: a sample of its shingles that tells how much of another text stands in it.

A shingle is a run of words, or of characters where a script writes none. Each is hashed to 32 bits; the signature keeps
the smallest hashes. MinHash with a fixed number of slots measures resemblance only, and says nothing of a short text
within one five times as long. So the number grows with the text, as in bottom-k sketches with a threshold: two
signatures are compared below the smaller of their two thresholds, where both hold every shingle, and what they share
there estimates resemblance (Jaccard) and containment alike. A short text is kept whole and compared exactly.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from rensa import RMinHash

from transforms.normalize import PRINTERS_SIGNS

METHOD = "bottom-1/16-w4c7-1"
"""Names everything below that decides a signature; change it with them, and the warehouse is built anew."""

WORDS, CHARACTERS = 4, 7
"""Length of a shingle in words; in characters for scripts that put no space between words."""
SCALE = 16
"""One shingle in 16 is kept: about 30 of a report of 500 words, 128 bytes."""
KEPT_MIN, KEPT_MAX = 32, 256
"""Below 32 shingles all are kept; above 256, of some 4,000 words, no more are needed to tell."""
SHINGLES_MIN = 12
"""A text of fewer shingles is a line, which proves nothing when it stands on two pages."""

_RANGE = 1 << 32
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
# Marks that stand within words of Arabic, Hebrew and the scripts of India, and are no letters to a regular expression.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0d7f"
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![_{_UNSPACED}])[\w{_MARKS}])+")
_PLAIN_TOKEN = re.compile(r"[^\W_]+")
_IS_SPECIAL = re.compile(rf"[{_UNSPACED}{_MARKS}]")
"""Without any of these both patterns give the same tokens, and the plain one in half the time."""
_ASCII_TOKEN = re.compile("[a-z0-9]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Sketch:
    """The signature of one text: its smallest shingle hashes, ascending, and how many different shingles it has."""

    hashes: tuple[int, ...]
    shingle_count: int

    @property
    def threshold(self) -> int:
        """The hash up to which the signature holds every shingle of the text."""
        return _RANGE if len(self.hashes) == self.shingle_count else self.hashes[-1] if self.hashes else 0


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts have in common, estimated. Shares are 0 to 1."""

    resemblance: float
    """Jaccard: shared shingles of all that either has."""
    containment: float
    """Shared shingles of those that the shorter text has."""
    shared_count: int
    """Shared shingles that the estimate rests on."""


def sign(text: str) -> Sketch:
    """The signature of a text, without hashes where it is too short to tell. 0.2 ms for a report of 500 words."""
    is_unspaced = False
    plain = text if text.isascii() else PRINTERS_SIGNS.sub(" ", text)
    if plain.isascii():
        tokens = _ASCII_TOKEN.findall(plain.lower())
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        tokens = (_TOKEN if _IS_SPECIAL.search(folded) else _PLAIN_TOKEN).findall(folded)
        is_unspaced = 2 * len(_IS_UNSPACED.findall(text)) > len(tokens)
    width = CHARACTERS if is_unspaced else WORDS
    shingles = [" ".join(run) for run in zip(*(tokens[start:] for start in range(width)), strict=False)]
    hashes = {h >> 32 for h in RMinHash.hash_token_sets([shingles])[0]}
    if len(hashes) < SHINGLES_MIN:
        return Sketch((), len(hashes))
    kept = sorted(h for h in hashes if h <= _RANGE // SCALE)[:KEPT_MAX]
    if len(kept) < KEPT_MIN:
        kept = sorted(hashes)[:KEPT_MIN]
    return Sketch(tuple(kept), len(hashes))


def compare(one: Sketch, other: Sketch) -> Likeness:
    """How much two texts have in common."""
    threshold = min(one.threshold, other.threshold)
    mine, theirs = _up_to(one, threshold), _up_to(other, threshold)
    shared = len(mine & theirs)
    if not shared:
        return Likeness(0.0, 0.0, 0)
    shorter = mine if one.shingle_count <= other.shingle_count else theirs
    return Likeness(shared / len(mine | theirs), shared / len(shorter), shared)


def _up_to(one: Sketch, threshold: int) -> frozenset[int]:
    return frozenset(one.hashes[: bisect_right(one.hashes, threshold)])
