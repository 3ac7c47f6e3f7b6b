"""Records of a gzipped WARC file: one gzip member a record as the standard asks, or however else it was compressed.

A member's check sum is known only at its end, so a record is given out after the end of its member was read. A record
may go on in the next member (splitting by size occurs), unless that one begins with a record of its own. Behind a
damaged member the next one is searched for by gzip's magic number, and taken if it begins with a record.

ISA-L unpacks in half of zlib's time. What is damaged is zlib's to tell: at the first fault it reads the file again from
the last place before, and to the end, so that what comes of such a file is the same wherever it is read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from isal import isal_zlib

from warehouse.warc_members import CUT, MAGIC, DamagedError, Members
from warehouse.warc_records import CHUNK, Broken, Head, RawRecord, read_head

_WINDOW = 1 << 20


def gzip_records(file: BinaryIO, start: int, end: int | None, block_max: int) -> Iterator[RawRecord | Broken]:
    """The records whose gzip member begins in [start, end)."""
    known, count = start, 0
    """A place that the file can be read from, and how many records behind it were given."""
    try:
        for record in _sound_records(Members(file, start, isal_zlib.decompressobj), end, block_max):
            if record.is_seekable:
                known, count = record.offset, 0
            count += 1
            yield record
    except DamagedError:
        yield from islice(_all_records(file, known, end, block_max), count, None)


def _sound_records(members: Members, end: int | None, block_max: int) -> Iterator[RawRecord]:
    """The records up to the first fault; raises DamagedError there."""
    while members.begin() and (end is None or members.offset < end):
        at, is_seekable = members.offset, members.is_fresh
        head = read_head(members)
        if isinstance(head, str):
            raise DamagedError(at, head)
        block = _Block(block_max)
        block.fill(members, head.length)
        extra = members.finish()
        if extra or block.length < head.length:
            raise DamagedError(at, "a record of another length than announced")
        yield RawRecord(at, is_seekable, head.headers, head.bytes_read, block.kept(), block.length, None)


def _all_records(file: BinaryIO, start: int, end: int | None, block_max: int) -> Iterator[RawRecord | Broken]:
    """The records, and each fault in its place."""
    members = Members(file, start, zlib.decompressobj)
    while True:
        head: Head | str | None = None
        block = _Block(block_max)
        try:
            if not members.begin():
                return
            at, is_seekable = members.offset, members.is_fresh
            if end is not None and at >= end:
                return
            head = read_head(members)
            if isinstance(head, str):
                raise DamagedError(at, head)
            block.fill(members, head.length)
            extra = members.finish()
        except DamagedError as damage:
            at = damage.offset if head is None else at
            if end is not None and at >= end:
                return
            if isinstance(head, Head) and damage.reason == CUT:
                yield RawRecord(at, is_seekable, head.headers, head.bytes_read, block.kept(), block.length, CUT)
                return
            following = _find_member(file, damage.offset + 1)
            yield Broken(at, f"{damage.reason} ({following - at} bytes are passed over)")
            members.seek(following)
            continue
        missing = head.length - block.length
        cut = f"the gzip member ends {missing} bytes before the announced length" if missing else None
        yield RawRecord(at, is_seekable, head.headers, head.bytes_read, block.kept(), block.length, cut)
        if extra:
            yield Broken(at, f"{extra} bytes that belong to no record")


class _Block:
    """A record's block as far as it was read: its length, and its first bytes up to a limit."""

    def __init__(self, kept_max: int) -> None:
        self._room = kept_max
        self._parts: list[bytes] = []
        self.length = 0

    def fill(self, members: Members, length: int) -> None:
        while self.length < length and (data := members.read(length - self.length)):
            self.length += len(data)
            if self._room:
                self._parts.append(data[: self._room])
                self._room -= len(self._parts[-1])

    def kept(self) -> bytes:
        return b"".join(self._parts)


def _find_member(file: BinaryIO, at: int) -> int:
    """Where the next gzip member that begins with a record is, at or behind `at`; the file's size if there is none."""
    size = file.seek(0, os.SEEK_END)
    while at < size:
        file.seek(at)
        window = file.read(_WINDOW)
        found = window.find(MAGIC)
        while found >= 0:
            if _begins_record(file, at + found):
                return at + found
            found = window.find(MAGIC, found + 1)
        at += max(len(window) - len(MAGIC) + 1, 1)
    return size


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(31).decompress(file.read(CHUNK), 64).lstrip(b"\r\n").startswith(b"WARC/")
    except zlib.error:
        return False
