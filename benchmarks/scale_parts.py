"""The single measurements behind `scale.py`, each a process of its own that prints one line of JSON.

    python benchmarks/scale_parts.py extract FOLDER WARC RUNNER WORKERS SHARD_PAGES
    python benchmarks/scale_parts.py stages FOLDER WARC
    python benchmarks/scale_parts.py load FOLDER ARTICLES
    python benchmarks/scale_parts.py manifest FOLDER BATCHES

CPU is that of all threads of the process, user and system.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from flows.runs import open_run
from flows.shards import read_shard
from flows.stages import run_extract
from flows.steps import direct_steps
from transforms.extract import extract_page
from transforms.page import Extracted, ExtractOptions, Page, Rejected
from warehouse.captures import Captured, plan_shards, read_captures
from warehouse.captures_writer import CaptureWriter, Exchange
from warehouse.datadir import DataDir
from warehouse.lake import begin_lake, commit_files, write_files
from warehouse.manifest import Batch, Entry, Manifest, begin, commit


def main() -> None:
    part, folder, *given = sys.argv[1:]
    parts: dict[str, Callable[..., dict[str, Any]]] = {
        "extract": extract, "stages": stages, "load": load_made_up, "manifest": manifest,
    }  # fmt: skip
    print(json.dumps(parts[part](Path(folder), *given)))


def extract(folder: Path, warc: str, runner: str, workers: str, shard_pages: str) -> dict[str, Any]:
    """Extract one file as a run does it; the parent's own CPU beside the clock, from the first shard asked for on."""
    run = open_run(data_dir=folder / "data", runner=runner, workers=int(workers), shard_pages=int(shard_pages))
    shutil.copyfile(warc, run.datadir.captures / "a.warc.gz")
    begun, own = time.monotonic(), _own()
    with direct_steps(run) as steps:
        report = run_extract(run, steps)
        took, own = time.monotonic() - begun, _own() - own
    batches = Manifest.read(run.datadir).batches
    digest = sha256("".join(sorted(batch.digest for batch in batches.values())).encode()).hexdigest()[:16]
    return {"seconds": took, "own_cpu_s": own, "shards": len(batches), "problems": report.problems, "digest": digest}


def stages(folder: Path, warc: str) -> dict[str, Any]:
    """Each stage over the same pages, one after another, in this process."""
    datadir, path = DataDir.open(folder / "data", create=True), Path(warc)
    cpu: dict[str, float] = {}
    size: dict[str, int] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.process_time()
        given = work()
        cpu[name] = time.process_time() - begun
        return given

    captured = _captured(path)
    plan = timed("plan", lambda: plan_shards(path, root=path.parent, pages=len(captured)))
    size["warc"] = timed("capture", lambda: _captures_written(datadir.captures, captured))
    options = ExtractOptions(decoded_bytes_max=64_000_000, pseudonyms=False, pseudonym_key="")
    extract_page(captured[0].page, options)  # what is loaded once is no page's cost
    made = timed("extract", lambda: [extract_page(one.page, options) for one in captured])
    shutil.copyfile(path, datadir.captures / path.name)
    begin_lake(datadir)

    def parquet() -> Batch:
        done = read_shard(datadir, plan.shards[0], 1, _Done(made))
        batch = write_files(datadir, done.report.batch_id, done.tables, extractor="measured")
        commit_files(datadir, batch)
        return batch

    parquet()  # and what is imported once neither
    batch: Batch = timed("parquet", parquet)
    size["parquet"] = sum(entry.bytes for entry in batch.entries)
    size["body"] = sum(len(one.page.body) for one in captured)
    articles = sum(isinstance(one, Extracted) for one in made)
    return {"pages": len(captured), "articles": articles, "cpu_s": cpu, "bytes": size}


class _Done:
    """A pool whose results are there already."""

    def __init__(self, results: list[Extracted | Rejected]) -> None:
        self._results = results

    def map(self, items: Iterable[Page], /) -> Iterator[tuple[int, Extracted | Rejected]]:
        """As `Mapper`."""
        for number, _ in enumerate(items):
            yield number, self._results[number]


def load_made_up(folder: Path, articles: str) -> dict[str, Any]:
    """Load a made-up press into a new warehouse: CPU of each step, bytes of the file and of the index."""
    from made_up_press import write_press

    from warehouse.load import load

    datadir = write_press(folder, int(articles))
    at, last, cpu = _own(), "open", dict[str, float]()

    def step(name: str) -> None:
        nonlocal at, last
        now = _own()
        cpu[last] = cpu.get(last, 0.0) + now - at
        at, last = now, name

    begun = time.monotonic()
    load(datadir, run_id="measured", now=datetime(2026, 11, 23, tzinfo=UTC), on_step=step)
    step("end")
    batches = Manifest.read(datadir).batches.values()
    return {
        "captures": sum(batch.rows("captures") for batch in batches),
        "lake_bytes": sum(entry.bytes for batch in batches for entry in batch.entries),
        "seconds": time.monotonic() - begun,
        "cpu_s": cpu,
        "bytes": {"warehouse": datadir.warehouse.stat().st_size, "index": _tree(datadir.index)},
    }


def manifest(folder: Path, batches: str) -> dict[str, Any]:
    """Read, write whole, and commit to a manifest of so many batches of six files each."""
    datadir = DataDir.open(folder / "data", create=True)
    entries = tuple(
        entry for number in range(int(batches)) for entry in _entries(f"crawl/{number:07}.warc.gz#00000of00001")
    )
    cpu: dict[str, float] = {}
    begun = _own()
    Manifest(entries).write(datadir)
    cpu["write whole"] = _own() - begun
    del entries
    before, begun = _memory_mb(), _own()
    read = Manifest.read(datadir)
    cpu["read"] = _own() - begun
    held = _memory_mb() - before
    begun = _own()
    known = len(read.batches)
    cpu["batches by id"] = _own() - begun
    begin(datadir)
    times = []
    for number in range(50):
        name, begun = f"new-{number}", _own()
        commit(datadir, Batch(name, "measured", tuple(_entries(name))))
        times.append(_own() - begun)
    cpu["commit one"] = median(times)
    return {
        "batches": known, "cpu_s": cpu, "memory_mb": held,
        "bytes": (datadir.lake / "manifest.json").stat().st_size,
    }  # fmt: skip


def _captured(path: Path) -> list[Captured]:
    found = read_captures(path, root=path.parent)
    return [one for one in found if isinstance(one, Captured) and one.reject is None]


def _captures_written(captures: Path, captured: list[Captured]) -> int:
    with CaptureWriter(captures, "measured", bytes_max=1 << 40, clock=lambda: datetime.now(UTC)) as writer:
        for one in captured:
            writer.append(
                Exchange(
                    url=one.page.url, requested_url=one.page.url, source="bench", captured_at=one.page.captured_at,
                    request_head=b"GET / HTTP/1.1\r\nHost: site.example\r\nUser-Agent: Broadsheet\r\n\r\n",
                    status_line="HTTP/1.1 200 OK", headers=[(b"Content-Type", b"text/html; charset=utf-8")],
                    body=one.page.body,
                )
            )  # fmt: skip
    return _tree(captures)


def _entries(batch_id: str) -> list[Entry]:
    return [
        Entry(
            batch_id=batch_id, table=table, path=f"{table}/month=2026-11/{batch_id.replace('/', '_')}-0123abcd.parquet",
            rows=256, bytes=500_000, sha256="0" * 64, extractor="measured",
        )
        for table in ("articles", "captures", "comments", "evidence", "links", "signatures")
    ]  # fmt: skip


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _tree(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
