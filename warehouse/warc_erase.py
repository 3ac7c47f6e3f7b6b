"""Erasing records from a WARC file without moving the others.

`captures` and the plans of extraction name records by their offset, so a record is not cut out but overwritten, in a
new copy of the file that then takes the old one's place: by a metadata record that says when something was removed, as
long as what stood there. In a gzip file the padding is the member's comment field, which readers skip. As the work is
done on a copy, a foreign archive that was hard-linked here is left alone.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from warehouse.datadir import sync_folder
from warehouse.errors import UserError
from warehouse.warc_format import format_date, gzip_member, record_bytes
from warehouse.warc_records import RawRecord, read_records

_HAS_COMMENT = 0x10


def erase(path: Path, is_meant: Callable[[Mapping[str, str]], bool], *, at: datetime) -> int:
    """Erase the records whose headers (names in lower case) are meant, and return how many.

    The file keeps its length and all other records their places. Raises OSError, and UserError where a record is too
    short to hold the note that stands in for it, or shares its gzip member with another.
    """
    spans = [(r.offset, isinstance(r, RawRecord) and is_meant(r.headers), r) for r in read_records(path, block_max=0)]
    ends = [start for start, _, _ in spans[1:]] + [path.stat().st_size]
    meant = [(start, end) for (start, is_it, _), end in zip(spans, ends, strict=True) if is_it]
    if not meant:
        return 0
    if any(isinstance(r, RawRecord) and not r.is_seekable for _, is_it, r in spans if is_it):
        raise UserError(f"{path} is compressed as a whole: no record can be erased from it; remove the file")
    temporary = path.with_name(path.name + ".tmp")
    shutil.copyfile(path, temporary)
    with temporary.open("rb+") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        for start, end in meant:
            note = _gzip_note(end - start, path, start, at) if is_gzip else _plain_note(end - start, path, start, at)
            if note is None:
                raise UserError(f"{path}: the record at byte {start} is too short to be erased; remove the file")
            file.seek(start)
            file.write(note)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
    return len(meant)


def _note(path: Path, offset: int, at: datetime, block: bytes) -> bytes:
    identity = uuid5(NAMESPACE_URL, f"{path.name}:{offset}")
    headers = [
        ("WARC-Type", "metadata"),
        ("WARC-Record-ID", f"<urn:uuid:{identity}>"),
        ("WARC-Date", format_date(at)),
        ("Content-Type", "application/warc-fields"),
    ]
    return record_bytes(headers, block)


def _plain_note(length: int, path: Path, offset: int, at: datetime) -> bytes | None:
    text = b"note: a record was removed here\r\n"
    for padding in range(max(0, length - len(_note(path, offset, at, text)) - 20), length):
        note = _note(path, offset, at, text + b" " * padding)
        if len(note) == length:
            return note
        if len(note) > length:
            return None
    return None


def _gzip_note(length: int, path: Path, offset: int, at: datetime) -> bytes | None:
    member = gzip_member(_note(path, offset, at, b"note: a record was removed here\r\n"))
    padding = length - len(member) - 1
    if padding < 0:
        return None
    header = struct.pack("<HBBIBB", 0x8B1F, 8, _HAS_COMMENT, 0, 0, 255)
    return header + b" " * padding + b"\0" + member[len(header) :]
