"""rensa's hashes of many runs of one line of bytes at once: the same numbers, without an object for each run.

rensa hashes as rustc's FxHasher does: a run is folded in steps of 16 bytes, the last of which may overlap the one
before. Runs of a text are some 25 bytes long, so there are few steps, and numpy does each for all runs that are long
enough. What is much longer than words are, rensa hashes itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

LONG = 256
"""Bytes from which a run is left to rensa: a step costs much the same for one run as for a thousand."""
_STEP, _HALF_STEP = 16, 8
_FIRST, _SECOND = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344)
_NO_ZERO, _FACTOR = np.uint64(0xA4093822299F31D0), np.uint64(0xF1357AEA2E62A9C5)
_LOW, _HALF = np.uint64(0xFFFF_FFFF), np.uint64(32)
_KEPT_FROM = np.uint64(6)
"""The hash is turned by 26 bits: its upper half begins here."""


def hashes_of(line: bytes, begins: Places, ends: Places) -> npt.NDArray[np.uint32]:
    """The upper halves of rensa's hashes of the runs of a line, each of four bytes or more."""
    lengths = ends - begins
    padded = line + bytes(_STEP)
    eights = np.ndarray((len(line) + _HALF_STEP,), "<u8", padded, 0, (1,)).copy()  # the eight bytes from each place on
    one, other = np.full(len(lengths), _FIRST), np.full(len(lengths), _SECOND)
    at = np.flatnonzero((lengths > _STEP) & (lengths < LONG))
    place, last = begins[at], ends[at] - _STEP
    while at.size:
        mixed = _mixed(one[at] ^ eights[place], eights[place + _HALF_STEP] ^ _NO_ZERO)
        one[at], other[at] = other[at], mixed
        place += _STEP
        left = place < last
        at, place, last = at[left], place[left], last[left]
    first, second = eights[ends - np.minimum(lengths, _STEP)], eights[ends - _HALF_STEP]
    short = np.flatnonzero(lengths < _HALF_STEP)
    if short.size:
        first[short], second[short] = eights[begins[short]] & _LOW, eights[ends[short] - _HALF_STEP // 2] & _LOW
    hashed = (_mixed(one ^ first, other ^ second) ^ lengths.astype(np.uint64)) * _FACTOR
    found = (hashed >> _KEPT_FROM).astype(np.uint32)
    for run in np.flatnonzero(lengths >= LONG).tolist():
        found[run] = RMinHash.hash_token_sets([[line[begins[run] : ends[run]]]])[0][0] >> 32
    return found


def _mixed(x: Numbers, y: Numbers) -> Numbers:
    """The two halves of a product of 128 bits, one over the other."""
    x_low, x_high, y_low, y_high = x & _LOW, x >> _HALF, y & _LOW, y >> _HALF
    outer = x_low * y_high
    inner = x_high * y_low
    inner += (x_low * y_low) >> _HALF
    high = x_high * y_high
    high += outer >> _HALF
    inner += outer & _LOW
    high += inner >> _HALF
    high ^= x * y
    return high
