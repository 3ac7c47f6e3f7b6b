"""One and two workers on one crawl: pages a second, and from the sites' own log who asked what when.

usage: python benchmarks/workers.py [--pages 2000] [--hosts 20] [--latency 0.1] [--gap 0.1] [--at-once 4]

Each worker is a `broadsheet crawl` with a data dir of its own; the ledger is a PostgreSQL server of this script (the
tests' own), the sites are loopback ports. A worker asks at most `--at-once` hosts at one moment and each answer takes
`--latency`: so a worker is bound by how long servers take to answer, as crawls of many hosts are, not by this machine.
The clock runs from the first request to the last answer; who starts late loses by it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "scale"))

from postgres_server import Server, missing, postgres_server
from shared_press import SharedPress, shared_press

COMMAND = [str(Path(sys.executable).with_name("broadsheet")), "crawl", "--no-prefect"]


@dataclass(frozen=True)
class Crawled:
    """What the sites saw of one crawl."""

    workers: int
    pages: int
    seconds: float
    cpu_s: float
    most_often: int
    """How often the page was asked for that was asked for most."""
    least_gap_s: float
    share: tuple[int, ...]
    """Requests by worker."""
    left: int
    """Pages left in the queue."""


def crawl(server: Server, press: SharedPress, given: argparse.Namespace, count: int, folder: Path) -> Crawled:
    """One crawl by so many workers."""
    import psycopg

    press.log.clear()
    ledger = server.create(f"crawl_{count}")
    home = folder / str(count)
    home.mkdir()
    (home / "urls.txt").write_text("\n".join(press.urls(given.pages)))
    (home / "sources.toml").write_text(
        f'[[source]]\nid = "list"\nkind = "urls"\nfile = "{home}/urls.txt"\nmax_pages = {given.pages}\n'
    )
    environment = {
        **os.environ,
        "BROADSHEET_LEDGER": ledger,
        "BROADSHEET_SOURCES_FILE": str(home / "sources.toml"),
        "BROADSHEET_ALLOW_PRIVATE": '["127.0.0.0/8"]',
        "BROADSHEET_HOST_GAP_S": str(given.gap),
        "BROADSHEET_LATENCY_FACTOR": "0",
        "BROADSHEET_HOSTS_AT_ONCE": str(given.at_once),
    }
    before = os.times()
    started = []
    for number in range(count):
        mine = {"BROADSHEET_DATA_DIR": str(home / f"data-{number}"), "BROADSHEET_CONTACT": f"worker-{number}"}
        with (home / f"worker-{number}.log").open("w") as log:
            started.append(subprocess.Popen(COMMAND, env={**environment, **mine}, stdout=log, stderr=log))
    for number, process in enumerate(started):
        if process.wait(1_200):
            raise SystemExit((home / f"worker-{number}.log").read_text()[-2_000:])
    after = os.times()
    with psycopg.connect(ledger) as connection:
        [(left,)] = connection.execute("SELECT count(*) FROM queue").fetchall()
    asked = press.asked()
    begun, ended = min(entry[0] for entry in press.log), max(entry[1] for entry in press.log)
    return Crawled(
        workers=count,
        pages=len(asked),
        seconds=ended - begun,
        cpu_s=(after.children_user + after.children_system) - (before.children_user + before.children_system),
        most_often=max(asked.values()),
        least_gap_s=press.least_gap_s(),
        share=tuple(press.count_by(f"worker-{number}") for number in range(count)),
        left=left,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds")
    parser.add_argument("--gap", type=float, default=0.1, help="seconds between an answer and the next request")
    parser.add_argument("--at-once", type=int, default=4, help="hosts that one worker asks at one moment")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    if reason := missing():
        raise SystemExit(reason)
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server() as server,
        shared_press(given.hosts, given.latency) as press,
    ):
        found = [crawl(server, press, given, count, Path(folder)) for count in (1, 2)]
    one, two = found
    ceilings = given.at_once / given.latency, given.hosts / (given.latency + given.gap)
    print(f"{given.pages} pages on {given.hosts} hosts, {given.latency * 1e3:g} ms each, {given.gap:g} s between two;")
    print(f"{given.at_once} hosts at once a worker: it can do {ceilings[0]:g} pages/s, all together {ceilings[1]:g}.\n")
    names = ("workers", "pages", "seconds", "pages/s", "CPU s", "most often", "least gap s")
    print("".join(f"{name:>13}" for name in names), " by worker")
    for row in found:
        figures = (row.workers, row.pages, row.seconds, row.pages / row.seconds, row.cpu_s, row.most_often)
        cells = (f"{figure:>13.1f}" if isinstance(figure, float) else f"{figure:>13}" for figure in figures)
        print("".join(cells) + f"{row.least_gap_s:>13.3f}", "", ", ".join(map(str, row.share)))
    print(
        f"\ntwo do {one.seconds / two.seconds:.2f} times as much as one; {one.left + two.left} pages left in the queue"
    )
    if given.json:
        rows = [{**row.__dict__, "at": time.strftime("%Y-%m-%d")} for row in found]
        given.json.write_text(json.dumps({"settings": vars(given) | {"json": None}, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
