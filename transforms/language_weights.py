"""What each run of bytes says for each language: py3langid's table of 100,000 rows in half the memory.

In most rows most languages have their least value, which a run gets that was never seen in them. Such rows keep the
others alone. Rows that many languages have a part in stand whole; they are the ones that a text mostly asks for.

The numbers are logarithms of probabilities in 16 bits, none above zero, and are kept without their sign. To widen them
so takes numpy a fifth of the time that its own conversion takes, and half of what a language costs was that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_KEPT_MAX = 35
"""Of 142 languages: a third of the rows has more, and of what a text asks for nine in ten."""
_FRACTION_BITS = 23 - 10
"""A number of 32 bits has so many more behind the point than one of 16,"""
_BIAS = np.float32(2.0 ** (127 - 15))
"""and an exponent that begins so much lower."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The rows of a table, by number. All but the numbers of rows are the bits of 16-bit numbers below zero."""

    least: npt.NDArray[np.uint16]
    """The commonest value of each column."""
    whole: npt.NDArray[np.uint16]
    places: npt.NDArray[np.int32]
    """For each row its place in `whole`; -1 for those that are not there."""
    begins: npt.NDArray[np.int32]
    """For each row where it begins in `columns` and `values`, and behind the last where it ends."""
    columns: npt.NDArray[np.uint8]
    values: npt.NDArray[np.uint16]

    def rows(self, numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """Some rows as the table has them."""
        width = len(self.least)
        places = self.places.take(numbers)
        bits = self.whole.take(places, axis=0, mode="clip").astype(np.uint32)
        others = (places < 0).nonzero()[0]
        if len(others):
            bits[others] = self.least
            begins = self.begins[numbers[others]]
            counts = self.begins[numbers[others] + 1] - begins
            ends = counts.cumsum()
            taken = np.arange(ends[-1]) + (begins - (ends - counts)).repeat(counts)
            bits.reshape(-1)[(others * width).repeat(counts) + self.columns[taken]] = self.values[taken]
        bits <<= _FRACTION_BITS
        wide = bits.view(np.float32)
        wide *= -_BIAS
        return wide


def weights_of(table: npt.NDArray[Any]) -> Weights | None:
    """A table taken apart; None where it is not of 16-bit numbers up to zero, or more than 256 columns wide."""
    if table.dtype != np.float16 or table.shape[1] > 1 << 8 or not (np.isfinite(table) & (table <= 0)).all():
        return None
    bits = np.abs(table).view(np.uint16)
    least = np.array([np.bincount(column).argmax() for column in bits.T], np.uint16)
    is_kept = bits != least
    is_whole = is_kept.sum(axis=1) > _KEPT_MAX
    places = np.where(is_whole, np.cumsum(is_whole) - 1, -1)
    is_kept[is_whole] = False
    begins = np.concatenate([[0], np.cumsum(is_kept.sum(axis=1))])
    return Weights(
        least=least,
        whole=bits[is_whole],
        places=places.astype(np.int32),
        begins=begins.astype(np.int32),
        columns=np.nonzero(is_kept)[1].astype(np.uint8),
        values=bits[is_kept],
    )
