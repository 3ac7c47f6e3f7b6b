"""Signatures of texts beside each other: how much of one stands in the other.

`transforms.minhash` takes them. Two are compared below the smaller of their two thresholds, where both hold every
shingle: what they share there estimates resemblance (Jaccard) and containment alike. Apart from the making, which needs
numpy: a process that only compares goes without its 9 MB.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

METHOD = "bottom-1/16-w4c7-1"
"""Names all that decides a signature (`transforms.minhash`); change it with that, and the warehouse is built anew."""

_RANGE = 1 << 32
"""Hashes are below."""


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


def compare(one: Sketch, other: Sketch) -> Likeness:
    """How much two texts have in common."""
    threshold = min(one.threshold, other.threshold)
    mine, theirs = _up_to(one, threshold), _up_to(other, threshold)
    shared = len(mine & theirs)
    if not shared:
        return Likeness(0.0, 0.0, 0)
    shorter = mine if one.shingle_count <= other.shingle_count else theirs
    return Likeness(shared / (len(mine) + len(theirs) - shared), shared / len(shorter), shared)


def _up_to(one: Sketch, threshold: int) -> frozenset[int]:
    return frozenset(one.hashes[: bisect_right(one.hashes, threshold)])
