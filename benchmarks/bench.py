"""Broadsheet beside datatrove, news-please and plain trafilatura, on the same pages in turn; and how its cost grows.

    make bench PAGES=pages.warc.gz
    python benchmarks/bench.py --pages pages.warc.gz --rounds 3 --report docs/performance.md

Every contender carries one WARC file to its result, start-up counted, in rounds that alternate, so that what else the
machine does falls on all alike. Peers are installed by pip into environments of their own, once; one that cannot be is
named and left out. `--parts` chooses among peers, pages, many, rows, cores and again; figures that were found stay in
FOLDER and later parts add to them. All of it takes half an hour of two cores. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench_contenders import (
    ORDER,
    OWN,
    PEER_SCRIPTS,
    BenchError,
    Run,
    environment_of,
    run_own,
    run_peer,
    say,
    versions_in,
)
from bench_growth import ROWS, again, in_many, on_cores, over_pages, over_rows, told
from bench_pages import Made, make_warc
from bench_report import Findings, write_report
from served import served

PARTS = ("peers", "pages", "many", "rows", "cores", "again")


def main() -> None:
    given = arguments()
    with folder(given.folder) as place:
        found = Findings.kept(place)
        warc = place / "pages.warc.gz"
        say(f"making a WARC file of {given.count} pages")
        made = make_warc(warc, given.pages, given.count)
        found.machine, found.made, found.at = machine(), made, datetime.now(UTC)
        few = max(1, given.count // 4)
        parts: dict[str, Callable[[], None]] = {
            "peers": lambda: side_by_side(found, made, given),
            "pages": lambda: setattr(found, "over_pages", over_pages(place, given.pages, few)),
            "many": lambda: many(found, place, given),
            "rows": lambda: setattr(found, "over_rows", over_rows(place, warc, made.count, given.rows, given.rounds)),
            "cores": lambda: setattr(found, "on_cores", on_cores(place, warc, made.count, min(2, given.rounds))),
            "again": lambda: setattr(found, "again", again(place, warc, made.count, given.rounds)),
        }
        for name in (name for name in PARTS if name in given.parts):
            parts[name]()
            found.keep(place)  # a later part may be stopped
            write_report(found, given.report)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages",
        type=Path,
        default=measured_pages(),
        help="WARC file of pages; without it dev/pages.warc.gz below BROADSHEET_BENCH, else the demo press",
    )
    parser.add_argument("--count", type=int, default=2_000, help="pages of one run")
    parser.add_argument("--many", type=int, default=50_000, help="pages of the demo press, over which memory is told")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", type=lambda v: v.split(","), default=list(PARTS))
    parser.add_argument("--only", type=lambda v: v.split(","), default=list(ORDER), help="contenders")
    parser.add_argument("--rows", type=lambda v: [int(n) for n in v.split(",")], default=list(ROWS))
    parser.add_argument("--folder", type=Path, help="where work, figures and made-up presses stay; else temporary")
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "broadsheet-bench")
    parser.add_argument("--port", type=int, default=9795, help="of the Prefect server")
    parser.add_argument("--report", type=Path, help="Markdown file to write; the chart goes beside it")
    return parser.parse_args()


def measured_pages() -> Path | None:
    """The pages that the folder of measurements has, where the environment names one."""
    path = Path(os.environ.get("BROADSHEET_BENCH", "")) / "dev" / "pages.warc.gz"
    return path if "BROADSHEET_BENCH" in os.environ and path.exists() else None


@contextmanager
def folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.absolute()
    else:
        with tempfile.TemporaryDirectory(prefix="bench-") as made:
            yield Path(made)


def side_by_side(found: Findings, made: Made, given: argparse.Namespace) -> None:
    """Rounds over all contenders, every other round backwards."""
    names = [name for name in ORDER if name in given.only]
    pythons: dict[str, str] = {}
    found.skipped = {}
    for name in names:
        found.rounds.pop(name, None)  # those of others that were measured before stay
    for name in [name for name in names if name in PEER_SCRIPTS]:
        try:
            pythons[name] = environment_of(PEER_SCRIPTS[name], name, given.environments.absolute())
            found.versions[name] = versions_of(name, pythons[name])
        except (BenchError, OSError) as error:
            leave_out(found, name, str(error))
    for number in range(given.rounds):
        for name in names if number % 2 == 0 else reversed(names):
            if name not in found.skipped:
                one_run(found, name, pythons, made, given.port)


def one_run(found: Findings, name: str, pythons: dict[str, str], made: Made, port: int) -> None:
    try:
        if name == "flow":
            run = under_prefect(made, port)
        elif name in OWN:
            run = run_own(name, made.path, made.count, None)
        else:
            warc, count = shown_to(name, made)
            run = run_peer(name, pythons[name], warc, count)
    except (BenchError, SystemExit) as error:
        leave_out(found, name, str(error))
        return
    found.rounds.setdefault(name, []).append(run)
    told(name, run)


def under_prefect(made: Made, port: int) -> Run:
    """The flow, beside a server that is up for it alone: the pages of libraries that a server has in use with others
    would count half in their memory (PSS)."""
    say("starting a Prefect server")
    with tempfile.TemporaryDirectory(dir=made.path.parent) as scratch, served(Path(scratch), port) as server:
        return run_own("flow", made.path, made.count, server)


def shown_to(name: str, made: Made) -> tuple[Path, int]:
    """The WARC file for a contender: a slow one gets the first pages of it, one that divides by files a folder."""
    if PEER_SCRIPTS[name].takes_folder:
        return made.parts(min(made.count, len(os.sched_getaffinity(0)))), made.count
    count = min(made.count, PEER_SCRIPTS[name].pages_max or made.count)
    return (made.path, made.count) if count == made.count else (made.first(count), count)


def many(found: Findings, place: Path, given: argparse.Namespace) -> None:
    """Of the demo press, whose pages are small: so many real ones would take half an hour."""
    found.in_many, found.many_of = in_many(place, None, given.many), "the demo press"


def leave_out(found: Findings, name: str, why: str) -> None:
    say(f"{name} is left out: {why}")
    found.skipped[name] = why


def versions_of(name: str, python: str) -> dict[str, str]:
    first = {"datatrove": ["datatrove"], "datatrove-new": ["datatrove"], "news-please": ["news-please"]}.get(name, [])
    return versions_in(python, *first, *([] if name == "news-please" else ["trafilatura"]))


def machine() -> str:
    """The machine in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((one.partition(":")[2].strip() for one in lines if one.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, {memory:.0f} GB, Linux {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
