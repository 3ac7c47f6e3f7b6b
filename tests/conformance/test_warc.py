"""The WARC files of $CONFORMANCE_DIR/warc, written by other tools: some as the standard asks, some not."""

import os
from pathlib import Path

import pytest

from warehouse.captures import Broken, Captured, plan_shards, read_captures

FOLDER = Path(os.environ.get("CONFORMANCE_DIR", "")) / "warc"
pytestmark = pytest.mark.skipif(
    not os.environ.get("CONFORMANCE_DIR") or not FOLDER.is_dir(), reason="CONFORMANCE_DIR names no folder with warc/"
)

EXAMPLE = ["response 200", "revisit"]
EXPECTED = {
    "20130729-heritrix-original.warc.gz": ["response 200"],
    "20130729-heritrix-revisit-with-http-headers.warc.gz": ["revisit"],
    "20141124-heritrix-server-not-modified.warc.gz": ["revisit"],
    "20141129-heritrix-original.warc.gz": ["response 200"],
    "20141129-heritrix-revisit-with-http-headers-and-new-warc-headers.warc.gz": ["revisit"],
    "example-bad-non-chunked.warc.gz": EXAMPLE,
    "example-bad.warc.gz.bad": [*EXAMPLE, "http_status"],
    "example-digest.warc": [],
    "example-iana.org-chunked.warc": ["response 200"],
    "example-resource.warc.gz": ["resource None"],
    "example-space-in-target-uri.warc.gz": [],
    "example-trunc.warc": ["response 200", "6 bytes that belong to no record"],
    "example-wget-bad-target-uri.warc.gz": ["response 200"],
    "example-wrong-chunks.warc.gz": ["response 200"],
    "example.warc": EXAMPLE,
    "example.warc.gz": EXAMPLE,
    "post-test.warc.gz": ["not_html"] * 3,
}


def summary(found):
    if isinstance(found, Broken):
        return found.reason
    return found.reject.outcome.value if found.reject else f"{found.kind} {found.status}"


@pytest.mark.parametrize("name", EXPECTED)
def test_captures_of_other_tools(name):
    found = list(read_captures(FOLDER / name, root=FOLDER))
    assert [summary(one) for one in found] == EXPECTED[name]
    plan = plan_shards(FOLDER / name, root=FOLDER, pages=1)
    assert sum(shard.count for shard in plan.shards) == sum(isinstance(one, Captured) for one in found)
    assert (plan.problem is None) == all(isinstance(one, Captured) for one in found)


def test_every_file_there_is_tried():
    assert {path.name for path in FOLDER.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", ["example.warc", "example.warc.gz", "example-bad-non-chunked.warc.gz"])
def test_however_it_is_compressed_a_capture_is_the_same(name):
    [expected, _] = read_captures(FOLDER / "example.warc", root=FOLDER)
    [found, _] = read_captures(FOLDER / name, root=FOLDER)
    assert found.page == expected.page
    assert found.payload_digest == "sha1:G7HRM7BGOKSKMSXZAHMUQTTV53QOFSMK"  # as the record states it


def test_chunks_are_joined():
    [captured] = read_captures(FOLDER / "example-iana.org-chunked.warc", root=FOLDER)
    assert captured.page.body.startswith(b"<!doctype html>")
    assert captured.page.body.rstrip().endswith(b"</html>")


@pytest.mark.parametrize("name", ["example.warc.gz", "20141129-heritrix-original.warc.gz"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_a_truncated_copy_is_noticed(tmp_path, name, share):
    data = (FOLDER / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    assert "the file ends within a record at byte" in plan_shards(tmp_path / name, root=tmp_path, pages=1).problem
