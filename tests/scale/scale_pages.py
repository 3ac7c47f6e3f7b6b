"""WARC files for what is shown on several engines: the demo press, real pages where they are at hand, and bad ones."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from demo.articles import load_sites
from demo.printer import Printer
from warehouse.captures import Captured, read_captures

EDITION = 3
BENCH_PAGES = 40


def record_of(url: str, body: bytes, number: int, content_type: str = "text/html; charset=utf-8") -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-10-05T12:00:00Z\r\n"
        f"WARC-Record-ID: <urn:scale:{number}>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


def demo_pages() -> Iterator[tuple[str, bytes]]:
    """Every article page of the demo press, as its last edition prints it."""
    sites = load_sites()
    origins = {site.id: f"http://{site.id}.example" for site in sites}
    for site in sites:
        printer = Printer(site, origins)
        for article in site.articles:
            page = printer.resource(article.path, EDITION)
            if page.status == 200:
                yield origins[site.id] + article.path, page.body


def bench_pages() -> Iterator[tuple[str, bytes]]:
    """Some real pages, where BROADSHEET_BENCH names the folder that holds them."""
    if folder := os.environ.get("BROADSHEET_BENCH"):
        path = Path(folder, "dev", "pages.warc.gz")
        kept = (c for c in read_captures(path, root=path.parent) if isinstance(c, Captured) and not c.reject)
        for capture in islice(kept, BENCH_PAGES):
            yield capture.page.url, capture.page.body


def write_archive(path: Path, pages: Iterable[tuple[str, bytes]]) -> int:
    """One record a page; returns how many."""
    records = [record_of(url, body, number) for number, (url, body) in enumerate(pages)]
    path.write_bytes(b"".join(records))
    return len(records)


def long_page() -> bytes:
    """A page that an extraction takes seconds and hundreds of megabytes for, within what is allowed as input."""
    line = "The harbour master counted the gulls on the mole before breakfast and wrote the number {n} down. " * 3
    paragraphs = "".join(f"<p>{line.format(n=n)}</p>" for n in range(36_000))
    head = "<html><head><title>Long</title></head><body><article><h1>Long</h1>"
    return f"{head}{paragraphs}</article></body></html>".encode()
