"""Items in chunks, as the pool's children take them: pickled, bounded by number and bytes, smaller towards the end.

A chunk a message keeps the children from waiting for the parent after every item. Towards the end the chunks shrink,
because one child with a last long chunk would keep the others waiting for it at the end of every shard.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CHUNK_BYTES = 1_000_000
"""A chunk is closed at this size: then it is as good as a long one, and memory stays bounded."""

_AHEAD = 2
"""Chunks that are looked ahead, to know that the end is near."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item, pickled once, with its number from 0."""

    number: int
    data: bytes


def chunks_of(items: Iterable[object], *, size: int, workers: int) -> Iterator[tuple[Item, ...]]:
    """Chunks of at most `size` items, read from `items` only as they are asked for and a little ahead."""
    numbered = (Item(number, pickle.dumps(item, pickle.HIGHEST_PROTOCOL)) for number, item in enumerate(items))
    ahead: deque[Item] = deque()
    is_ended = False
    while True:
        while not is_ended and len(ahead) < _AHEAD * size and sum(len(i.data) for i in ahead) < _AHEAD * CHUNK_BYTES:
            item = next(numbered, None)
            is_ended = item is None
            if item is not None:
                ahead.append(item)
        if not ahead:
            return
        wanted = min(size, max(1, len(ahead) // (2 * workers))) if is_ended else size
        chunk = [ahead.popleft()]
        taken = len(chunk[0].data)
        while ahead and len(chunk) < wanted and taken + len(ahead[0].data) <= CHUNK_BYTES:
            taken += len(ahead[0].data)
            chunk.append(ahead.popleft())
        yield tuple(chunk)
