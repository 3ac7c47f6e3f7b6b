"""Truncated and corrupt WARC files: what can be read is read, and the damage is named with its place."""

import gzip
import zlib

import pytest
from warc_made import HTML, http, members, page, pages, record

from transforms.outcome import Outcome
from warehouse.captures import Broken, Captured, plan_shards, read_captures


def read(tmp_path, data):
    path = tmp_path / "one.warc"
    path.write_bytes(data)
    found = list(read_captures(path, root=tmp_path))
    plan = plan_shards(path, root=tmp_path, pages=1)
    # Shards give what one reading of the whole gives, damage or not.
    sharded = [
        one
        for shard in plan.shards
        for one in read_captures(path, root=tmp_path, start=shard.start, end=shard.end)
        if isinstance(one, Captured)
    ]
    assert sharded == [one for one in found if isinstance(one, Captured)]
    assert sum(shard.count for shard in plan.shards) == len(sharded)
    return found, plan.problem


def numbers(found):
    """The pages that can be extracted, by their number in the address."""
    return [
        int(one.page.final_url.rsplit("/")[-1]) for one in found if isinstance(one, Captured) and one.reject is None
    ]


def test_every_truncation_of_a_gzip_file_is_noticed(tmp_path):
    records = [page(number) for number in range(3)]
    data = members(records)
    ends = [len(members(records[:count])) for count in range(4)]
    for length in range(1, len(data)):
        found, problem = read(tmp_path, data[:length])
        whole = max(count for count in range(4) if ends[count] <= length)
        assert numbers(found) == list(range(whole))
        assert (problem is None) == (length in ends), length


def test_every_truncation_of_a_plain_file_is_noticed(tmp_path):
    records = [page(number) for number in range(2)]
    data = b"".join(records)
    first = len(records[0])
    for length in range(1, len(data)):
        found, problem = read(tmp_path, data[:length])
        # What is cut off of the blank lines behind a block is missed by nobody.
        whole = (length >= first - 4) + (length >= len(data) - 4)
        assert numbers(found) == list(range(whole)), length
        is_clean = first - 4 <= length <= first or length >= len(data) - 4
        assert (problem is None) == is_clean, length


def test_a_page_that_the_end_of_the_file_cuts_is_a_rejected_capture(tmp_path):
    data = members([page(0), page(1, HTML * 40)])
    found, problem = read(tmp_path, data[:-60])
    assert [one.page.final_url for one in found] == ["http://port.example/0", "http://port.example/1"]
    assert found[1].reject.outcome is Outcome.TRUNCATED
    assert found[1].reject.detail == "the file ends within a record"
    assert problem == f"the file ends within a record at byte {len(members([page(0)]))}"


@pytest.mark.parametrize("place", [12, 40, -6, -2])
def test_a_corrupt_gzip_member_costs_its_record(tmp_path, place):
    parts = [gzip.compress(one, mtime=0) for one in (page(0), page(1), page(2), page(3))]
    broken = bytearray(parts[1])
    broken[place] ^= 0xFF
    found, problem = read(tmp_path, parts[0] + bytes(broken) + parts[2] + parts[3])
    assert numbers(found) == [0, 2, 3]
    [damage] = [one for one in found if isinstance(one, Broken)]
    assert damage.offset == len(parts[0])
    assert f"{len(broken)} bytes are passed over" in damage.reason
    assert problem == f"{damage.reason} at byte {damage.offset}"


def test_a_corrupt_last_member_and_one_without_a_record(tmp_path):
    no_record = gzip.compress(b"something else entirely")
    found, problem = read(
        tmp_path, members([page(0)]) + no_record + members([page(1)]) + b"\x1f\x8b\x08" + b"\xff" * 30
    )
    assert numbers(found) == [0, 1]
    assert problem.startswith("no WARC record where one should begin")
    assert problem.endswith("(and 1 more)")


@pytest.mark.parametrize("garbage", [b"\0\0garbage", b"<html>", b"x" * 200_000])
def test_garbage_between_and_behind_gzip_members(tmp_path, garbage):
    found, problem = read(tmp_path, members([page(0)]) + garbage + members([page(1)]) + garbage)
    assert numbers(found) == [0, 1]
    assert "bytes that are no gzip data" in problem


