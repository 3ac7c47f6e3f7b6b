from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from transforms.coding import CodingFailure, decompress
from transforms.outcome import Outcome

LIMIT = 1_000_000
TEXT = b"A ferry ran late on Tuesday. " * 900


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def stream_zstd(data: bytes) -> bytes:
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": stream_zstd,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_each_coding(coding: str) -> None:
    assert decompress(PACKERS[coding](TEXT), coding, limit=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        (" GZip ", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
        ("gzip,deflate,gzip", gzip.compress(zlib.compress(gzip.compress(TEXT)))),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("gzip", gzip.compress(TEXT) + b"\0\0trailing"),
        ("zstd", stream_zstd(TEXT[:100]) + stream_zstd(TEXT[100:])),
    ],
)
def test_headers_and_stacks(header: str | None, body: bytes) -> None:
    assert decompress(body, header, limit=LIMIT) == TEXT


@pytest.mark.parametrize("coding", PACKERS)
def test_empty_body_stays_empty(coding: str) -> None:
    assert decompress(b"", coding, limit=LIMIT) == b""


@pytest.mark.parametrize("coding", PACKERS)
def test_exactly_the_limit_is_allowed_and_one_more_is_not(coding: str) -> None:
    packed = PACKERS[coding](TEXT)
    assert decompress(packed, coding, limit=len(TEXT)) == TEXT
    failure = decompress(packed, coding, limit=len(TEXT) - 1)
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.TOO_LARGE
    assert failure.partial == TEXT[:-1]


@pytest.mark.parametrize("coding", PACKERS)
def test_a_bomb_costs_little_memory(coding: str) -> None:
    bomb = PACKERS[coding](bytes(60_000_000))
    tracemalloc.start()
    failure = decompress(bomb, coding, limit=LIMIT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.TOO_LARGE
    assert peak < 24_000_000


@pytest.mark.parametrize("coding", PACKERS)
def test_an_early_end_is_truncated_and_keeps_what_came(coding: str) -> None:
    noise = bytes(range(256)) * 40 + TEXT
    failure = decompress(PACKERS[coding](noise)[:-6], coding, limit=LIMIT)
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.TRUNCATED
    assert noise.startswith(failure.partial)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("gzip", b"<html>not packed at all</html>"),
        ("br", b"\xff\xfe<html>not packed at all</html>"),
        ("zstd", b"<html>not packed at all</html>"),
        ("deflate", b"\xff<html>not packed</html>"),
        ("compress", TEXT),
        ("gzip, nonsense", gzip.compress(TEXT)),
        (", ".join(["gzip"] * 9), TEXT),
        ("gzip", gzip.compress(TEXT)[:-8] + b"\0\0\0\0" + gzip.compress(TEXT)[-4:]),
    ],
)
def test_bad_encoding(header: str, body: bytes) -> None:
    failure = decompress(body, header, limit=LIMIT)
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.BAD_ENCODING


@given(st.binary(max_size=200), st.sampled_from([*PACKERS, "gzip, br", "deflate, zstd"]))
def test_any_bytes_give_a_value(body: bytes, coding: str) -> None:
    result = decompress(body, coding, limit=2_000)
    assert isinstance(result, CodingFailure) or len(result) <= 2_000
