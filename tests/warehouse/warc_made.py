"""WARC files made by hand for the tests, so that what is read does not depend on how we write."""

import gzip
from datetime import UTC, datetime

AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
HTML = b"<!doctype html><html><body><p>The harbour reopened on Monday.</p></body></html>"


def record(kind="response", url="http://port.example/a", block=b"", *, newline=b"\r\n", version=b"WARC/1.0", **headers):
    """One record; `headers` replace or add to what every record has, None takes one out."""
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": "2026-03-01T12:00:00Z",
        "WARC-Record-ID": f"<urn:test:{url}>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [version, *(f"{name}: {value}".encode() for name, value in fields.items() if value is not None)]
    return newline.join([*lines, b"", block, b"", b""])


def http(body=HTML, *, status="200 OK", newline=b"\r\n", **headers):
    """An HTTP answer."""
    fields = {"Content-Type": "text/html; charset=utf-8"} | {n.replace("_", "-"): v for n, v in headers.items()}
    lines = [f"HTTP/1.1 {status}".encode(), *(f"{n}: {v}".encode() for n, v in fields.items() if v is not None)]
    return newline.join([*lines, b"", body])


def page(number, body=None):
    """A response record of its own address and text."""
    return record(url=f"http://port.example/{number}", block=http(body or HTML + b"<!-- %d -->" % number))


def pages(count):
    """The records of a small file: a warcinfo record, then responses with their requests."""
    info = record("warcinfo", block=b"software: none\r\n", WARC_Target_URI=None, Content_Type="application/warc-fields")
    request = b"GET / HTTP/1.1\r\nHost: port.example\r\n\r\n"
    made = [info]
    for number in range(count):
        asked = record(
            "request", f"http://port.example/{number}", request, Content_Type="application/http; msgtype=request"
        )
        made += [page(number), asked]
    return made


def members(records):
    """A gzip member a record, as the standard asks."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
