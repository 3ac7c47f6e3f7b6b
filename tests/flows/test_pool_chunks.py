"""Chunks hold every item once, in order, and stay within their bounds."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from flows.pool_chunks import CHUNK_BYTES, chunks_of

SMALL = st.integers(1, 20)


@given(count=st.integers(0, 200), size=SMALL, workers=st.integers(1, 8))
def test_every_item_once_and_in_order(count, size, workers):
    chunks = list(chunks_of(range(count), size=size, workers=workers))
    assert [item.number for chunk in chunks for item in chunk] == list(range(count))
    assert [pickle.loads(item.data) for chunk in chunks for item in chunk] == list(range(count))
    assert all(1 <= len(chunk) <= size for chunk in chunks)


@given(st.lists(st.integers(0, CHUNK_BYTES + CHUNK_BYTES // 2), max_size=8))
def test_a_chunk_is_bounded_by_bytes_but_for_one_item_alone(sizes):
    chunks = list(chunks_of((bytes(size) for size in sizes), size=16, workers=2))
    assert sum(map(len, chunks)) == len(sizes)
    assert all(len(chunk) == 1 or sum(item.size for item in chunk) <= CHUNK_BYTES for chunk in chunks)


def test_chunks_shrink_towards_the_end():
    sizes = [len(chunk) for chunk in chunks_of(range(96), size=16, workers=2)]
    assert sizes[:4] == [16, 16, 16, 16]
    assert sizes[4:] == sorted(sizes[4:], reverse=True)
    assert sizes[-1] == 1


@given(size=SMALL, taken=st.integers(1, 5))
def test_items_are_read_a_little_ahead_and_no_further(size, taken):
    read = []
    chunks = chunks_of((read.append(n) or n for n in range(10_000)), size=size, workers=2)
    for _ in range(taken):
        next(chunks)
    assert len(read) <= (taken + 2) * size


@given(st.lists(st.integers(0, 10_000), max_size=3))
def test_a_body_is_not_copied_where_there_is_one(sizes):
    bodies = [b"a" * size for size in sizes]
    [[item]] = chunks_of([[pickle.PickleBuffer(body) for body in bodies]], size=1, workers=1)
    assert [bytes(body) for body in pickle.loads(item.data, buffers=(item.apart,) if item.apart else ())] == bodies
    assert item.size < sum(sizes) + 200
    if len(bodies) == 1 and bodies[0]:
        assert len(item.data) < 100
