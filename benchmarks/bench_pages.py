"""The pages of a measurement: one WARC file of as many as asked, all with other bytes and addresses.

They come from a WARC file that the user points to, else from the demo press, whose pages are small. A source that has
fewer is repeated: a copy stands under a domain of its own, so that no canonical link makes one article of two, and
ends in a comment with its number, so that no digest is met twice.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from soak_press import stocked

from demo.printer import Printer
from warehouse.captures import Broken, read_captures

PRINTED_MAX = 2_000
"""Distinct pages of the demo press: the time to make them grows faster than their number."""


@dataclass(frozen=True)
class Made:
    """A WARC file of `count` pages, of which `distinct` are no copies, and the bytes of their bodies."""

    path: Path
    count: int
    distinct: int
    body_bytes: int
    ends: tuple[int, ...]
    """Where each record ends in the file."""
    source: str

    def first(self, count: int) -> Path:
        """The first `count` pages as a file beside."""
        part = self.path.with_name(f"first-{count}-of-{self.count}.warc.gz")
        with self.path.open("rb") as whole, part.open("wb") as file:
            file.write(whole.read(self.ends[count - 1]))
        return part

    def parts(self, count: int) -> Path:
        """The file in `count` files of as many pages each, in a folder of their own."""
        folder = self.path.with_name(f"{count}-parts-of-{self.count}")
        folder.mkdir(exist_ok=True)
        ends = (0, *(self.ends[self.count * n // count - 1] for n in range(1, count + 1)))
        with self.path.open("rb") as whole:
            for number, (start, end) in enumerate(pairwise(ends)):
                (folder / f"{number}.warc.gz").write_bytes(whole.read(end - start))
        return folder


def make_warc(target: Path, source: Path | None, count: int) -> Made:
    """Write `count` response records to `target`, as gzip members, from `source` or from the demo press."""
    found = list(_archived(source) if source else _printed(min(count, PRINTED_MAX)))
    if not found:
        raise SystemExit(f"{source}: holds no HTML page")
    size = 0
    ends: list[int] = []
    with target.open("wb") as file:
        for number in range(count):
            copy, place = divmod(number, len(found))
            url, kind, body = found[place]
            if copy:
                url, body = _copied(url, copy), body + f"\n<!-- copy {copy} -->\n".encode()
            file.write(_record(number, url, kind, body))
            size += len(body)
            ends.append(file.tell())
    words = f"`{source.name}`" if source else "the demo press"
    return Made(target, count, min(count, len(found)), size, tuple(ends), words)


def _archived(source: Path) -> Iterator[tuple[str, str, bytes]]:
    """Pages without a content coding, each content once."""
    seen: set[str] = set()
    for one in read_captures(source.absolute(), root=source.absolute().parent):
        if isinstance(one, Broken) or one.reject or one.page.content_encoding or one.payload_digest in seen:
            continue
        seen.add(one.payload_digest)
        yield one.page.url, one.page.content_type or "text/html", one.page.body


def _printed(count: int) -> Iterator[tuple[str, str, bytes]]:
    for site in stocked(count // 7 + 2):
        printer = Printer(site, {s.id: f"http://{s.id}.example" for s in stocked(1)})
        for article in site.articles:
            body = printer.resource(article.path, 10_000).body
            yield f"http://{site.id}.example{article.path}", "text/html; charset=utf-8", body


def _copied(url: str, copy: int) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "nowhere").replace(".", "-").replace(":", "-")
    return parts._replace(netloc=f"{host}-{copy}.example").geturl()


def _record(number: int, url: str, kind: str, body: bytes) -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-10-01T12:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        f"WARC-Identified-Payload-Type: text/html\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", 6, mtime=0)
