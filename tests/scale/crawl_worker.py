"""A worker of a shared crawl as the tests start, cut off and kill it: a process with a data dir of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from flows.crawler import Crawler
from flows.runs import Run
from flows.settings import Settings
from flows.sources import Kind, Source
from warehouse.datadir import DataDir
from warehouse.errors import UserError

QUICK: dict[str, Any] = {
    "host_gap_s": 0.0,
    "latency_factor": 0.0,
    "allow_private": (ip_network("127.0.0.0/8"),),
    "warc_bytes_max": 40_000,
    "warc_age_max_s": 0.5,
    "total_timeout_s": 1.0,
    "lease_s": 3.0,
}


def worker(folder: str, run_id: str, ledger: str, urls: Sequence[str], given: dict[str, Any]) -> None:
    """One run, as far as it gets, once there is a file `go`; what it came to is left in `<run_id>.json`."""
    root = Path(folder)
    settings = Settings(**{**QUICK, **given})
    datadir = DataDir.open(root / "data", create=True, ledger_url=ledger)
    half = len(urls) // 2
    sources = [
        Source(id="first", kind=Kind.URLS, urls=tuple(urls[:half]), max_pages=100_000),
        Source(id="second", kind=Kind.URLS, urls=tuple(urls[half:]), max_pages=100_000),
    ]
    said: dict[str, Any] = {}
    (root / f"{run_id}.ready").touch()
    while not (root.parent / "go").exists():
        time.sleep(0.02)
    try:
        report = Crawler(Run(run_id, settings, datadir), sources).crawl(lambda batch: None)
    except UserError as error:
        said = {"error": str(error), "kind": type(error).__name__}
    else:
        counts = {f"{c.kind} {c.outcome}": 0 for c in report.counts}
        for c in report.counts:
            counts[f"{c.kind} {c.outcome}"] += c.count
        said = {"discovered": report.discovered, "balanced": report.is_balanced, "counts": counts}
        said |= {"seconds": report.seconds, "not_due": report.not_due}
    (root / f"{run_id}.json").write_text(json.dumps(said))
