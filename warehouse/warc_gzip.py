"""Records of a gzipped WARC file: one gzip member a record as the standard asks, or however else it was compressed.

A member's check sum is known only at its end, so a record is given out after the end of its member was read. A record
may go on in the next member (splitting by size occurs), unless that one begins with a record of its own. Behind a
damaged member the next one is searched for by gzip's magic number, and taken if it begins with a record.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from warehouse.warc_records import CHUNK, Broken, Head, RawRecord, read_head

_MAGIC = b"\x1f\x8b\x08"
_INFLATED_MAX = 1 << 18
_WINDOW = 1 << 20
_CUT = "the file ends within a record"


def gzip_records(file: BinaryIO, start: int, end: int | None, block_max: int) -> Iterator[RawRecord | Broken]:
    """The records whose gzip member begins in [start, end)."""
    members = _Members(file, start)
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
                raise _DamagedError(at, head)
            block.fill(members, head.length)
            extra = members.finish()
        except _DamagedError as damage:
            at = damage.offset if head is None else at
            if end is not None and at >= end:
                return
            if isinstance(head, Head) and damage.reason == _CUT:
                yield RawRecord(at, is_seekable, head.headers, head.bytes_read, bytes(block.kept), block.length, _CUT)
                return
            following = _find_member(file, damage.offset + 1)
            yield Broken(at, f"{damage.reason} ({following - at} bytes are passed over)")
            members.seek(following)
            continue
        missing = head.length - block.length
        cut = f"the gzip member ends {missing} bytes before the announced length" if missing else None
        yield RawRecord(at, is_seekable, head.headers, head.bytes_read, bytes(block.kept), block.length, cut)
        if extra:
            yield Broken(at, f"{extra} bytes that belong to no record")


class _Block:
    """A record's block as far as it was read: its length, and its first bytes up to a limit."""

    def __init__(self, kept_max: int) -> None:
        self._kept_max = kept_max
        self.kept = bytearray()
        self.length = 0

    def fill(self, members: _Members, length: int) -> None:
        while self.length < length and (data := members.read(min(length - self.length, CHUNK))):
            self.length += len(data)
            if len(self.kept) < self._kept_max:
                self.kept += data[: self._kept_max - len(self.kept)]


def _find_member(file: BinaryIO, at: int) -> int:
    """Where the next gzip member that begins with a record is, at or behind `at`; the file's size if there is none."""
    size = file.seek(0, os.SEEK_END)
    while at < size:
        file.seek(at)
        window = file.read(_WINDOW)
        found = window.find(_MAGIC)
        while found >= 0:
            if _begins_record(file, at + found):
                return at + found
            found = window.find(_MAGIC, found + 1)
        at += max(len(window) - len(_MAGIC) + 1, 1)
    return size


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(31).decompress(file.read(CHUNK), 64).lstrip(b"\r\n").startswith(b"WARC/")
    except zlib.error:
        return False


class _DamagedError(Exception):
    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class _Members:
    """The bytes of a gzip file with the offset of the member that they come from."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self.seek(start)

    def seek(self, offset: int) -> None:
        self._file.seek(offset)
        self._raw = b""
        self._inflate: zlib._Decompress | None = None
        self._held = b""
        self._at = 0
        self._pending: _DamagedError | None = None
        self._is_boundary = False
        self.is_fresh = False
        """Whether nothing but line breaks was taken from the open member."""
        self.offset = offset

    def begin(self) -> bool:
        """Go to the next byte that is no line break; False at the end of the file. Raises _DamagedError."""
        self._is_boundary = False
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in b"\r\n":
                    return True
                self._at += 1
            if self._pending is not None:
                pending, self._pending = self._pending, None
                raise pending
            if self._inflate is None and not self._open_member():
                return False
            self._held, self._at = self._more(), 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only where the record cannot go on."""
        if not self._has_more():
            return b""
        taken = self._held[self._at : self._at + size]
        self._at += len(taken)
        self.is_fresh = False
        return taken

    def readline(self, limit: int, /) -> bytes:
        line = b""
        while len(line) < limit and not line.endswith(b"\n") and self._has_more():
            stop = self._held.find(b"\n", self._at) + 1 or len(self._held)
            stop = min(stop, self._at + limit - len(line))
            line += self._held[self._at : stop]
            self._at = stop
            self.is_fresh = False
        return line

    def finish(self) -> int:
        """Read on to the end of the member, or to a record within it; how many bytes belong to no record."""
        extra = 0
        is_blank = True
        while not self._is_boundary:
            rest = self._held[self._at :]
            if is_blank:
                rest = rest.lstrip(b"\r\n")
                while 0 < len(rest) < 5 and self._inflate is not None:
                    rest += self._more()
                if rest.startswith(b"WARC/"):
                    self._held, self._at = rest, 0
                    return extra
                is_blank = not rest
            extra += len(rest)
            self._held, self._at = b"", 0
            if self._inflate is None:
                break
            self._held = self._more()
        return extra

    def _has_more(self) -> bool:
        if self._is_boundary:
            return False
        while self._at >= len(self._held):
            self._held, self._at = b"", 0
            if self._inflate is not None:
                self._held = self._more()
                continue
            if self._pending is not None:
                return False
            before = self.offset
            try:
                if not self._open_member():
                    return False
                self._held = self._more()
                while len(self._held) < 5 and self._inflate is not None:
                    self._held += self._more()
            except _DamagedError as damage:
                self._pending = damage
                self.offset = before
                return False
            if self._held.startswith(b"WARC/"):
                self._is_boundary = True  # what was asked for ends here, and `begin` goes on with this record
                return False
        return True

    def _open_member(self) -> bool:
        while True:
            self._raw = self._raw.lstrip(b"\0")  # padding
            if len(self._raw) >= 2:
                break
            chunk = self._file.read(CHUNK)
            if not chunk:
                break
            self._raw += chunk
        if not self._raw:
            return False
        self.offset = self._file.tell() - len(self._raw)
        if not self._raw.startswith(_MAGIC[:2]):
            raise _DamagedError(self.offset, "bytes that are no gzip data")
        self._inflate = zlib.decompressobj(31)
        self.is_fresh = True
        return True

    def _more(self) -> bytes:
        """More of the open member; empty when it has ended well. Raises _DamagedError."""
        while self._inflate is not None:
            if not self._raw:
                self._raw = self._file.read(CHUNK)
                if not self._raw:
                    self._inflate = None
                    raise _DamagedError(self.offset, _CUT)
            try:
                data = self._inflate.decompress(self._raw, _INFLATED_MAX)
            except zlib.error as error:
                self._inflate = None
                raise _DamagedError(self.offset, f"corrupt gzip data ({error})") from error
            if self._inflate.eof:
                self._raw = self._inflate.unused_data
                self._inflate = None
            else:
                self._raw = self._inflate.unconsumed_tail
            if data:
                return data
        return b""
