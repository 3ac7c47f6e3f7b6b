"""Reading captures from whole WARC files: what is a capture, what it holds, what is known without extraction."""

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_made import AT, HTML, http, members, page, pages, record

from transforms.outcome import Outcome
from warehouse.captures import Broken, Captured, plan_shards, read_captures
from warehouse.captures_identity import capture_id
from warehouse.warc_format import format_date, parse_date, sha1_digest


def read(tmp_path, data, name="one.warc", **arguments):
    path = tmp_path / name
    path.write_bytes(data)
    return list(read_captures(path, root=tmp_path, **arguments))


def read_one(tmp_path, data, **arguments):
    [captured] = read(tmp_path, data, **arguments)
    assert isinstance(captured, Captured)
    return captured


def test_a_response_is_a_page(tmp_path):
    captured = read_one(tmp_path, record(block=http(Content_Encoding="identity")))
    assert captured.page.url == captured.page.final_url == "http://port.example/a"
    assert captured.page.body == HTML
    assert captured.page.content_type == "text/html; charset=utf-8"
    assert captured.page.content_encoding == "identity"
    assert captured.page.captured_at == AT
    assert captured.page.source == "ingest"
    assert captured.page.capture_id == capture_id("http://port.example/a", AT, sha1_digest(HTML))
    assert captured.payload_digest == sha1_digest(HTML)
    assert (captured.payload_bytes, captured.status, captured.kind, captured.reject) == (
        len(HTML),
        200,
        "response",
        None,
    )
    assert (captured.warc_file, captured.warc_offset) == ("one.warc", 0)
    assert captured.warc_record_id == "<urn:test:http://port.example/a>"


def test_our_own_headers_say_where_a_page_came_from(tmp_path):
    data = record(block=http(), Broadsheet_Source="gazette", Broadsheet_Url="http://port.example/short")
    captured = read_one(tmp_path, data, source="other")
    assert captured.page.source == "gazette"
    assert captured.page.url == "http://port.example/short"
    assert captured.page.final_url == "http://port.example/a"


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_lines_may_end_in_line_feeds_alone(tmp_path, newline, compress):
    data = record(block=http(newline=newline), newline=newline) * 2
    found = read(tmp_path, compress(data))
    assert [one.page.body for one in found] == [HTML, HTML]


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://port.example/a b  c", "http://port.example/a%20b%20%20c"),
        ("<http://port.example/x>", "http://port.example/x"),
        ("http://port.example/Straße", "http://port.example/Straße"),
    ],
)
def test_targets_that_writers_get_wrong(tmp_path, url, target):
    assert read_one(tmp_path, record(url=url, block=http())).page.final_url == target


@pytest.mark.parametrize(
    ("kind", "url", "content_type"),
    [
        ("warcinfo", "http://port.example/", "application/warc-fields"),
        ("request", "http://port.example/", "application/http; msgtype=request"),
        ("metadata", "http://port.example/", "application/warc-fields"),
        ("conversion", "http://port.example/", "text/plain"),
        ("continuation", "http://port.example/", None),
        ("response", "dns:port.example", "text/dns"),
        ("resource", "http://port.example/a.png", "image/png"),
        ("resource", "urn:text:http://port.example/", "text/plain"),
        ("resource", "metadata://gnu.org/software/wget/warc/wget.log", "text/plain"),
    ],
)
def test_records_that_are_no_captures(tmp_path, kind, url, content_type):
    data = record(kind, url, b"some text", Content_Type=content_type)
    assert read(tmp_path, data) == []
    assert plan_shards(tmp_path / "one.warc", root=tmp_path, pages=1).problem is None


@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=utf-8", "application/xhtml+xml"])
def test_a_file_is_a_capture(tmp_path, content_type):
    captured = read_one(tmp_path, record("resource", "file:///data/a.txt", b"Text", Content_Type=content_type))
    assert (captured.kind, captured.status, captured.reject) == ("resource", None, None)
    assert captured.page.body == b"Text"
    assert captured.page.content_type == content_type


@pytest.mark.parametrize(
    ("block", "headers", "outcome", "detail"),
    [
        (http(status="404 Not Found"), {}, Outcome.HTTP_STATUS, "404"),
        (http(status="301 Moved", Location="/b"), {}, Outcome.HTTP_STATUS, "301"),
        (http(b""), {}, Outcome.EMPTY, None),
        (http(Content_Type="application/pdf"), {}, Outcome.NOT_HTML, "application/pdf"),
        (
            http(b"\x00\x01\x02", Content_Type=None),
            {},
            Outcome.NOT_HTML,
            "no Content-Type, and no HTML by its first bytes",
        ),
        (b"no HTTP at all", {}, Outcome.BAD_RESPONSE, "the record does not begin with an HTTP status line"),
        (http(status="abc"), {}, Outcome.BAD_RESPONSE, "the record does not begin with an HTTP status line"),
        (b"", {}, Outcome.BAD_RESPONSE, "the record does not begin with an HTTP status line"),
        (http(b"x" * 2_000), {}, Outcome.TOO_LARGE, "2000 bytes; the limit is 1000"),
        (http(), {"WARC_Truncated": "disconnect"}, Outcome.TRUNCATED, "WARC-Truncated: disconnect"),
        (http(), {"WARC_Segment_Number": "1"}, Outcome.TRUNCATED, "a segment of a longer record"),
    ],
)
def test_what_is_known_without_extraction(tmp_path, block, headers, outcome, detail):
    captured = read_one(tmp_path, record(block=block, **headers), body_bytes_max=1_000)
    assert captured.reject is not None
    assert (captured.reject.outcome, captured.reject.detail) == (outcome, detail)
    assert captured.page.body == b""


