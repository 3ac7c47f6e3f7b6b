"""What a given file is: by its name where that says something, and always by its first bytes."""

from __future__ import annotations

import zlib
from enum import Enum
from pathlib import Path

import zstandard

from warehouse.warc_repack import GZIP_MAGIC, ZIP_MAGIC, ZSTD_DICTIONARY_MAGIC, ZSTD_MAGIC

_HEAD = 1 << 16
_ARCHIVE_NAMES = (".warc", ".warc.gz", ".warc.zst", ".wacz")
_HTML_NAMES = (".html", ".htm", ".xhtml", ".shtml")
_TEXT_NAMES = (".txt", ".text")
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
# What is not text whatever its name says: PDF, PNG, JPEG, GIF, ZIP, gzip, ELF, OLE documents.
_BINARY_MAGICS = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)


class FileKind(Enum):
    """What `ingest` does with a file."""

    ARCHIVE = "archive"
    PAGE = "page"
    OTHER = "other"


def kind_of_file(path: Path, *, is_named: bool) -> FileKind:
    """What a file is. Raises ValueError, in one line, where name and content disagree; OSError if it is unreadable.

    In a folder, plain text is taken by its name only; a file that was named itself is taken if it reads as text.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    name = path.name.lower()
    is_archive = _is_archive(head)
    if name.endswith(_ARCHIVE_NAMES):
        if not head:
            raise ValueError("the file is empty")
        # Of a truncated zstd frame nothing may be readable: that it is damaged is said when it is unpacked.
        if not is_archive and not head.startswith(ZSTD_MAGIC):
            raise ValueError("named like an archive of web pages, but is none by its first bytes")
        return FileKind.ARCHIVE
    if is_archive and not head.startswith(ZIP_MAGIC):
        return FileKind.ARCHIVE
    if name.endswith((*_HTML_NAMES, *_TEXT_NAMES)):
        if head.startswith(_BINARY_MAGICS):
            raise ValueError("named like a page, but holds binary data")
        return FileKind.PAGE  # zero bytes alone prove nothing: UTF-16 without a mark is full of them
    if is_html(head) or (is_named and head and not _is_binary(head)):
        return FileKind.PAGE
    return FileKind.OTHER


def content_type_of(path: Path, content: bytes) -> str:
    """The media type that a page file is kept under."""
    name = path.name.lower()
    if name.endswith(".xhtml"):
        return "application/xhtml+xml"
    if name.endswith(_HTML_NAMES) or (is_html(content) and not name.endswith(_TEXT_NAMES)):
        return "text/html"
    return "text/plain"


def is_html(content: bytes) -> bool:
    """Whether content begins as HTML documents do; comments and an XML declaration may stand before."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    while start.startswith((b"<!--", b"<?xml")):
        end = b"-->" if start.startswith(b"<!--") else b">"
        _, found, start = start.partition(end)
        if not found:
            return False
        start = start.lstrip()
    return start.startswith(_HTML_STARTS)


def _is_archive(head: bytes) -> bool:
    if head.startswith(GZIP_MAGIC):
        try:
            head = zlib.decompressobj(31).decompress(head, 64)
        except zlib.error:
            return False
    elif head.startswith(ZSTD_MAGIC):
        try:
            head = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(head).read(64)
        except zstandard.ZstdError:
            return False
    elif head.startswith((ZSTD_DICTIONARY_MAGIC, ZIP_MAGIC)):
        return True
    return head.lstrip(b"\r\n").startswith(b"WARC/")


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 says so itself, and is full of zero bytes
        return False
    return b"\0" in head
