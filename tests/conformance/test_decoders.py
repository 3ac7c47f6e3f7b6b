"""Bodies in every content coding as other projects test them: good ones, stacks, bombs, broken ones."""

from __future__ import annotations

import os
import re
import tracemalloc
from pathlib import Path

import pytest

from transforms.coding import CodingFailure, decompress
from transforms.outcome import Outcome

FOLDER = Path(os.environ.get("CONFORMANCE_DIR", "")) / "decode"
pytestmark = pytest.mark.skipif(
    not os.environ.get("CONFORMANCE_DIR"), reason="CONFORMANCE_DIR names no folder of public cases"
)
LIMIT = 2_000_000


def without_coding(page: bytes) -> bytes:
    """The page but for the line in which it names its own coding."""
    return re.sub(rb"content encoding[^.]*\.", b"", page).strip()


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("html-br.bin", "br"),
        ("html-gzip.bin", "gzip"),
        ("html-rawdeflate.bin", "deflate"),
        ("html-zlibdeflate.bin", "deflate"),
        ("html-gzip-deflate.bin", "gzip, deflate"),
        ("html-gzip-deflate-gzip.bin", "gzip, deflate, gzip"),
        ("html-zstd-static-content-size.bin", "zstd"),
        ("html-zstd-static-no-content-size.bin", "zstd"),
        ("html-zstd-streaming-no-content-size.bin", "zstd"),
    ],
)
def test_all_say_the_same(name: str, coding: str) -> None:
    expected = decompress((FOLDER / "html-gzip.bin").read_bytes(), "gzip", limit=LIMIT)
    assert isinstance(expected, bytes)
    assert b"<html" in expected.lower()
    decoded = decompress((FOLDER / name).read_bytes(), coding, limit=LIMIT)
    assert isinstance(decoded, bytes)
    assert without_coding(decoded) == without_coding(expected)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip", "zstd"])
def test_bombs_are_stopped_in_little_memory(coding: str) -> None:
    body = (FOLDER / f"bomb-{coding}.bin").read_bytes()
    tracemalloc.start()
    failure = decompress(body, coding, limit=LIMIT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.TOO_LARGE
    assert len(failure.partial) == LIMIT
    assert peak < 24_000_000


@pytest.mark.parametrize("name", ["truncated-crc-error-short.gz", "truncated-crc-error.gz", "unexpected-eof.gz"])
def test_early_ends_keep_what_came(name: str) -> None:
    failure = decompress((FOLDER / name).read_bytes(), "gzip", limit=LIMIT)
    assert isinstance(failure, CodingFailure)
    assert failure.outcome is Outcome.TRUNCATED
    assert len(failure.partial) > 1_000
    if name == "unexpected-eof.gz":
        expected = (FOLDER / "unexpected-eof-output.txt").read_text(encoding="utf-8")
        assert failure.partial.decode("latin-1") == expected


def test_a_packed_file_is_the_plain_one() -> None:
    packed = decompress((FOLDER / "feed-sample1.xml.gz").read_bytes(), "gzip", limit=LIMIT)
    assert packed == (FOLDER / "feed-sample1.xml").read_bytes()
