"""From a WARC record to a capture: a page as extraction takes it, or the reason why it gives none.

A capture is a `response` to HTTP, a `revisit`, or a `resource` (a file) of text. Whatever can be known about it without
extraction, such as a status other than 200, comes with it as a rejection. Chunked transfer coding is taken off here;
the content coding stays on, so that it is undone with a bound, in a process that may be killed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from transforms.media_types import UNTYPED, media_type
from transforms.outcome import Outcome
from transforms.page import Page, Rejected
from warehouse.captures_identity import capture_id
from warehouse.warc_format import parse_date, sha1_digest
from warehouse.warc_records import RawRecord

BODY_BYTES_MAX = 16_000_000
"""The same as the fetcher's cap of a body as sent: what we would not fetch, we do not extract."""

Kind = Literal["response", "revisit", "resource"]
_PAGE_STATUSES = frozenset([None, 200, 201, 202, 203])
"""None is a file. The other 2xx have no body, or part of one."""
_TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")
_GZIP_START = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One capture with its place. `reject` is set where it is known without extraction that it gives no article."""

    page: Page
    """Its body is empty where `reject` is set."""
    warc_file: str
    """Path below captures/."""
    warc_offset: int
    warc_record_id: str
    payload_digest: str
    payload_bytes: int
    status: int | None
    kind: Kind
    reject: Rejected | None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record that would be a capture, but lacks what every capture needs."""

    reason: str


def kind_of(headers: Mapping[str, str]) -> Kind | Unusable | None:
    """What a record is as a capture, by its WARC headers alone; None if it is none."""
    url = _target(headers)
    scheme = url.partition(":")[0].lower()
    kind: Kind
    match headers.get("warc-type", "").lower():
        case "response" if not url or scheme in ("http", "https"):
            kind = "response"
        case "revisit" if not url or scheme in ("http", "https"):
            kind = "revisit"
        # Wget and browser crawlers keep logs, texts and screenshots as resources of other schemes.
        case "resource" if (
            scheme in ("http", "https", "file", "ftp") and media_type(headers.get("content-type")) in _TEXT_TYPES
        ):
            kind = "resource"
        case _:
            return None
    if not url:
        return Unusable(f"a {kind} record without WARC-Target-URI")
    if parse_date(headers.get("warc-date")) is None:
        return Unusable(f"a {kind} record without a valid WARC-Date")
    return kind


