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
    apart: bytes | memoryview = b""
    """What the item has that need not be copied into `data`: the body of a page."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data) + len(self.apart)


def chunks_of(items: Iterable[object], *, size: int, workers: int) -> Iterator[tuple[Item, ...]]:
    """Chunks of at most `size` items, read from `items` only as they are asked for and a little ahead."""
    numbered = (_pickled(number, item) for number, item in enumerate(items))
    ahead: deque[Item] = deque()
    is_ended = False
    while True:
        while not is_ended and len(ahead) < _AHEAD * size and sum(i.size for i in ahead) < _AHEAD * CHUNK_BYTES:
            item = next(numbered, None)
            is_ended = item is None
            if item is not None:
                ahead.append(item)
        if not ahead:
            return
        wanted = min(size, max(1, len(ahead) // (2 * workers))) if is_ended else size
        chunk = [ahead.popleft()]
        taken = chunk[0].size
        while ahead and len(chunk) < wanted and taken + ahead[0].size <= CHUNK_BYTES:
            taken += ahead[0].size
            chunk.append(ahead.popleft())
        yield tuple(chunk)


def _pickled(number: int, item: object) -> Item:
    apart: list[pickle.PickleBuffer] = []
    data = pickle.dumps(item, pickle.HIGHEST_PROTOCOL, buffer_callback=apart.append)
    if len(apart) == 1 and len(body := apart[0].raw()):
        return Item(number, data, body)
    return Item(number, pickle.dumps(item, pickle.HIGHEST_PROTOCOL) if apart else data)
