"""What Prefect costs a run: CPU of the flow's processes beside that of the same stages called without it.

Both take one WARC file of pages through extraction, lake and load into a new data dir; the server runs already, its CPU
is reported beside. Rounds alternate, medians count. A flow's own start, importing Prefect above all, is in its figure,
and shown apart. `--pages` names a WARC file of real pages, repeated under new addresses until there are enough; without
it the demo press's pages are taken, which are small, so that Prefect's share is at its largest. Needs Linux (/proc).

    python benchmarks/overhead.py --pages pages.warc.gz --count 2000 --rounds 5
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from soak_press import stocked
from soak_watch import ask, cpu_s, descendants

from demo.printer import Printer
from warehouse.captures import Captured, read_captures

COMMAND = str(Path(sys.executable).parent / "broadsheet")
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


def pages_of(path: Path | None, count: int) -> Iterator[tuple[str, bytes]]:
    """Addresses and bodies."""
    if path is not None:
        bodies = [
            c.page.body for c in read_captures(path, root=path.parent) if isinstance(c, Captured) and not c.reject
        ]
    else:
        bodies = []
        for site in stocked(count // 7 + 2):
            printer = Printer(site, {s.id: f"http://{s.id}.example" for s in stocked(1)})
            bodies += [printer.resource(a.path, 10_000).body for a in site.articles]
    for number in range(count):
        yield f"http://site-{number % 50}.example/{number}", bodies[number % len(bodies)]


def _is_plain(one: object) -> bool:
    return isinstance(one, Captured) and not one.reject and one.page.content_encoding is None


def write_warc(target: Path, pages: Iterator[tuple[str, bytes]]) -> int:
    """One response record a page; returns bytes of body."""
    size = 0
    with target.open("wb") as file:
        for number, (url, body) in enumerate(pages):
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-10-01T12:00:00Z\r\n"
                f"WARC-Record-ID: <urn:test:{number}>\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(http)}\r\n\r\n"
            )
            file.write(gzip.compress(head.encode() + http + b"\r\n\r\n", 3, mtime=0))
            size += len(body)
    return size


def once(kind: str, folder: Path, warc: Path, api: str, server: int) -> tuple[float, float, float, float]:
    """CPU of the flow's processes in all and at its start, wall time, and the server's CPU meanwhile. Seconds."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    if kind == "flow":
        from flows import prefect_env

        environment |= prefect_env.client_environment(folder / "served", api)
    before = server_cpu(server)
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
    return cpu, started, wall, server_cpu(server) - before


def server_cpu(serve: int) -> float:
    """CPU of the server's processes, of those that live."""
    return sum(cpu_s(pid) for pid in descendants(serve) if is_server(pid))


def is_server(pid: int) -> bool:
    line = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"prefect" in line and b"worker" not in line


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
        size = write_warc(warc, pages_of(given.pages and given.pages.absolute(), given.count))
        (folder / "project").mkdir()
        (folder / "project" / "prefect.yaml").write_text(
            "name: overhead\ndeployments:\n  - name: by-hand\n    entrypoint: flows.load.load\n"
            "    work_pool: {name: broadsheet}\n"
        )
        command = [COMMAND, "serve", "--port", str(given.port), "--project", str(folder / "project")]
        with (folder / "serve.log").open("wb") as log:
            serve = subprocess.Popen(
                [*command, "--data-dir", str(folder / "served")], stdout=log, stderr=log, cwd=folder
            )
        api = f"http://127.0.0.1:{given.port}/api"
        try:
            wait_for(api, serve)
            found: dict[str, list[tuple[float, float, float, float]]] = {"plain": [], "flow": []}
            for number in range(given.rounds):
                for kind in ("plain", "flow") if number % 2 else ("flow", "plain"):
                    found[kind].append(once(kind, folder, warc, api, serve.pid))
                    cpu, started, wall, served = found[kind][-1]
                    words = f"{cpu:.1f} s CPU, {started:.1f} of it to start; {wall:.0f} s; server {served:.1f} s"
                    print(f"round {number + 1} {kind}: {words}", flush=True)
        finally:
            serve.send_signal(signal.SIGINT)
            serve.wait(120)
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


def wait_for(api: str, serve: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end and serve.poll() is None:
        try:
            if ask(api, "deployments/filter", {}):
                time.sleep(10)  # until it is calm
                return
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit("serve did not come up")


if __name__ == "__main__":
    main()
