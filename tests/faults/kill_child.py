"""The crawl that tests/faults/test_kill.py kills: run in a child process, its batches put down as files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

from flows.fetch.crawl import CrawlBatch, crawl
from flows.settings import Settings
from flows.sources import Kind, Source
from warehouse.datadir import DataDir

SETTINGS = Settings(
    host_gap_s=0.0,
    latency_factor=0.0,
    host_concurrency=2,
    allow_private=(ip_network("127.0.0.0/8"),),
    warc_bytes_max=20_000,
    warc_age_max_s=0.5,
)


def crawl_once(folder: str, run_id: str, urls: Sequence[str]) -> None:
    """One run, as far as it gets. A batch file is replaced when its batch comes again."""
    datadir = DataDir.open(Path(folder) / "data", create=True)
    batches = Path(folder) / "batches"

    def take(batch: CrawlBatch) -> None:
        rows = [[f.run_id, f.url, f.outcome.value, f.capture_id, f.kind.value] for f in batch.fetches]
        temporary = batches / f"{batch.batch_id}.tmp"
        temporary.write_text(json.dumps(rows))
        temporary.replace(batches / f"{batch.batch_id}.json")
        batch.taken()

    source = Source(id="list", kind=Kind.URLS, urls=tuple(urls), max_pages=100_000)
    report = asyncio.run(crawl([source], settings=SETTINGS, datadir=datadir, run_id=run_id, on_batch=take))
    (Path(folder) / "finished").write_text(str(report.is_balanced))
