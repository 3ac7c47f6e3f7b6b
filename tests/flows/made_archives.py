"""WARC files of made-up pages, each with an article of its own."""

import gzip

_TEXT = (
    "The harbour master of pier {n} counted {m} gulls on the mole before breakfast and wrote the number down in the "
    "ledger that has lain beside the tide gauge since the winter of the great ice."
)


def archive_of(number: int, *, pages: int, filler: int = 0) -> bytes:
    """A `.warc.gz` of so many pages at addresses of its own; `filler` adds bytes that no compression takes away."""
    made = bytearray()
    for page in range(pages):
        paragraphs = "".join(f"<p>{_TEXT.format(n=number * 1000 + page, m=line * 37 + page)}</p>" for line in range(6))
        noise = "".join(
            f"{(number * 7919 + page * 104_729 + i * 2_654_435_761) % 2**32:08x}" for i in range(filler // 8)
        )
        body = (
            f"<!doctype html><html><head><title>Pier {number}-{page}</title></head><body><!-- {noise} -->"
            f"<article><h1>Gulls on pier {number}-{page}</h1>{paragraphs}</article></body></html>"
        ).encode()
        url = f"http://harbour-{number}.example/{page}"
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
            f"WARC-Date: 2026-10-{number + 1:02d}T12:00:00Z\r\nWARC-Record-ID: <urn:test:{number}-{page}>\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        )
        made += gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)
    return bytes(made)