def capture_of(record: RawRecord, kind: Kind, *, warc_file: str, source: str, body_bytes_max: int) -> Captured:
    """The capture that a record holds. `kind` is what `kind_of` said of it."""
    headers = record.headers
    url = _target(headers)
    at = parse_date(headers.get("warc-date"))
    if at is None:
        raise ValueError("kind_of lets no record without a date pass")
    answer = _answer(record, kind, body_bytes_max)
    reject = _rejection(headers, kind, record.cut, answer, body_bytes_max)
    page = Page(
        # A revisit shares address and digest with what it revisits, and in some archives the second as well.
        capture_id=capture_id(url, at, f"revisit {answer.digest}" if kind == "revisit" else answer.digest),
        url=headers.get("broadsheet-url") or url,
        final_url=url,
        source=headers.get("broadsheet-source") or source,
        captured_at=at,
        content_type=answer.headers.get("content-type"),
        content_encoding=answer.headers.get("content-encoding"),
        body=answer.body if reject is None else b"",
    )
    return Captured(
        page=page,
        warc_file=warc_file,
        warc_offset=record.offset,
        warc_record_id=headers.get("warc-record-id", ""),
        payload_digest=answer.digest,
        payload_bytes=answer.payload_bytes,
        status=answer.status,
        kind=kind,
        reject=reject,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The block of a record, taken apart."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    payload_bytes: int
    digest: str


def _answer(record: RawRecord, kind: Kind, body_bytes_max: int) -> _Answer:
    body = record.block
    status = None
    headers: Mapping[str, str] = record.headers
    if kind != "resource":
        http = StatusAndHeaders("", [])
        if record.block.startswith(b"HTTP/"):
            stream = io.BytesIO(record.block)
            http = StatusAndHeadersParser([], verify=False).parse(stream)
            body = record.block[stream.tell() :]
        headers = _http_headers(http)
        status = _status(http)
    payload_bytes = record.length - (len(record.block) - len(body))
    if kind == "revisit" or payload_bytes > body_bytes_max:
        # What is not here, or not whole, cannot be hashed: the archive's own digest stands for it.
        digest = record.headers.get("warc-payload-digest") or sha1_digest(body)
        return _Answer(status, headers, b"", payload_bytes, digest)
    if transfer := headers.get("transfer-encoding"):
        body, kept = _without_chunks(body, transfer)
        codings = [coding for coding in (headers.get("content-encoding"), kept) if coding]
        headers = {**headers, "content-encoding": ", ".join(codings)} if codings else headers
    return _Answer(status, headers, body, len(body), sha1_digest(body))


def _rejection(  # noqa: PLR0911 - a list of rules, one return each
    headers: Mapping[str, str], kind: Kind, cut: str | None, answer: _Answer, /, body_bytes_max: int
) -> Rejected | None:
    if kind == "revisit":
        earlier = [headers.get("warc-refers-to-target-uri", ""), headers.get("warc-refers-to-date", "")]
        return Rejected(outcome=Outcome.REVISIT, detail=" ".join(filter(None, earlier)) or None)
    if cut:
        return Rejected(outcome=Outcome.TRUNCATED, detail=cut)
    if kind == "response" and answer.status is None:
        return Rejected(outcome=Outcome.BAD_RESPONSE, detail="the record does not begin with an HTTP status line")
    if answer.status not in _PAGE_STATUSES:
        return Rejected(outcome=Outcome.HTTP_STATUS, detail=str(answer.status))
    if answer.payload_bytes > body_bytes_max:
        return Rejected(
            outcome=Outcome.TOO_LARGE, detail=f"{answer.payload_bytes} bytes; the limit is {body_bytes_max}"
        )
    if not answer.body:
        return Rejected(outcome=Outcome.EMPTY)
    declared = media_type(answer.headers.get("content-type"))
    if not declared and not _looks_like_html(answer.body):
        return Rejected(outcome=Outcome.NOT_HTML, detail="no Content-Type, and no HTML by its first bytes")
    if declared in UNTYPED and _looks_like_html(answer.body):
        declared = "text/html"
    if declared and declared not in _TEXT_TYPES:
        return Rejected(outcome=Outcome.NOT_HTML, detail=declared)
    if declared == "text/plain" and _target(headers).endswith("/robots.txt"):
        return Rejected(outcome=Outcome.NOT_HTML, detail="robots.txt")
    # Crawlers with a cap cut long pages (`length`), mostly behind the article; the other reasons cut anywhere.
    if (reason := headers.get("warc-truncated", "length")) != "length":
        return Rejected(outcome=Outcome.TRUNCATED, detail=f"WARC-Truncated: {reason}")
    if "warc-segment-number" in headers:
        return Rejected(outcome=Outcome.TRUNCATED, detail="a segment of a longer record")
    return None


def _target(headers: Mapping[str, str]) -> str:
    """The target URI without the angle brackets that some writers put, and with its spaces escaped."""
    url = headers.get("warc-target-uri", "")
    if url.startswith("<") and url.endswith(">"):
        url = url[1:-1]
    return url.replace(" ", "%20")


def _without_chunks(body: bytes, transfer: str) -> tuple[bytes, str]:
    """The body with its chunks joined, and the transfer codings that are still on it.

    A body that is not chunked although the header says so (many archives keep the header) is taken as it is.
    """
    codings = [name for name in (part.strip().lower() for part in transfer.split(",")) if name not in ("", "identity")]
    if codings and codings[-1] == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read()
        codings.pop()
    return body, ", ".join(codings)


def _http_headers(http: StatusAndHeaders) -> dict[str, str]:
    """Names in lower case; repeated values are joined, but for Content-Type, whose first counts."""
    headers: dict[str, str] = {}
    for name, value in http.headers:
        name, value = name.lower(), value.strip()  # noqa: PLW2901
        if name not in headers:
            headers[name] = value
        elif name != "content-type":
            headers[name] += f", {value}"
    return headers


def _status(http: StatusAndHeaders) -> int | None:
    code = str(http.get_statuscode())
    return int(code) if len(code) == 3 and code.isascii() and code.isdigit() else None


def _looks_like_html(body: bytes) -> bool:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith(_HTML_STARTS) or body.startswith(_GZIP_START)
