"""Writing captures: one open WARC file at a time, whole under its final name or not there at all.

A file being written is named `<name>.warc.gz.open` and locked; it gets its final name when it is closed. A response is
followed by the request that it answers. `sync` is what makes a fetch durable: before it, a kill may cost the records
written since. `recover` closes what a killed writer left: whole records are kept, a torn tail is cut.
"""

from __future__ import annotations

import fcntl
import os
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from warehouse.captures_identity import capture_id
from warehouse.datadir import sync_folder
from warehouse.warc_format import format_date, gzip_member, record_bytes, sha1_digest, warcinfo_block

OPEN_SUFFIX = ".open"
Truncation = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One answered request, as it is to be kept."""

    url: str
    """The address that gave this answer: the record's target."""
    requested_url: str
    """The address that the source named; another one than `url` after redirects."""
    source: str
    captured_at: datetime
    request_head: bytes
    """Request line and headers as sent; empty where not known, and then no request record is written."""
    status_line: str
    """As received, e.g. `HTTP/1.1 200 OK`."""
    headers: Sequence[tuple[bytes, bytes]]
    """As received, in order."""
    body: bytes
    """Transfer coding taken off, content coding left on."""
    ip: str | None = None
    truncated: Truncation | None = None
    """Why the body is not whole, if it is not."""
    about: Sequence[tuple[str, str]] = ()
    """How it came about, as fields of a metadata record; none writes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The capture that a revisit record refers to, because the page is still the same."""

    url: str
    captured_at: datetime
    warc_record_id: str
    payload_digest: str
    is_by_server: bool
    """Whether the server said so (304); else it sent the same body again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where a capture was put. `warc_file` is its final path below captures/, which exists once the file is closed."""

    capture_id: str
    warc_file: str
    warc_offset: int
    warc_record_id: str
    payload_digest: str


