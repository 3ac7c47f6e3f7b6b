"""The records of a WARC file one after another, with their places, and what cannot be read as a value.

warcio parses the headers. The framing is ours for three reasons: warcio reads a truncated or corrupt file without a
word, it gives no way to go on behind a damaged place, and it reads header lines and blocks of any length into memory.
Here a block is kept up to a limit, headers up to a megabyte.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from warcio.statusandheaders import StatusAndHeadersParser

HEADERS_MAX = 1 << 20
CHUNK = 1 << 16
VERSION_LINE = re.compile(rb"WARC/(?:1\.[01]|0\.1[78])[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Broken:
    """A place in a WARC file that cannot be read, and why, in one line. Reading goes on behind it where it can."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it stands in the file."""

    offset: int
    """Its first byte, or the gzip member that it begins in."""
    is_seekable: bool
    """Whether a reading from `offset` finds it first: not so where a gzip member begins with something else."""
    headers: Mapping[str, str]
    """Names in lower case; of a repeated name the first."""
    head_bytes: int
    """Length of version line and headers, blank line included."""
    block: bytes
    """The first `block_max` bytes of the block."""
    length: int
    """Length of the block as far as it is there; the announced one unless `cut`."""
    cut: str | None
    """Why the block is shorter than announced, if it is."""


class LineReader(Protocol):
    """What headers are read from."""

    def readline(self, limit: int, /) -> bytes:
        """The next line, at most `limit` bytes of it; empty at the end."""
        ...


def read_records(path: Path, *, start: int = 0, end: int | None = None, block_max: int) -> Iterator[RawRecord | Broken]:
    """The records that begin in [start, end) of a plain or gzipped WARC file.

    `start` is 0 or the offset of a record from an earlier reading. Raises OSError where the file itself cannot be read.
    """
    from warehouse.warc_gzip import gzip_records
    from warehouse.warc_plain import plain_records

    with path.open("rb", buffering=0) as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    if is_gzip:
        with path.open("rb", buffering=0) as raw:
            yield from gzip_records(raw, start, end, block_max)
    else:
        with path.open("rb", buffering=1 << 18) as buffered:
            yield from plain_records(buffered, start, end, block_max)


@dataclass(frozen=True, slots=True)
class Head:
    """Version line and headers of a record, and how many bytes they took."""

    headers: Mapping[str, str]
    bytes_read: int
    length: int


def read_head(reader: LineReader) -> Head | str:
    """Read a record's head; a string says what is wrong with it. Lines may end in LF alone."""
    lines: list[bytes] = []
    total = 0
    while True:
        line = reader.readline(HEADERS_MAX - total)
        total += len(line)
        lines.append(line)
        if len(lines) == 1 and not VERSION_LINE.fullmatch(line) and not b"WARC/1.1\r\n".startswith(line[:8]):
            return "no WARC record where one should begin"
        if not line.endswith(b"\n"):
            return "a record's headers have no end" if total < HEADERS_MAX else "a record's headers pass 1 MiB"
        if not line.strip():
            break
    headers = parse_headers(b"".join(lines))
    announced = headers.get("content-length", "")
    if not (announced.isascii() and announced.isdigit()):
        return "a record without a valid Content-Length"
    return Head(headers, total, int(announced))


def parse_headers(head: bytes) -> dict[str, str]:
    """Headers behind a first line, names in lower case, of a repeated name the first."""
    parsed = StatusAndHeadersParser([], verify=False).parse(io.BytesIO(head))
    headers: dict[str, str] = {}
    for name, value in parsed.headers:
        headers.setdefault(name.lower(), value.strip())
    return headers
