"""WARC records as bytes: headers, dates, digests, and one gzip member a record.

warcio reads our files and `warcio check` accepts them, but its writer percent-encodes HTTP headers that are not ASCII
and always compresses at level 9 (three times the time for 2 % less), so records are put together here, as archived.
Nothing in this module touches a file: the same arguments give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

VERSION = b"WARC/1.1"
GZIP_WBITS = 31
LEVEL = 6
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_LINE_BREAKS = re.compile(r"[\r\n]+")


def sha1_digest(data: bytes) -> str:
    """`sha1:` and the base32 digest, the form of WARC-Payload-Digest and WARC-Block-Digest."""
    return format_digest(hashlib.sha1(data, usedforsecurity=False).digest())


def format_digest(sha1: bytes) -> str:
    """A SHA-1 digest of 20 bytes in the form of WARC-Payload-Digest."""
    return "sha1:" + base64.b32encode(sha1).decode("ascii")


def format_date(at: datetime) -> str:
    """An aware time as WARC/1.1 writes it: UTC, microseconds where there are any."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_date(value: str | None) -> datetime | None:
    """A WARC-Date as an aware UTC time, or None.

    WARC/1.1 allows fewer parts than a whole time and up to nine digits of a second; what is finer than a microsecond
    is cut. A zone other than Z is not allowed but occurs.
    """
    found = _DATE.fullmatch((value or "").strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        at = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        ).replace(microsecond=int(((fraction or "") + "000000")[:6]))
        if zone and zone != "Z":
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            at = at - shift if zone[0] == "+" else at + shift
    except (ValueError, OverflowError):
        return None
    return at


def record_bytes(headers: Iterable[tuple[str, str]], block: bytes) -> bytes:
    """One record, not compressed, Content-Length and block digest added. Line breaks in values become spaces."""
    lines = [VERSION]
    named = [*headers, ("WARC-Block-Digest", sha1_digest(block)), ("Content-Length", str(len(block)))]
    for name, value in named:
        lines.append(f"{name}: {_LINE_BREAKS.sub(' ', value)}".encode("utf-8", "surrogateescape"))
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


def gzip_member(data: bytes) -> bytes:
    """One gzip member without name or time, so that the same data gives the same bytes."""
    squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_WBITS)
    return squeezer.compress(data) + squeezer.flush()


def warcinfo_block(fields: Iterable[tuple[str, str]]) -> bytes:
    """The block of a warcinfo record (application/warc-fields)."""
    return "".join(f"{name}: {_LINE_BREAKS.sub(' ', value)}\r\n" for name, value in fields).encode()
