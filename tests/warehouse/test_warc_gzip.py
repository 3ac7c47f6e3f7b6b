"""ISA-L and zlib read the same records, whatever the members' sizes, and what is damaged is told as zlib tells it."""

import io
import random
import zlib

import pytest

from warehouse.warc_format import record_bytes
from warehouse.warc_gzip import _all_records, gzip_records

CHUNK, INFLATED = 1 << 16, 1 << 18


def member(data: bytes, level: int = 6) -> bytes:
    squeezer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return squeezer.compress(data) + squeezer.flush()


def record(size: int, seed: int = 0, is_random: bool = False) -> bytes:
    chance = random.Random(seed)
    block = chance.randbytes(size) if is_random else b"The eel came back. %d " % seed * (size // 20 + 1)
    return record_bytes([("WARC-Type", "resource"), ("WARC-Record-ID", f"<urn:{seed}>")], block[:size])


def both(data: bytes, block_max: int = 1 << 22) -> list:
    quick = list(gzip_records(io.BytesIO(data), 0, None, block_max))
    assert quick == list(_all_records(io.BytesIO(data), 0, None, block_max))
    return quick


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("is_random", [False, True])
def test_members_of_any_size(level, is_random):
    around = [
        edge + step for edge in (0, CHUNK, INFLATED, 3 * INFLATED) for step in (-300, -1, 0, 1, 17) if edge + step >= 0
    ]
    data = b"".join(member(record(size, number, is_random), level) for number, size in enumerate(around))
    assert [one.length for one in both(data)] == around
    assert all(one.is_seekable and not one.cut for one in both(data, block_max=100))


def test_several_records_in_one_member():
    data = member(record(10, 1) + record(70_000, 2)) + member(record(5, 3)) + member(record(0, 4) + record(1, 5))
    assert [one.is_seekable for one in both(data)] == [True, False, True, True, False]


def test_a_record_over_two_members():
    whole = record(500, 1)
    assert len(both(member(whole[:200]) + member(whole[200:]) + member(record(3, 2)))) == 2


DAMAGED = b"".join(member(record(size, number)) for number, size in enumerate((40, 3000, 0, 900))) + member(
    record(50, 7) + record(60, 8)
)


@pytest.mark.parametrize("kind", ["cut", "bit", "zeros", "more"])
def test_damage_is_told_as_zlib_tells_it(kind):
    chance = random.Random(kind)
    for _ in range(150):
        at = chance.randrange(1, len(DAMAGED))
        data = bytearray(DAMAGED)
        if kind == "cut":
            del data[at:]
        elif kind == "bit":
            data[at] ^= 1 << chance.randrange(8)
        elif kind == "zeros":
            data[at : at + 30] = bytes(min(30, len(data) - at))
        else:
            data[at:at] = chance.randbytes(5)
        both(bytes(data))


def test_behind_damage_the_rest_is_read_from_any_place():
    parts = [member(record(3000, number, is_random=True)) for number in range(6)]
    parts[3] = parts[3][:100] + b"x" * 40 + parts[3][140:]
    data = b"".join(parts)
    offsets = [one.offset for one in both(data)]
    assert len(offsets) == 6
    for start, end in zip(offsets, [*offsets[1:], len(data)], strict=True):
        assert [one.offset for one in gzip_records(io.BytesIO(data), start, end, 10)] == [start]
