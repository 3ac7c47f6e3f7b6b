"""What we write is WARC that others read, whole under its final name, and read back as it was given."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from transforms.outcome import Outcome
from warehouse.captures import plan_shards, read_captures
from warehouse.captures_writer import OPEN_SUFFIX, CaptureWriter, Exchange

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
HTML = b"<!doctype html><p>The ferry is late.</p>"


def exchange(number=0, **changes):
    fields = {
        "url": f"http://port.example/{number}",
        "requested_url": f"http://port.example/{number}",
        "source": "gazette",
        "captured_at": AT + timedelta(seconds=number),
        "request_head": b"GET / HTTP/1.1\r\nHost: port.example\r\n\r\n",
        "status_line": "HTTP/1.1 200 OK",
        "headers": [(b"Content-Type", b"text/html; charset=utf-8"), (b"Content-Length", b"%d" % len(HTML))],
        "body": HTML,
    }
    return Exchange(**(fields | changes))


def writer(captures, **changes):
    arguments = {"bytes_max": 10_000, "clock": lambda: AT, "info": [("operator", "desk@port.example")]}
    return CaptureWriter(captures, "crawl", **(arguments | changes))


def read(captures, name):
    return list(read_captures(captures / name, root=captures))


def check(path):
    """What `warcio check` says of a file."""
    done = subprocess.run(
        [Path(sys.executable).with_name("warcio"), "check", "-v", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_what_is_written_is_what_is_read(tmp_path):
    with writer(tmp_path) as out:
        written = [out.append(exchange(number)) for number in range(3)]
        name = out.close()
    found = read(tmp_path, name)
    assert [one.page.body for one in found] == [HTML] * 3
    assert [one.page.url for one in found] == [f"http://port.example/{number}" for number in range(3)]
    assert [one.page.captured_at for one in found] == [AT + timedelta(seconds=number) for number in range(3)]
    assert {one.page.source for one in found} == {"gazette"}
    assert all(one.reject is None for one in found)
    for one, place in zip(found, written, strict=True):
        assert one.page.capture_id == place.capture_id
        assert one.payload_digest == place.payload_digest
        assert (one.warc_file, one.warc_offset, one.warc_record_id) == (
            place.warc_file,
            place.warc_offset,
            place.warc_record_id,
        )
    assert plan_shards(tmp_path / name, root=tmp_path, pages=2).problem is None


def test_other_readers_accept_it(tmp_path):
    with writer(tmp_path) as out:
        out.append(exchange(ip="192.0.2.7", truncated="length"))
        out.append(exchange(1, headers=[(b"X-Odd", "ä".encode("latin-1")), (b"Bad Name", b"x"), (b"Fold", b"a\r\n b")]))
        name = out.close()
    assert check(tmp_path / name).count("digest pass") == 5
    with (tmp_path / name).open("rb") as file:
        records = [(r.rec_type, dict(r.rec_headers.headers), r.content_stream().read()) for r in ArchiveIterator(file)]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "request", "response", "request"]
    info, response, request = records[:3]
    assert b"software: Broadsheet\r\n" in info[2]
    assert b"operator: desk@port.example\r\n" in info[2]
    assert info[1]["WARC-Filename"] == Path(name).name
    assert response[1]["WARC-IP-Address"] == "192.0.2.7"
    assert response[1]["WARC-Truncated"] == "length"
    assert response[2] == HTML
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert request[1]["WARC-Date"] == response[1]["WARC-Date"] == "2026-03-01T12:00:00.250000Z"
    assert len({headers["WARC-Record-ID"] for _, headers, _ in records}) == 5


def test_a_redirect_keeps_the_address_that_was_asked_for(tmp_path):
    with writer(tmp_path) as out:
        out.append(exchange(requested_url="http://port.example/short"))
        [captured] = read(tmp_path, out.close())
    assert (captured.page.url, captured.page.final_url) == ("http://port.example/short", "http://port.example/0")


def test_transfer_coding_that_is_off_is_not_announced(tmp_path):
    with writer(tmp_path) as out:
        out.append(exchange(headers=[(b"Content-Type", b"text/html"), (b"Transfer-Encoding", b"chunked")]))
        name = out.close()
    with (tmp_path / name).open("rb") as file:
        [answer] = [r.http_headers for r in ArchiveIterator(file) if r.rec_type == "response"]
    assert answer.get_header("Transfer-Encoding") is None
    assert answer.get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"
    assert answer.get_header("Content-Length") == str(len(HTML))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"status_line": "HTTP/1.1 404 Not Found"}, Outcome.HTTP_STATUS),
        ({"truncated": "time"}, Outcome.TRUNCATED),
        ({"body": b"", "headers": []}, Outcome.EMPTY),
        ({"status_line": "HTTP/1.1 304"}, Outcome.HTTP_STATUS),
    ],
)
def test_answers_that_are_no_pages_are_captures_all_the_same(tmp_path, changes, outcome):
    with writer(tmp_path) as out:
        place = out.append(exchange(**changes))
        [captured] = read(tmp_path, out.close())
    assert captured.reject.outcome is outcome
    assert captured.page.capture_id == place.capture_id


def test_without_a_request_none_is_written(tmp_path):
    with writer(tmp_path) as out:
        out.append(exchange(request_head=b""))
        name = out.close()
    with (tmp_path / name).open("rb") as file:
        assert [r.rec_type for r in ArchiveIterator(file)] == ["warcinfo", "response"]


def test_a_name_without_open_is_always_whole(tmp_path):
    out = writer(tmp_path)
    place = out.append(exchange())
    [opened] = (tmp_path / "crawl").iterdir()
    assert opened.name == Path(place.warc_file).name + OPEN_SUFFIX
    out.sync()
    assert opened.stat().st_size == out.size
    assert out.close() == place.warc_file
    assert [path.name for path in (tmp_path / "crawl").iterdir()] == [Path(place.warc_file).name]


def test_rotation_by_size_starts_another_file(tmp_path):
    names = []
    with writer(tmp_path, bytes_max=1_500) as out:
        for number in range(10):
            out.append(exchange(number, body=os.urandom(400)))
            if out.is_full:
                names.append(out.rotate())
                assert (tmp_path / names[-1]).stat().st_size < 1_500 + 1_200
                assert (out.size, out.is_full) == (0, False)
        out.append(exchange(10))
        names.append(out.close())
    assert len(set(names)) == len(names)
    assert 2 < len(names) < 10
    assert sum(len(read(tmp_path, name)) for name in names) == 11


def test_a_writer_without_records_leaves_no_file(tmp_path):
    with writer(tmp_path) as out:
        out.sync()
        assert out.rotate() is None
    assert not (tmp_path / "crawl").exists()


def test_two_writers_at_the_same_time_write_two_files(tmp_path):
    with writer(tmp_path) as one, writer(tmp_path) as other:
        assert one.append(exchange()).warc_file != other.append(exchange()).warc_file


class FullDisk:
    """A file that takes some bytes and then no more, as a full disk does."""

    def __init__(self, file, room):
        self._file, self._room = file, room
        self.truncate, self.seek, self.fileno = file.truncate, file.seek, file.fileno

    def write(self, data):
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(self._room, len(data), 50)
        self._room -= taken
        return self._file.write(data[:taken])


@pytest.mark.parametrize("room", [0, 1, 49, 50, 51, 200])
def test_a_full_disk_leaves_whole_records_and_the_writer_usable(tmp_path, room):
    out = writer(tmp_path)
    out.append(exchange())
    out._file, disk = FullDisk(out._file, room), out._file
    with pytest.raises(OSError, match="No space left"):
        out.append(exchange(1))
    out._file = disk
    out.append(exchange(2))
    name = out.close()
    assert check(tmp_path / name).count("digest pass") == 5
    assert [one.page.url for one in read(tmp_path, name)] == ["http://port.example/0", "http://port.example/2"]


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC-", min_size=1, max_size=12).map(str.encode)
VALUES = st.binary(max_size=30)


@settings(max_examples=80)
@given(headers=st.lists(st.tuples(NAMES, VALUES), max_size=6), body=st.binary(max_size=500))
def test_any_headers_and_body_are_read_back(tmp_path_factory, headers, body):
    captures = tmp_path_factory.mktemp("any")
    kept = [(name, value) for name, value in headers if name.lower() not in (b"transfer-encoding", b"content-type")]
    with writer(captures) as out:
        place = out.append(exchange(body=body, headers=[*kept, (b"Content-Type", b"text/html")]))
        name = out.close()
    [captured] = read(captures, name)
    assert captured.page.body == body
    assert captured.page.capture_id == place.capture_id
    assert captured.payload_bytes == len(body)
    with (captures / name).open("rb") as file:
        [payload] = [r.raw_stream.read() for r in ArchiveIterator(file) if r.rec_type == "response"]
    assert payload == body
