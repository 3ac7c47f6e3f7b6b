"""The bytes of a gzip file, member by member, as records are read from them: where each begins, where one is broken."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from isal import isal_zlib

from warehouse.warc_records import CHUNK

MAGIC = b"\x1f\x8b\x08"
CUT = "the file ends within a record"
_INFLATED_MAX = 1 << 18
_ERRORS: tuple[Any, ...] = (zlib.error, isal_zlib.error)


class DamagedError(Exception):
    """The member at `offset` cannot be read on, and why."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class Members:
    """The bytes of a gzip file with the offset of the member that they come from.

    `inflater` makes what unpacks a member: zlib's decompressobj, or another of its kind.
    """

    def __init__(self, file: BinaryIO, start: int, inflater: Callable[[int], Any]) -> None:
        self._file = file
        self._inflater = inflater
        self.seek(start)

    def seek(self, offset: int) -> None:
        """Go on with the member at `offset`."""
        self._file.seek(offset)
        self._raw = b""
        self._inflate: Any = None
        self._held = b""
        self._at = 0
        self._pending: DamagedError | None = None
        self._is_boundary = False
        self.is_fresh = False
        """Whether nothing but line breaks was taken from the open member."""
        self.offset = offset

    def begin(self) -> bool:
        """Go to the next byte that is no line break; False at the end of the file. Raises DamagedError."""
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
        """The next line, at most `limit` bytes of it."""
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
            except DamagedError as damage:
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
        if not self._raw.startswith(MAGIC[:2]):
            raise DamagedError(self.offset, "bytes that are no gzip data")
        self._inflate = self._inflater(31)
        self.is_fresh = True
        return True

    def _more(self) -> bytes:
        """More of the open member; empty when it has ended well. Raises DamagedError."""
        while self._inflate is not None:
            if not self._raw:
                self._raw = self._file.read(CHUNK)
            is_end = not self._raw  # it may all the same hold some of what it was given
            try:
                data: bytes = self._inflate.decompress(self._raw, _INFLATED_MAX)
            except _ERRORS as error:
                self._inflate = None
                raise DamagedError(self.offset, f"corrupt gzip data ({error})") from error
            if is_end and not data and not self._inflate.eof:
                self._inflate = None
                raise DamagedError(self.offset, CUT)
            if self._inflate.eof:
                self._raw = self._inflate.unused_data
                self._inflate = None
            else:
                self._raw = self._inflate.unconsumed_tail
            if data:
                return data
        return b""