@pytest.mark.parametrize(
    ("block", "headers"),
    [
        (http(Content_Type="application/xhtml+xml"), {}),
        (http(Content_Type="TEXT/HTML"), {}),
        (http(b"  " + HTML, Content_Type=None), {}),
        (http(gzip.compress(HTML), Content_Type=None, Content_Encoding="gzip"), {}),
        (http(b"Title\n\nText", Content_Type="text/plain"), {}),
        (http(), {"WARC_Truncated": "length"}),
        (http().replace(b"HTTP/1.1", b"HTTP/2"), {}),
    ],
    ids=range(7),
)
def test_pages_that_go_to_extraction(tmp_path, block, headers):
    assert read_one(tmp_path, record(block=block, **headers)).reject is None


def test_records_as_large_crawls_and_browser_crawls_write_them(tmp_path):
    """The headers that Common Crawl and Browsertrix add, and the records that are no pages beside them."""
    crawl = record(
        block=http(
            X_Crawler_Content_Encoding="gzip", X_Crawler_Transfer_Encoding="chunked", Content_Length=str(len(HTML))
        ),
        WARC_Identified_Payload_Type="text/html",
        WARC_Truncated="length",
        WARC_Payload_Digest="sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    )
    browser = record(
        url="https://port.example/b",
        version=b"WARC/1.1",
        block=http(X_Orig_Content_Encoding="br"),
        WARC_Date="2026-03-01T12:00:00.123Z",
        WARC_Page_ID="1b2c",
        WARC_JSON_Metadata='{"ipType":"Public"}',
        WARC_Payload_Digest="sha256:" + "0" * 64,
    )
    beside = [
        record("resource", "urn:pageinfo:https://port.example/b", b"{}", Content_Type="application/json"),
        record("resource", "urn:text:https://port.example/b", b"Text", Content_Type="text/plain"),
        record("resource", "urn:view:https://port.example/b", b"\x89PNG", Content_Type="image/png"),
    ]
    found = read(tmp_path, members([crawl, browser, *beside]))
    assert [one.page.final_url for one in found] == ["http://port.example/a", "https://port.example/b"]
    assert all(one.reject is None and one.page.content_encoding is None and one.page.body == HTML for one in found)
    assert {one.payload_digest for one in found} == {sha1_digest(HTML)}


def test_robots_txt_is_no_page(tmp_path):
    data = record(url="http://port.example/robots.txt", block=http(b"User-agent: *", Content_Type="text/plain"))
    assert read_one(tmp_path, data).reject.outcome is Outcome.NOT_HTML


def test_a_revisit_names_what_it_revisits_and_is_not_taken_for_it(tmp_path):
    digest = sha1_digest(HTML)
    revisit = record(
        "revisit",
        block=http(b""),
        WARC_Payload_Digest=digest,
        WARC_Refers_To_Target_URI="http://port.example/a",
        WARC_Refers_To_Date="2026-03-01T12:00:00Z",
    )
    first, again = read(tmp_path, record(block=http()) + revisit)
    assert again.kind == "revisit"
    assert again.reject.outcome is Outcome.REVISIT
    assert again.reject.detail == "http://port.example/a 2026-03-01T12:00:00Z"
    assert again.payload_digest == first.payload_digest == digest
    assert again.page.capture_id != first.page.capture_id


def test_records_with_the_same_id_are_both_read(tmp_path):
    data = b"".join(record(url=f"http://port.example/{n}", block=http(), WARC_Record_ID="<urn:x>") for n in (1, 2))
    found = read(tmp_path, data)
    assert [one.page.final_url for one in found] == ["http://port.example/1", "http://port.example/2"]
    assert {one.warc_record_id for one in found} == {"<urn:x>"}


@pytest.mark.parametrize(
    ("transfer", "body", "expected"),
    [
        ("chunked", b"5\r\nhello\r\n6; ext=1\r\n world\r\n0\r\n\r\n", b"hello world"),
        ("Chunked", b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        ("chunked", HTML, HTML),  # an archive that took the chunks off and left the header
        ("chunked", b"20\r\nhello", b"hello"),
        ("identity", HTML, HTML),
    ],
)
def test_chunked_transfer_coding_is_taken_off(tmp_path, transfer, body, expected):
    captured = read_one(tmp_path, record(block=http(body, Transfer_Encoding=transfer)))
    assert captured.page.body == expected
    assert captured.page.content_encoding is None
    assert captured.payload_digest == sha1_digest(expected)
    assert captured.payload_bytes == len(expected)


def test_content_coding_stays_on(tmp_path):
    coded = gzip.compress(HTML)
    block = http(coded, Content_Encoding="gzip", Transfer_Encoding="identity")
    captured = read_one(tmp_path, record(block=block))
    assert (captured.page.content_encoding, captured.page.body) == ("gzip", coded)


def test_another_transfer_coding_counts_as_content_coding(tmp_path):
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(zlib.compress(HTML)), zlib.compress(HTML))
    captured = read_one(tmp_path, record(block=http(chunks, Transfer_Encoding="deflate, chunked")))
    assert (captured.page.content_encoding, captured.page.body) == ("deflate", zlib.compress(HTML))


def test_a_large_body_is_not_held(tmp_path):
    """The block kept of a 40 MB record is bounded by the limit; the next record is found behind it."""
    import tracemalloc

    data = members([record(block=http(b"x" * 40_000_000)), page(1)])
    (tmp_path / "large.warc.gz").write_bytes(data)
    tracemalloc.start()
    first, second = read_captures(tmp_path / "large.warc.gz", root=tmp_path, body_bytes_max=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first.reject.outcome is Outcome.TOO_LARGE
    assert first.payload_bytes == 40_000_000
    assert second.reject is None
    assert peak < 12_000_000


@pytest.mark.parametrize("form", ["plain", "members", "whole"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_shards_hold_each_capture_once(tmp_path, form, count, size):
    data = {
        "plain": b"".join(pages(count)),
        "members": members(pages(count)),
        "whole": gzip.compress(b"".join(pages(count))),
    }[form]
    every = read(tmp_path, data, name="one.warc.gz")
    plan = plan_shards(tmp_path / "one.warc.gz", root=tmp_path, pages=size)
    assert plan.problem is None
    read_back = []
    for shard in plan.shards:
        held = list(read_captures(tmp_path / shard.warc_file, root=tmp_path, start=shard.start, end=shard.end))
        assert len(held) == shard.count
        read_back += held
    assert read_back == every
    assert len(every) == count
    assert [shard.number for shard in plan.shards] == list(range(len(plan.shards)))
    if form != "whole":
        assert all(shard.count <= size for shard in plan.shards)


def test_offsets_lead_back_to_the_record(tmp_path):
    for name, data in (("a.warc", b"".join(pages(5))), ("a.warc.gz", members(pages(5)))):
        for captured in read(tmp_path, data, name=name):
            path = tmp_path / name
            again = next(read_captures(path, root=tmp_path, start=captured.warc_offset))
            assert again == captured


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", AT),
        ("2026-03-01T12:00:00.25Z", AT + timedelta(milliseconds=250)),
        ("2026-03-01T12:00:00.123456789Z", AT + timedelta(microseconds=123456)),
        ("2026-03-01T12:00Z", AT),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-03-01T13:00:00+01:00", AT),
        (" 2026-03-01T12:00:00Z ", AT),
        ("2026-13-01T12:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_as_the_standard_and_as_writers_have_them(text, expected):
    assert parse_date(text) == expected


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_date_written_is_the_date_read(at):
    assert parse_date(format_date(at)) == at


@given(st.text(max_size=40))
def test_any_text_for_a_date_is_read_or_not_at_all(text):
    assert parse_date(text) is None or parse_date(text).tzinfo is UTC


@pytest.mark.parametrize("missing", ["WARC_Date", "WARC_Target_URI"])
def test_a_record_without_what_every_capture_needs_is_broken(tmp_path, missing):
    found = read(tmp_path, record(block=http(), **{missing: None}) + page(1))
    assert isinstance(found[0], Broken)
    assert missing.replace("_", "-") in found[0].reason
    assert found[1].page.final_url == "http://port.example/1"


@settings(max_examples=60)
@given(data=st.binary(max_size=400), is_gzip=st.booleans(), is_record=st.booleans())
def test_any_bytes_give_captures_or_broken_places(tmp_path_factory, data, is_gzip, is_record):
    folder = tmp_path_factory.getbasetemp()
    content = page(1) + data + page(2) if is_record else data
    found = read(folder, gzip.compress(content) if is_gzip else content, name="any.warc")
    plan = plan_shards(folder / "any.warc", root=folder, pages=1)
    captures = [one for one in found if isinstance(one, Captured)]
    assert len(captures) >= (1 if is_record else 0)
    assert sum(shard.count for shard in plan.shards) == len(captures)
    assert (plan.problem is None) <= (len(captures) == len(found))
