"""HTML and text files as captures: `resource` records in a WARC file of their own.

The file's name and every byte in it follow from the pages, their addresses and modification times, so taking in the
same files again makes the same WARC file. Which files are known is read from these WARC files: nothing else keeps it.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.captures_identity import capture_id
from warehouse.captures_record import BODY_BYTES_MAX
from warehouse.datadir import sync_folder
from warehouse.ingest_kind import content_type_of
from warehouse.warc_format import format_date, gzip_member, parse_date, record_bytes, sha1_digest, warcinfo_block
from warehouse.warc_records import RawRecord, read_records

FILE_BYTES_MAX = 4 * BODY_BYTES_MAX
"""A larger file is not read into memory; one over BODY_BYTES_MAX is kept, and rejected as too large when it is read."""

PREFIX = "files-"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file that is a page, without its content."""

    path: Path
    url: str
    modified_at: datetime
    content_type: str
    capture_id: str


def read_page_file(path: Path) -> PageFile | None:
    """What is to be known about a file before it is taken; None if it is too large. Raises OSError, OverflowError."""
    content = _content(path)
    if content is None:
        return None
    modified_at = _EPOCH + timedelta(microseconds=path.stat().st_mtime_ns // 1000)
    url = path.as_uri()
    return PageFile(
        path=path,
        url=url,
        modified_at=modified_at,
        content_type=content_type_of(path, content),
        capture_id=capture_id(url, modified_at, sha1_digest(content)),
    )


def known_page_files(folder: Path) -> Mapping[str, str]:
    """The captures in the page-file WARCs of a folder, each with the name of the file that holds it."""
    known: dict[str, str] = {}
    for warc in sorted(folder.glob(f"{PREFIX}*.warc.gz")):
        for record in read_records(warc, block_max=0):
            if not isinstance(record, RawRecord) or record.headers.get("warc-type") != "resource":
                continue
            at = parse_date(record.headers.get("warc-date"))
            digest = record.headers.get("warc-payload-digest")
            if at and digest:
                known.setdefault(capture_id(record.headers["warc-target-uri"], at, digest), warc.name)
    return known


def write_page_files(folder: Path, pages: Sequence[PageFile]) -> tuple[str, Mapping[Path, str]]:
    """Write page files into one WARC file of `folder`: its name, and the files that could not be read, with the reason.

    Raises OSError where the WARC file cannot be written.
    """
    ordered = sorted(pages, key=lambda page: page.capture_id)
    key = hashlib.sha256("\n".join(page.capture_id for page in ordered).encode()).hexdigest()[:16]
    name = f"{PREFIX}{key}.warc.gz"
    temporary = folder / (name + ".tmp")
    failures: dict[Path, str] = {}
    try:
        with temporary.open("wb") as out:
            out.write(_warcinfo(name, key, max(page.modified_at for page in pages)))
            for page in sorted(pages, key=lambda page: page.url):
                try:
                    content = _content(page.path)
                except OSError as error:
                    failures[page.path] = error.strerror or str(error)
                    continue
                if content is None or capture_id(page.url, page.modified_at, sha1_digest(content)) != page.capture_id:
                    failures[page.path] = "changed while it was being read"
                    continue
                out.write(_resource(page, content))
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return name, failures


def _content(path: Path) -> bytes | None:
    with path.open("rb") as file:
        content = file.read(FILE_BYTES_MAX + 1)
    return content if len(content) <= FILE_BYTES_MAX else None


def _warcinfo(name: str, key: str, at: datetime) -> bytes:
    headers = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, key)}>"),
        ("WARC-Date", format_date(at)),
        ("WARC-Filename", name),
        ("Content-Type", "application/warc-fields"),
    ]
    block = warcinfo_block([("software", "Broadsheet"), ("format", "WARC File Format 1.1")])
    return gzip_member(record_bytes(headers, block))


def _resource(page: PageFile, content: bytes) -> bytes:
    headers = [
        ("WARC-Type", "resource"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, page.capture_id)}>"),
        ("WARC-Target-URI", page.url),
        ("WARC-Date", format_date(page.modified_at)),
        ("Content-Type", page.content_type),
        ("WARC-Payload-Digest", sha1_digest(content)),
    ]
    return gzip_member(record_bytes(headers, content))
