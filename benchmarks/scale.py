"""What each stage costs a page, what a second worker brings, what Dask adds to a shard; and from that, a billion pages.

Pages come from a WARC file of real ones (`--pages`; BROADSHEET_BENCH names a folder that holds dev/pages.warc.gz), else
from the demo press, whose pages are small. `--report` writes tables and calculation into a page between its marks, all
of it from what this run measured; `--keep` saves the measurements, `--from` takes saved ones.

    python benchmarks/scale.py --count 1024 --report docs/scale.md

Needs Linux, the extra [dask], and a machine that does nothing else: the clock counts for the speed-up.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_pages import make_warc
from crawl import measure as measure_crawl
from measured import measure
from scale_report import report_of, write_between

HERE = Path(__file__).resolve().parent
SHARD, FEW, SOME = 256, 4, 400
TINY, TINY_SHARDS = 640, (4, 128)
RUNNERS = (("processes", 1), ("processes", 2), ("dask", 1), ("dask", 2))
FETCHED, HOSTS, LATENCY_S = 1_000, 8, 0.05
MADE_UP = 20_000
BATCHES = (10_000, 100_000)


def part(*given: object) -> tuple[dict[str, Any], dict[str, float]]:
    """One measurement of `scale_parts.py`: what it printed, and what its process tree cost."""
    with tempfile.TemporaryDirectory() as folder:
        name, *rest = map(str, given)
        cost = measure([sys.executable, str(HERE / "scale_parts.py"), name, folder, *rest])
    if cost.code:
        raise SystemExit(f"{given} failed:\n{cost.output}")
    return json.loads(cost.output.splitlines()[-1]), {
        "cpu_s": cost.cpu_s, "wall_s": cost.wall_s, "peak_mb": cost.peak_mb,
    }  # fmt: skip


def extraction(warc: Path, count: int, tiny: Path, few: Path) -> list[dict[str, Any]]:
    """The same pages on both runners, with one and two workers; many small shards; and hardly a page, for the start."""
    plans = [
        *((runner, workers, "large", warc, count, SHARD) for runner, workers in RUNNERS),
        *((runner, 2, f"tiny {size}", tiny, TINY, size) for size in TINY_SHARDS for runner in ("processes", "dask")),
        *((runner, workers, "start", few, FEW, SHARD) for runner, workers in RUNNERS),
    ]
    rows = []
    for runner, workers, size, path, pages, shard_pages in plans:
        print(f"{runner}, {workers} workers, {size}", file=sys.stderr)
        said, cost = part("extract", path, runner, workers, shard_pages)
        rows.append({"runner": runner, "workers": workers, "size": size, "pages": pages, **said, **cost})
    if len({row["digest"] for row in rows if row["size"] == "large"}) > 1:
        raise SystemExit("the runners do not give the same batches")
    return rows


def fetching() -> dict[str, float]:
    """A crawl of loopback pages, robots, ledger and captures included, without the start of its process."""
    site = subprocess.Popen(
        [sys.executable, HERE / "crawl_site.py", str(HOSTS), str(LATENCY_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ports = (site.stdout.readline() if site.stdout else "").split()
        urls = "\n".join(f"http://127.0.0.1:{ports[n % len(ports)]}/story/{n}.html" for n in range(FETCHED))
        pages, seconds, cpu = measure_crawl(sys.executable, "broadsheet", urls)
    finally:
        if site.stdin:
            site.stdin.close()
        site.wait(10)
    return {"pages": pages, "seconds": seconds, "cpu_s": cpu}


def machine() -> str:
    """The machine in a line."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")  # noqa: PTH123, SIM115
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"


def main() -> None:
    bench = os.environ.get("BROADSHEET_BENCH")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=Path(bench, "dev", "pages.warc.gz") if bench else None)
    parser.add_argument("--count", type=int, default=1024)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--from", dest="kept", type=Path)
    parser.add_argument("--only", default="extract,stages,fetch,load,manifest")
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    found: dict[str, Any] = json.loads(given.kept.read_text()) if given.kept else {}
    wanted = [] if given.kept and given.only == parser.get_default("only") else given.only.split(",")
    with tempfile.TemporaryDirectory() as folder:
        made = make_warc(Path(folder) / "pages.warc.gz", given.pages, given.count)
        begun = time.monotonic()
        if wanted:
            found |= {"machine": machine(), "source": made.source}
        if "extract" in wanted:
            few = make_warc(Path(folder) / "few.warc.gz", given.pages, FEW)
            tiny = make_warc(Path(folder) / "tiny.warc.gz", None, TINY)
            found["extract"] = extraction(made.path, given.count, tiny.path, few.path)
        if "stages" in wanted:
            some = make_warc(Path(folder) / "some.warc.gz", given.pages, min(given.count, SOME))
            found["stages"] = part("stages", some.path)[0]
        if "fetch" in wanted:
            found["fetch"] = fetching()
        if "load" in wanted:
            found["load"] = part("load", MADE_UP)[0]
        if "manifest" in wanted:
            found["manifest"] = [part("manifest", batches)[0] for batches in BATCHES]
        print(f"measured in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if given.keep:
        given.keep.write_text(json.dumps(found, indent=1))
    text = report_of(found)
    if given.report:
        write_between(given.report, text)
    for name, section in text.items():
        print(f"\n<!-- {name} -->\n{section}")


if __name__ == "__main__":
    main()
