from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from warehouse.captures import Captured, read_captures
from warehouse.captures_writer import CaptureWriter, Earlier, Exchange
from warehouse.cdxj import surt, write_index

AT = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Harbour.example/News/?b=2&a=1", "example,harbour)/news?a=1&b=2"),
        ("http://harbour.example:8080/", "example,harbour:8080)/"),
        ("http://127.0.0.1:80/a", "127.0.0.1)/a"),
        ("file:///a/b.html", "file:///a/b.html"),
        ("no url", "no url"),
    ],
)
def test_surt(url: str, expected: str) -> None:
    assert surt(url) == expected


@given(st.text(max_size=40))
def test_surt_never_raises(text: str) -> None:
    surt(text), surt("http://" + text)


def exchange(n: int, body: bytes) -> Exchange:
    return Exchange(
        url=f"https://harbour.example/{n}",
        requested_url=f"https://harbour.example/{n}",
        source="harbour",
        captured_at=AT,
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        status_line="HTTP/1.1 200 OK",
        headers=[(b"Content-Type", b"text/html; charset=utf-8")],
        body=body,
        about=[("hops", "0")],
    )


def test_revisits_metadata_and_index_are_read_back_by_another_tool(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path, "crawl", bytes_max=1_000_000, clock=lambda: AT)
    first = writer.append(exchange(1, b"<html>one</html>"))
    second = writer.append(exchange(2, b"<html>two</html>"))
    for is_by_server in (True, False):
        earlier = Earlier(
            url="https://harbour.example/1",
            captured_at=AT,
            warc_record_id=first.warc_record_id,
            payload_digest=first.payload_digest,
            is_by_server=is_by_server,
        )
        revisit = writer.append_revisit(exchange(1, b""), earlier)
    warc_file = writer.close()
    assert warc_file is not None
    index = write_index(tmp_path, warc_file)
    lines = [line.split(" ", 2) for line in index.read_text().splitlines()]
    assert [key for key, _, _ in lines] == ["example,harbour)/1"] * 3 + ["example,harbour)/2"]
    assert {at for _, at, _ in lines} == {"20261123080000"}
    found = [json.loads(fields) for _, _, fields in lines]
    assert sorted(f["mime"] for f in found) == ["text/html", "text/html", "warc/revisit", "warc/revisit"]
    assert found[3]["offset"] == str(second.warc_offset)
    with (tmp_path / warc_file).open("rb") as stream:
        for fields in found:
            stream.seek(int(fields["offset"]))
            record = next(iter(ArchiveIterator(stream)))
            assert record.rec_headers.get_header("WARC-Target-URI") == fields["url"]
            assert record.rec_headers.get_header("WARC-Payload-Digest") == fields["digest"]
        stream.seek(0)
        kinds = [r.rec_type for r in ArchiveIterator(stream)]
    assert kinds == ["warcinfo"] + ["response", "request", "metadata"] * 2 + ["revisit", "request", "metadata"] * 2
    ours = [r for r in read_captures(tmp_path / warc_file, root=tmp_path) if isinstance(r, Captured)]
    assert [r.kind for r in ours] == ["response", "response", "revisit", "revisit"]
    assert ours[3].page.capture_id == revisit.capture_id