@pytest.mark.parametrize(
    "padding", [b"\0" * 5, b"\0" * 100_000, gzip.compress(b""), gzip.compress(b"\r\n")], ids=range(4)
)
def test_padding_is_no_damage(tmp_path, padding):
    found, problem = read(tmp_path, members([page(0)]) + padding + members([page(1)]) + padding)
    assert (numbers(found), problem) == ([0, 1], None)


def test_garbage_between_plain_records(tmp_path):
    found, problem = read(tmp_path, page(0) + b"garbage WARC/1.0 and more\r\n" * 3 + page(1))
    assert numbers(found) == [0, 1]
    assert (
        problem == f"81 bytes that belong to no record at byte {len(page(0)) - 4}" or "belong to no record" in problem
    )


def test_garbage_before_a_plain_record(tmp_path):
    found, problem = read(tmp_path, b"garbage\n" + page(1))
    assert numbers(found) == [1]
    assert problem == "no WARC record where one should begin (8 bytes are passed over) at byte 0"


def test_a_length_that_is_too_long_hides_no_record(tmp_path):
    block = http()
    liar = record(block=block, Content_Length=str(len(block) + 300))
    found, problem = read(tmp_path, liar + page(1) + page(2))
    assert numbers(found) == [1, 2]
    assert found[0].reject.outcome is Outcome.TRUNCATED
    assert problem == "the next record begins within the announced length at byte 0"


def test_a_length_beyond_the_end_hides_no_record(tmp_path):
    found, _ = read(tmp_path, record(block=http(), Content_Length="99999999999") + page(1))
    assert numbers(found) == [1]


def test_a_length_that_is_too_short_leaves_bytes_over(tmp_path):
    block = http()
    liar = record(url="http://port.example/0", block=block, Content_Length=str(len(block) - 7))
    for data in (liar + page(1), members([liar, page(1)])):
        found, problem = read(tmp_path, data)
        assert numbers(found) == [0, 1]
        assert found[0].page.body == HTML[:-7]
        assert "11 bytes that belong to no record" in problem


def test_a_gzip_member_shorter_than_its_record_announces(tmp_path):
    liar = record(block=http(), Content_Length="5000")
    found, problem = read(tmp_path, members([liar, page(1)]))
    assert numbers(found) == [1]
    assert found[0].reject.outcome is Outcome.TRUNCATED
    assert "bytes before the announced length at byte 0" in problem


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_records_split_over_gzip_members(tmp_path, size):
    whole = b"".join([page(0), page(1), page(2)])
    data = b"".join(gzip.compress(whole[at : at + size]) for at in range(0, len(whole), size))
    found, problem = read(tmp_path, data)
    assert (numbers(found), problem) == ([0, 1, 2], None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"plain text\n" * 3, "no WARC record"),
        (gzip.compress(b"plain text"), "no WARC record"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n", "the file ends within a record"),
        (b"WARC/1.0\r\n" + b"X: y\r\n" * 200_000, "headers pass 1 MiB"),
        (b"WARC/1.0\r\n" + b"X" * 2_000_000, "headers pass 1 MiB"),
        (gzip.compress(b"WARC/1.0\r\n" + b"X" * 2_000_000), "headers pass 1 MiB"),
        (record(block=http(), Content_Length="many"), "without a valid Content-Length"),
        (record(block=http(), Content_Length=None), "without a valid Content-Length"),
        (record(block=http(), Content_Length="-5"), "without a valid Content-Length"),
        (record(block=http(), version=b"WARC/9.7"), "no WARC record"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_warc_file_is_one_clear_line(tmp_path, data, reason):
    found, problem = read(tmp_path, data)
    assert reason in problem
    assert "\n" not in problem
    assert all(isinstance(one, Broken) for one in found)


def test_a_member_that_inflates_without_end_is_read_in_pieces(tmp_path):
    import tracemalloc

    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = squeezer.compress(b"\0" * 200_000_000) + squeezer.flush()
    (tmp_path / "bomb.warc.gz").write_bytes(members([page(0)]) + bomb + members([page(1)]))
    tracemalloc.start()
    found = list(read_captures(tmp_path / "bomb.warc.gz", root=tmp_path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert numbers(found) == [0, 1]
    assert peak < 12_000_000


def test_whole_records_of_a_larger_file(tmp_path):
    found, problem = read(tmp_path, members(pages(9)))
    assert (numbers(found), problem) == (list(range(9)), None)
