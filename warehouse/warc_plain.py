"""Records of a WARC file that is not compressed.

What follows a block must be blank lines and then a record or the end. Where it is not, the announced length is wrong:
the next record is then searched for from the block's first byte on, because a length that is too long hides records.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from warehouse.warc_records import Broken, RawRecord, read_head

_WINDOW = 1 << 20
_LOOK_AHEAD = 1 << 12
_RECORD = re.compile(
    rb"WARC/(?:1\.[01]|0\.1[78])[ \t]*\r?\n(?=(?:[^\r\n]+\r?\n){0,40}?WARC-Type[ \t]*:)", re.IGNORECASE
)
_CUT = "the file ends within a record"


def plain_records(file: BinaryIO, start: int, end: int | None, block_max: int) -> Iterator[RawRecord | Broken]:
    """The records that begin in [start, end)."""
    size = file.seek(0, os.SEEK_END)
    last = size if end is None else min(end, size)
    at = _skip_blank(file, start)
    while at < last:
        file.seek(at)
        head = read_head(file)
        if isinstance(head, str):
            following = _find_record(file, at + 1, size)
            reason = _CUT if following == size and head.endswith("no end") else head
            yield Broken(at, f"{reason} ({following - at} bytes are passed over)")
            at = following
            continue
        block_at = at + head.bytes_read
        block_end = block_at + head.length
        following = _skip_blank(file, block_end) if block_end <= size else size
        cut = None
        extra = 0
        if block_end > size or (following < size and not _is_record(file, following)):
            following = _find_record(file, block_at, size)
            if following < block_end:
                cut = _CUT if following == size else "the next record begins within the announced length"
            else:
                extra = following - block_end
        length = min(head.length, following - block_at)
        file.seek(block_at)
        block = file.read(min(block_max, length))
        yield RawRecord(at, True, head.headers, head.bytes_read, block, length, cut)
        if extra:
            yield Broken(block_end, f"{extra} bytes that belong to no record")
        at = following


def _skip_blank(file: BinaryIO, at: int) -> int:
    file.seek(at)
    while chunk := file.read(64):
        rest = chunk.lstrip(b"\r\n")
        at += len(chunk) - len(rest)
        if rest:
            break
    return at


def _is_record(file: BinaryIO, at: int) -> bool:
    file.seek(at)
    return file.read(5) == b"WARC/"


def _find_record(file: BinaryIO, at: int, size: int) -> int:
    """Where the next record begins at or behind `at`; the file's size if none does."""
    while at < size:
        file.seek(at)
        window = file.read(_WINDOW + _LOOK_AHEAD)
        found = _RECORD.search(window)
        if found is not None:
            return at + found.start()
        at += _WINDOW
    return size
