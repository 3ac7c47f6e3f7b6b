"""Closing the capture files that a killed writer left open.

A kill can leave a torn record at the end, and a crash of the machine anything behind the last sync. Whole records are
kept, what comes behind the last of them is cut off, and the file gets its final name. A file that a living writer holds
is known by its lock and left alone.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warehouse.captures_writer import OPEN_SUFFIX
from warehouse.datadir import sync_folder
from warehouse.warc_format import GZIP_WBITS
from warehouse.warc_records import CHUNK


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """One file that was closed. `warc_file`, below captures/, is None where it held no record but its own head."""

    warc_file: str | None
    record_count: int
    cut_bytes: int


def recover(captures: Path) -> tuple[Recovered, ...]:
    """Close every file below `captures` that no living writer holds, in sorted order. Raises OSError."""
    closed = []
    for path in sorted(captures.rglob(f"*.warc.gz{OPEN_SUFFIX}")):
        try:
            with path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                closed.append(_close(path, file, captures))
        except (BlockingIOError, FileNotFoundError):
            continue  # held by its writer, or closed by it since the listing
    return tuple(closed)


def _close(path: Path, file: BinaryIO, captures: Path) -> Recovered:
    size = os.fstat(file.fileno()).st_size
    whole, count = _whole_records(file)
    if count <= 1:
        path.unlink()
        sync_folder(path.parent)
        return Recovered(warc_file=None, record_count=0, cut_bytes=size - whole)
    file.truncate(whole)
    os.fsync(file.fileno())
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    path.rename(final)
    sync_folder(path.parent)
    return Recovered(warc_file=final.relative_to(captures).as_posix(), record_count=count - 1, cut_bytes=size - whole)


def _whole_records(file: BinaryIO) -> tuple[int, int]:
    """Where the last whole record ends, and how many there are: our writer gives each a gzip member of its own."""
    end = count = 0
    raw = b""
    while True:
        inflate = zlib.decompressobj(GZIP_WBITS)
        while not inflate.eof:
            raw = raw or file.read(CHUNK)
            try:
                inflate.decompress(raw, 1 << 18)
            except zlib.error:
                return end, count
            if not raw:
                return end, count
            raw = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        end = file.tell() - len(raw)
        count += 1
