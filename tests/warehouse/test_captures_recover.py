"""A killed writer costs at most what was not synced, and its file is closed by the next start."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_captures_writer import check, exchange, read, writer
from warc_made import members, pages

from warehouse.captures_recover import Recovered, recover


def left_open(tmp_path, data):
    path = tmp_path / "crawl" / "a.warc.gz.open"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


WHOLE = members(pages(2))
TORN = len(members(pages(1))) - len(members(pages(1)[:-1]))


@pytest.mark.parametrize("cut", [0, 3, 8, 9, 30, 100])
@pytest.mark.parametrize("tail", [b"", b"\0" * 4096, b"\x1f\x8b\x08\0garbage"])
def test_whole_records_are_kept_and_the_torn_tail_is_cut(tmp_path, cut, tail):
    left_open(tmp_path, WHOLE[: len(WHOLE) - cut] + tail)
    kept = WHOLE if not cut else members(pages(2)[:-1])
    assert recover(tmp_path) == (
        Recovered(
            warc_file="crawl/a.warc.gz",
            record_count=4 if not cut else 3,
            cut_bytes=len(WHOLE) - cut + len(tail) - len(kept),
        ),
    )
    assert (tmp_path / "crawl/a.warc.gz").read_bytes() == kept
    assert check(tmp_path / "crawl/a.warc.gz")
    assert len(read(tmp_path, "crawl/a.warc.gz")) == 2
    assert recover(tmp_path) == ()


@pytest.mark.parametrize("data", [b"", b"\x1f", members(pages(0)), members(pages(1))[:-200], b"\0" * 100], ids=range(5))
def test_a_file_without_a_whole_capture_is_removed(tmp_path, data):
    path = left_open(tmp_path, data if data != members(pages(1))[:-200] else members(pages(1)[:1]) + b"torn")
    [recovered] = recover(tmp_path)
    assert (recovered.warc_file, recovered.record_count) == (None, 0)
    assert list(path.parent.iterdir()) == []


def test_a_living_writer_is_left_alone(tmp_path):
    out = writer(tmp_path)
    out.append(exchange())
    assert recover(tmp_path) == ()
    out.append(exchange(1))
    assert len(read(tmp_path, out.close())) == 2
    assert recover(tmp_path) == ()


def test_nothing_to_recover(tmp_path):
    assert recover(tmp_path) == ()
    assert recover(tmp_path / "missing") == ()


@pytest.mark.kill
@pytest.mark.parametrize("after", [1, 7])
def test_what_was_synced_outlives_a_kill(tmp_path, after):
    script = """
import sys
from pathlib import Path
from test_captures_writer import exchange, writer
out = writer(Path(sys.argv[1]), bytes_max=10**9)
number = 0
while True:
    out.append(exchange(number))
    out.sync()
    print(number, flush=True)
    number += 1
"""
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[1])])
    process = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    synced = -1
    for line in process.stdout:
        synced = int(line)
        if synced >= after:
            break
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=15)
    synced = max([synced, *(int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n"))])
    [recovered] = recover(tmp_path)
    found = read(tmp_path, recovered.warc_file)
    assert [one.page.url for one in found] == [f"http://port.example/{number}" for number in range(len(found))]
    assert len(found) >= synced + 1
    assert all(one.reject is None for one in found)
    assert check(tmp_path / recovered.warc_file)
