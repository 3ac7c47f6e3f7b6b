"""A writer that is killed at any request to the storage: others see whole batches, and the next run finishes the work.

The proxy kills it: before a request is passed on, or when it was done and the answer is not back yet.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from s3_server import BUCKET, Fault, s3_proxy
from storage_worker import BATCHES, TARGET, shown
from synthetic import EXTRACTOR, NOW, rows, tables

from warehouse.captures_stored import as_stored, keep_capture
from warehouse.datadir import DataDir
from warehouse.ingest import ingest
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.storage import parse_storage
from warehouse.verify import verify
from warehouse.warc_records import RawRecord, read_records

pytestmark = pytest.mark.kill

# method, part of the path, which of these requests, and whether it is done before the kill
WRITES = [
    ("PUT", "/lake/articles", 2, False),
    ("PUT", "/lake/captures", 2, True),
    ("PUT", "/manifest/log", 1, False),
    ("PUT", "/manifest/log", 2, True),
    ("PUT", "/manifest/snapshot", 1, False),
    ("PUT", "/manifest/snapshot", 1, True),
    ("POST", "delete", 1, False),
]
COMPACTIONS = [
    ("PUT", "/compacted-", 1, False),
    ("PUT", "/compacted-", 2, True),
    ("PUT", "/manifest/log", 2, False),
    ("PUT", "/manifest/log", 1, True),
]
FORGETTINGS = [
    ("PUT", "/captures/", 1, False),
    ("PUT", "/captures/", 1, True),
    ("PUT", "/manifest/log", 1, True),
    ("POST", "delete", 1, False),
]


class Disturbed:
    """A place in the bucket with a writer that is killed and a reader on another machine."""

    def __init__(self, endpoint: str, proxy: tuple[str, Callable[[Fault], Fault]], folder: Path) -> None:
        self.address, self._use = proxy
        self.url = f"s3://{BUCKET}/{token_hex(4)}"
        self.writer_root = folder / "writer"
        self.reader = DataDir.open(
            folder / "reader", create=True, storage=parse_storage(self.url, endpoint=endpoint, patience_s=20)
        )

    def run(self, mode: str, generation: int, kill_at: tuple[str, str, int, bool] | None) -> None:
        script = str(Path(__file__).with_name("storage_worker.py"))
        arguments = [str(self.writer_root), self.url, self.address, mode, str(generation)]
        process: list[subprocess.Popen[bytes]] = []
        passed = [0]

        def kill(*_: str) -> None:
            assert kill_at
            passed[0] += 1
            if passed[0] == kill_at[2]:
                process[0].kill()
                process[0].wait()

        if kill_at:
            method, path, _, is_done = kill_at
            named = {"on_answer": kill} if is_done else {"on_request": kill}
            self._use(Fault(method=method, path=path, **named))  # type: ignore[arg-type]
        else:
            self._use(Fault())
        process.append(subprocess.Popen([sys.executable, script, *arguments]))
        code = process[0].wait(300)
        assert code == (-9 if kill_at else 0), f"{mode} {kill_at}"


@pytest.fixture
def disturbed(s3: str, tmp_path: Path) -> Iterator[Disturbed]:
    with s3_proxy(s3) as proxy:
        yield Disturbed(s3, proxy, tmp_path)


def digests(folder: Path, generation: int) -> dict[str, str]:
    """What the batches of a generation are."""
    files = DataDir.open(folder / f"generation-{generation}", create=True)
    made = [write_batch(files, f"batch-{n}", tables(shown(n, generation)), extractor=EXTRACTOR) for n in range(BATCHES)]
    return {batch.batch_id: batch.digest for batch in made}


def of_lake(datadir: DataDir) -> list[object]:
    return [finding for finding in verify(datadir) if finding.place.startswith("lake")]


def test_kills_while_batches_are_written(disturbed: Disturbed, tmp_path: Path) -> None:
    reader, expected = disturbed.reader, {"": {}, **{str(g): digests(tmp_path, g) for g in range(len(WRITES) + 1)}}
    for generation, kill_at in enumerate(WRITES):
        disturbed.run("write", generation, kill_at)
        for key, batch in Manifest.read(reader).batches.items():
            allowed = {made[key] for made in expected.values() if key in made}
            assert batch.digest in allowed, f"{key} is half made after {kill_at}"
        assert of_lake(reader) == []
    disturbed.run("write", len(WRITES), None)
    held = {key: batch.digest for key, batch in Manifest.read(reader).batches.items()}
    assert held == expected[str(len(WRITES))]
    assert sum(batch.rows("captures") for batch in Manifest.read(reader).batches.values()) == 3 * BATCHES


def test_kills_while_files_are_merged(disturbed: Disturbed) -> None:
    disturbed.run("write", 0, None)
    reader = disturbed.reader
    before = {key: batch.digest for key, batch in Manifest.read(reader).batches.items()}
    for kill_at in COMPACTIONS:
        disturbed.run("compact", 0, kill_at)
        assert {key: batch.digest for key, batch in Manifest.read(reader).batches.items()} == before
        assert of_lake(reader) == []
    disturbed.run("compact", 0, None)
    assert {key: batch.digest for key, batch in Manifest.read(reader).batches.items()} == before
    assert all(entry.file_sha256 for entry in Manifest.read(reader).entries)
    assert sum(batch.rows("captures") for batch in Manifest.read(reader).batches.values()) == 3 * BATCHES


def test_kills_while_a_page_is_forgotten(disturbed: Disturbed, tmp_path: Path) -> None:
    disturbed.run("write", 0, None)
    page = tmp_path / "page.html"
    page.write_text("<html><title>t</title><p>Forget me</p></html>")
    [warc_file] = ingest([page], disturbed.reader).warc_files
    path = disturbed.reader.captures / warc_file
    path.write_bytes(as_if_of(path, TARGET))
    keep_capture(disturbed.reader, warc_file)
    for kill_at in FORGETTINGS:
        disturbed.run("forget", 0, kill_at)
        assert of_lake(disturbed.reader) == []
    disturbed.run("forget", 0, None)
    bucket = disturbed.reader.bucket
    assert bucket is not None
    stored = {one.key for one in bucket.bucket.list("lake") if one.key.endswith(".parquet")}
    assert stored == {f"lake/{entry.path}" for entry in Manifest.read(disturbed.reader).entries}
    with as_stored(disturbed.reader, path) as (copy, _):
        urls = [r.headers.get("warc-target-uri") for r in read_records(copy, block_max=0) if isinstance(r, RawRecord)]
    assert TARGET not in urls
    load(disturbed.reader, run_id="r", now=NOW)
    assert not [row for row in rows(disturbed.reader.warehouse)["captures"] if TARGET in row]
    assert len(rows(disturbed.reader.warehouse)["captures"]) == 2 * BATCHES


def as_if_of(path: Path, url: str) -> bytes:
    """A WARC file with its only page at another address."""
    from datetime import UTC, datetime

    from warehouse.warc_format import format_date, gzip_member, record_bytes

    headers = [
        ("WARC-Type", "resource"),
        ("WARC-Record-ID", "<urn:uuid:7e1f1b1e-0d3c-4c8e-9a55-0f5f5f5f5f5f>"),
        ("WARC-Target-URI", url),
        ("WARC-Date", format_date(datetime(2026, 11, 1, tzinfo=UTC))),
        ("Content-Type", "text/html"),
    ]
    return gzip_member(record_bytes(headers, b"<html><p>" + b"Forget me, all of it. " * 40 + b"</html>"))
