"""Broadsheet as the benchmark runs it: URLs on standard input; robots, politeness, ledger and WARC as always."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from ipaddress import ip_network
from pathlib import Path

from flows.fetch.crawl import crawl
from flows.settings import Settings
from flows.sources import Kind, Source
from warehouse.datadir import DataDir

urls = tuple(sys.stdin.read().split())
settings = Settings(host_concurrency=2, host_gap_s=0.0, latency_factor=0.0, allow_private=(ip_network("127.0.0.0/8"),))
source = Source(id="bench", kind=Kind.URLS, urls=urls, max_pages=1_000_000)
with tempfile.TemporaryDirectory() as folder:
    datadir = DataDir.open(Path(folder) / "data", create=True)
    started, cpu = time.perf_counter(), time.process_time()
    report = asyncio.run(
        crawl([source], settings=settings, datadir=datadir, run_id="bench", on_batch=lambda batch: batch.taken())
    )
    took, used = time.perf_counter() - started, time.process_time() - cpu
print(sum(c.count for c in report.counts if c.outcome == "captured"), took, used)
