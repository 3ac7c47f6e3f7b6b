"""pages/s and CPU per page beside Scrapy, crawlee and a bare aiohttp loop, in one run on the same loopback sites.

Each contender runs in a process and a virtual environment of its own, which this script makes (with the network, once).
Two requests at once per host and no gap for all; robots on; the bare loop is the floor and does neither that nor an
archive. `--only broadsheet,aiohttp` leaves the others out; `--pages`, `--hosts`, `--latency` change the task.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
NEEDS = {"scrapy": ["scrapy"], "crawlee": ["crawlee[httpx]"]}
ORDER = ("aiohttp", "broadsheet", "scrapy", "crawlee")


def python_for(name: str, folder: Path) -> str:
    """The interpreter of a contender; its environment is made where it is missing."""
    if name not in NEEDS:
        return sys.executable
    home = folder / name
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print(f"making an environment for {name} in {home}", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDS[name]], check=True)
        (home / "ready").touch()
    return str(python)


def measure(python: str, name: str, urls: str) -> tuple[int, float, float]:
    """Pages fetched, seconds, and CPU seconds, as the contender's process measures its crawl without its start."""
    done = subprocess.run(
        [python, HERE / "crawlers" / f"with_{name}.py"],
        input=urls,
        text=True,
        capture_output=True,
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": str(HERE.parent) if name == "broadsheet" else ""},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3_000:]}")
    pages, seconds, cpu = done.stdout.split()[-3:]
    return int(pages), float(seconds), float(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--hosts", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(ORDER))
    parser.add_argument("--environments", type=Path, default=HERE / ".venvs")
    given = parser.parse_args()
    names = [name for name in ORDER if name in given.only.split(",")]
    pythons = {name: python_for(name, given.environments) for name in names}
    site = subprocess.Popen(
        [sys.executable, HERE / "crawl_site.py", str(given.hosts), str(given.latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ports = (site.stdout.readline() if site.stdout else "").split()
        urls = "\n".join(f"http://127.0.0.1:{ports[n % len(ports)]}/story/{n}.html" for n in range(given.pages))
        runs: dict[str, list[tuple[int, float, float]]] = {name: [] for name in names}
        for _ in range(given.rounds):  # in turn, so that what else the machine does falls on all alike
            for name in names:
                runs[name].append(measure(pythons[name], name, urls))
    finally:
        if site.stdin:
            site.stdin.close()
        site.wait(10)
    ceiling = 2 * given.hosts / given.latency
    print(f"{given.pages} pages on {given.hosts} hosts at {given.latency * 1_000:g} ms, two at once per host,")
    print(f"median of {given.rounds}; no crawler can pass {ceiling:g} pages/s. No start of a process is counted.\n")
    print(f"{'':12}{'pages':>7}{'pages/s':>9}{'of bare':>9}{'CPU ms/page':>13}")
    floor = None
    for name in names:
        speed = median(pages / seconds for pages, seconds, _ in runs[name])
        cpu = median(1_000 * cpu / max(1, pages) for pages, _, cpu in runs[name])
        floor = speed if name == "aiohttp" else floor
        share = f"{speed / floor:.2f}" if floor else ""
        print(f"{name:12}{min(p for p, _, _ in runs[name]):>7}{speed:>9.0f}{share:>9}{cpu:>13.1f}")


if __name__ == "__main__":
    main()
