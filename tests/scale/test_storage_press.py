"""The demo press, and real pages where they are at hand, by way of a bucket: the rows of files, on two machines."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from s3_server import BUCKET
from scale_pages import bench_pages, demo_pages, write_archive
from synthetic import rows

from flows.runs import Run, open_run
from flows.stages import run_ingest, run_load, run_rebuild
from flows.steps import direct_steps
from warehouse.captures_stored import stored_captures
from warehouse.find import find_capture
from warehouse.query import run_sql
from warehouse.verify import verify

pytestmark = pytest.mark.slow


def opened(data: Path, **given: Any) -> Run:
    return open_run(data_dir=data, shard_pages=20, workers=2, **given)


def test_the_same_rows_from_a_bucket_as_from_files(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "press.warc.gz"
    count = write_archive(archive, [*demo_pages(), *bench_pages()])
    files = opened(tmp_path / "files")
    monkeypatch.setenv("BROADSHEET_STORAGE", f"s3://{BUCKET}/{token_hex(4)}")
    monkeypatch.setenv("BROADSHEET_STORAGE_ENDPOINT", s3)
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    for run in (files, one):
        with direct_steps(run) as steps:
            assert run_ingest(run, [archive], steps).problems == ()
    assert rows(one.datadir.warehouse) == rows(files.datadir.warehouse)
    with direct_steps(other) as steps:
        run_load(other, steps)
    assert rows(other.datadir.warehouse) == rows(files.datadir.warehouse)
    assert len(rows(files.datadir.warehouse)["captures"]) == count
    # the other machine, which has no capture file, makes everything anew from the bucket's
    with direct_steps(other, is_forced=True, is_rebuild=True) as steps:
        run_rebuild(other, steps)
    assert rows(other.datadir.warehouse) == rows(files.datadir.warehouse)
    assert verify(one.datadir) == verify(other.datadir) == ()
    assert stored_captures(other.datadir) == stored_captures(one.datadir)
    [[capture_id]] = run_sql(other.datadir, "SELECT capture_id FROM articles ORDER BY url LIMIT 1").rows
    assert find_capture(other.datadir, capture_id) == find_capture(files.datadir, capture_id)
