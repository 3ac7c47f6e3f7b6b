"""What Prefect costs a run: CPU of the flow's processes beside that of the same stages called without it.

Both take one WARC file of pages through extraction, lake and load into a new data dir; the server runs already, its CPU
is reported beside. Rounds alternate, medians count. A flow's own start, importing Prefect above all, is in its figure,
and shown apart. `--pages` names a WARC file of real pages, repeated under new addresses until there are enough; without
it the demo press's pages are taken, which are small, so that Prefect's share is at its largest. Needs Linux (/proc).

    python benchmarks/overhead.py --pages pages.warc.gz --count 2000 --rounds 5
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench_pages import make_warc
from served import Server, served

RUN = """
import json, os, resource, sys, time
from pathlib import Path
def cpu():
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
data, warc, is_flow = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "flow"
begun = time.time()
if is_flow:
    from flows.pipeline import ingest
    started = cpu()
    report = ingest(paths=[str(warc)], data_dir=data)
else:
    from flows.runs import open_run
    from flows.stages import run_ingest
    from flows.steps import direct_steps
    started = cpu()
    run = open_run(data_dir=data)
    with direct_steps(run) as steps:
        report = run_ingest(run, [warc], steps)
counts = report.capture_count
print("RESULT", json.dumps([cpu(), started, time.time() - begun, counts]))
"""


def once(kind: str, folder: Path, warc: Path, server: Server) -> tuple[float, float, float, float]:
    """CPU of the flow's processes in all and at its start, wall time, and the server's CPU meanwhile. Seconds."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    if kind == "flow":
        environment |= server.client_environment
    before = server.cpu_s()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        done = subprocess.run(
            [sys.executable, "-c", RUN, f"{scratch}/data", str(warc), kind],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{kind} failed:\n{done.stderr[-3000:]}")
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    cpu, started, wall, _ = json.loads(line.removeprefix("RESULT "))
    time.sleep(3)  # what the server does afterwards belongs to the run
    return cpu, started, wall, server.cpu_s() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, help="WARC file of real pages")
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=9790)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="overhead-") as name:
        folder = Path(name)
        warc = folder / "pages.warc.gz"
        size = make_warc(warc, given.pages, given.count).body_bytes
        found: dict[str, list[tuple[float, float, float, float]]] = {"plain": [], "flow": []}
        with served(folder, given.port) as server:
            for number in range(given.rounds):
                for kind in ("plain", "flow") if number % 2 else ("flow", "plain"):
                    found[kind].append(once(kind, folder, warc, server))
                    cpu, started, wall, used = found[kind][-1]
                    words = f"{cpu:.1f} s CPU, {started:.1f} of it to start; {wall:.0f} s; server {used:.1f} s"
                    print(f"round {number + 1} {kind}: {words}", flush=True)
    report(found, given.count, size)


def report(found: dict[str, list[tuple[float, float, float, float]]], count: int, size: int) -> None:
    """The medians, and what Prefect adds."""
    (plain, plain_start, plain_wall, _), (flow, flow_start, flow_wall, served) = (
        [median(one[i] for one in found[kind]) for i in range(4)] for kind in ("plain", "flow")
    )
    print(f"\n{count} pages of {size / count / 1000:.0f} kB, medians of {len(found['flow'])} rounds\n")
    print("| | without Prefect | as a flow | difference |\n| --- | ---: | ---: | ---: |")
    print(f"| CPU of its processes, s | {plain:.1f} | {flow:.1f} | {flow / plain - 1:+.1%} |")
    work = (flow - flow_start) / (plain - plain_start) - 1
    print(f"| without their start, s | {plain - plain_start:.1f} | {flow - flow_start:.1f} | {work:+.1%} |")
    print(f"| wall time, s | {plain_wall:.1f} | {flow_wall:.1f} | {flow_wall / plain_wall - 1:+.1%} |")
    print(f"| CPU of the server meanwhile, s | | {served:.1f} | |")


if __name__ == "__main__":
    main()