class CaptureWriter:
    """Appends exchanges to WARC files in `captures/<folder>/`. One writer belongs to one thread at a time."""

    def __init__(
        self,
        captures: Path,
        folder: str,
        *,
        bytes_max: int,
        clock: Callable[[], datetime],
        info: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._captures = captures
        self._folder = folder
        self._bytes_max = bytes_max
        self._clock = clock
        self._info = tuple(info)
        self._serial = 0
        self._file: BinaryIO | None = None
        self._name = ""
        self._count = 0
        self.size = 0
        """Bytes in the open file; 0 while none is open."""

    def __enter__(self) -> CaptureWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_full(self) -> bool:
        """Whether the open file has reached its size: time to `rotate`."""
        return self.size >= self._bytes_max

    def append(self, exchange: Exchange) -> Written:
        """Write the response and its request. Raises OSError (a full disk, say), and then nothing was appended."""
        digest = sha1_digest(exchange.body)
        headers = [
            ("WARC-Payload-Digest", digest),
            *([("WARC-Truncated", exchange.truncated)] if exchange.truncated else []),
        ]
        key = capture_id(exchange.url, exchange.captured_at, digest)
        return self._append("response", exchange, headers, exchange.body, key=key, digest=digest)

    def append_revisit(self, exchange: Exchange, earlier: Earlier) -> Written:
        """Write that a page is the one that was captured before: the answer's head, and where its body is. OSError."""
        profile = "server-not-modified" if earlier.is_by_server else "identical-payload-digest"
        headers = [
            ("WARC-Profile", f"http://netpreserve.org/warc/1.1/revisit/{profile}"),
            ("WARC-Refers-To", earlier.warc_record_id),
            ("WARC-Refers-To-Target-URI", earlier.url),
            ("WARC-Refers-To-Date", format_date(earlier.captured_at)),
            ("WARC-Payload-Digest", earlier.payload_digest),
        ]
        key = capture_id(exchange.url, exchange.captured_at, f"revisit {earlier.payload_digest}")
        return self._append("revisit", exchange, headers, b"", key=key, digest=earlier.payload_digest)

    def _append(
        self, kind: str, exchange: Exchange, headers: Sequence[tuple[str, str]], body: bytes, *, key: str, digest: str
    ) -> Written:
        """Write one answer with what belongs to it: request and metadata, each a record of its own."""
        file = self._file or self._open()
        record_id = _record_id()
        common = [("WARC-Target-URI", exchange.url), ("WARC-Date", format_date(exchange.captured_at))]
        answer = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", record_id),
            *common,
            *([("WARC-IP-Address", exchange.ip)] if exchange.ip else []),
            ("Content-Type", "application/http; msgtype=response"),
            *headers,
            ("Broadsheet-Source", exchange.source),
            *([("Broadsheet-Url", exchange.requested_url)] if exchange.requested_url != exchange.url else []),
        ]
        data = gzip_member(record_bytes(answer, _response_head(exchange, len(body)) + body))
        beside = [("request", "application/http; msgtype=request", exchange.request_head)]
        if exchange.about:
            beside.append(("metadata", "application/warc-fields", warcinfo_block(exchange.about)))
        for other, media_type, block in beside:
            if block:
                extra = [
                    ("WARC-Type", other),
                    ("WARC-Record-ID", _record_id()),
                    *common,
                    ("WARC-Concurrent-To", record_id),
                    ("Content-Type", media_type),
                ]
                data += gzip_member(record_bytes(extra, block))
        offset = self.size
        self._write(file, data)
        self._count += 1
        return Written(
            capture_id=key, warc_file=self._name, warc_offset=offset, warc_record_id=record_id, payload_digest=digest
        )

    def sync(self) -> None:
        """Return when everything appended so far is on the disk."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def rotate(self) -> str | None:
        """Close the open file and give its path below captures/, None if it holds nothing. An append opens the next."""
        if self._file is None:
            return None
        self.sync()
        final = self._captures / self._name
        opened = final.with_name(final.name + OPEN_SUFFIX)
        name = self._name if self._count else None
        if name is None:
            opened.unlink()  # the disk was full before the first record
        else:
            opened.rename(final)
        self._file.close()
        sync_folder(final.parent)
        self._file, self._name, self.size = None, "", 0
        return name

    def close(self) -> str | None:
        """The same as `rotate`: a closed writer can be used again."""
        return self.rotate()

    def _open(self) -> BinaryIO:
        folder = self._captures / self._folder
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            started = self._clock()
            name = f"{started:%Y%m%d%H%M%S}-{self._serial:05d}-{uuid.uuid4().hex[:8]}.warc.gz"
            self._serial += 1
            if (file := _create(folder / (name + OPEN_SUFFIX))) is not None:
                break
        self._file, self._name = file, f"{self._folder}/{name}" if self._folder else name
        self._count = self.size = 0
        info = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", _record_id()),
            ("WARC-Date", format_date(started)),
            ("WARC-Filename", name),
            ("Content-Type", "application/warc-fields"),
        ]
        block = warcinfo_block([("software", "Broadsheet"), ("format", "WARC File Format 1.1"), *self._info])
        self._write(file, gzip_member(record_bytes(info, block)))
        return file

    def _write(self, file: BinaryIO, data: bytes) -> None:
        # Not buffered: a buffer would keep what failed to be written and try it again behind the cut.
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError:
            file.truncate(self.size)
            file.seek(self.size)
            raise
        self.size += len(data)


def _create(path: Path) -> BinaryIO | None:
    """A new file under our lock; None where `recover` took it for a dead writer's before it was locked."""
    file = path.open("xb", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    file.close()
    return None


_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _response_head(exchange: Exchange, length: int) -> bytes:
    """Status line and headers as received, but for Transfer-Encoding, which the kept body no longer has.

    It is kept under another name, as Common Crawl and Browsertrix do, and the length that takes its place is stated.
    """
    lines = [exchange.status_line.encode("utf-8", "surrogateescape")]
    has_length = False
    for name, value in exchange.headers:
        if not _NAME.fullmatch(name):
            continue
        if name.lower() == b"transfer-encoding":
            name = b"X-Archive-Orig-Transfer-Encoding"  # noqa: PLW2901
        has_length = has_length or name.lower() == b"content-length"
        lines.append(name + b": " + value.replace(b"\r", b" ").replace(b"\n", b" "))
    if not has_length:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
