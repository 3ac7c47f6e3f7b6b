"""Kill writers of a DuckLake inside named steps, with a reader that asks all the while.

usage: lake_killing.py [--kills 40] [--seed 1]: each kill is aimed at the next of the steps in turn. After each kill
every check must hold and no batch that was seen may be gone; in the end rows and search must be what an undisturbed run
with the file comes to.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
for folder in ("warehouse", "durability"):
    sys.path.append(str(HERE.parent / folder))
sys.path.append(str(HERE.parents[1]))

from load_worker import press, work  # noqa: E402
from postgres_cluster import make_database, programs, running  # noqa: E402
from synthetic import rows_in  # noqa: E402
from watching import STATE, TEXTS, WHOLE  # noqa: E402

from warehouse.checks import check  # noqa: E402
from warehouse.datadir import DataDir  # noqa: E402
from warehouse.errors import UserError  # noqa: E402
from warehouse.lakehouse import Lakehouse  # noqa: E402
from warehouse.reading import has_warehouse, reading  # noqa: E402
from warehouse.search import SearchRequest, search  # noqa: E402
from warehouse.texts import TextStore  # noqa: E402

STEPS = ("change", "stage", "versions", "changes", "stories", "marts", "index", "health", "checks", "publish")
AT_THE_END = ("forget captures", "forget lake", "forget warehouse", "publish", "forget files")
DELAY_MAX_S = 0.4


@dataclass(slots=True)
class Seen:
    """What the reader saw."""

    reads: int = 0
    states: set[object] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def kill_repeatedly(
    lakehouse: Lakehouse, folder: Path, *, kills: int, seed: int, on_kill: Callable[[str], None] = lambda _: None
) -> tuple[Counter[str], Seen]:
    """Kill writers of one data directory `kills` times. Raises AssertionError where something is lost or doubled."""
    rng, died, seen = random.Random(seed), Counter[str](), Seen()
    datadir = DataDir.open(folder / "data", create=True, lakehouse=lakehouse)
    stop = threading.Event()
    reader = threading.Thread(target=_watch, args=(datadir, stop, seen))
    reader.start()
    batches = 0
    try:
        for number in range(kills):
            forgetting = (folder / "data.forgetting").exists()
            steps = AT_THE_END if forgetting else STEPS
            end = _kill_in(
                datadir, seed, steps[number % len(steps)], rng.uniform(0, DELAY_MAX_S), wanted=1 + number % 3
            )
            died[end] += 1
            now = _batches(datadir)
            on_kill(f"{number + 1}: died in {end}, {now} batches seen")
            assert forgetting or (folder / "data.forgetting").exists() or now >= batches, "batches seen are gone"
            batches = now
            if end == "done":
                break
        last = _worker(datadir, seed).communicate(timeout=900)[0].split("\n")[-2]
        assert last == "done"
    finally:
        stop.set()
        reader.join(120)
    assert not seen.bad, seen.bad
    calm = DataDir.open(folder / "calm", create=True)
    work(calm, seed, TextStore.WAREHOUSE)
    with reading(datadir) as con, reading(calm) as file:
        check(con)
        ours, theirs = rows_in(con), rows_in(file)
    assert [name for name in theirs if ours[name] != theirs[name]] == []
    assert _hits(datadir) == _hits(calm)
    return died, seen


def _kill_in(datadir: DataDir, seed: int, aim: str, delay_s: float, *, wanted: int) -> str:
    """Start a writer, and kill it a moment after it began a step for the `wanted`th time; the last step it named."""
    process = _worker(datadir, seed)
    assert process.stdout is not None
    said, at = "nothing", 0
    for line in process.stdout:
        said = line.strip()
        at += said == aim
        if at == wanted:
            time.sleep(delay_s)
            break
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split("\n")
    process.wait()
    return ([said, *(line for line in rest if line.strip())])[-1]


def _worker(datadir: DataDir, seed: int) -> subprocess.Popen[str]:
    assert datadir.lakehouse is not None
    catalog = [datadir.lakehouse.catalog] if datadir.lakehouse.catalog else []
    return subprocess.Popen(
        [sys.executable, str(HERE / "kill_worker.py"), str(datadir.root), str(seed), *catalog],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _batches(datadir: DataDir) -> int:
    if not has_warehouse(datadir):
        return 0
    with reading(datadir) as con:
        check(con)
        return int(con.execute("SELECT count(*) FROM batches").fetchall()[0][0])


def _watch(datadir: DataDir, stop: threading.Event, seen: Seen) -> None:
    failed = 0
    while not stop.wait(2):  # the writers need the machine too
        try:
            if not has_warehouse(datadir):
                continue
            with reading(datadir) as con:
                [checks] = con.execute(WHOLE).fetchall()
                [(textless,)] = con.execute(TEXTS).fetchall()
                [state] = con.execute(STATE).fetchall()
            failed = 0
        except UserError as error:
            # a forget removes at once what a reader of the snapshot before may be about to open; never twice in a row
            failed += 1
            (seen.bad if failed > 1 else seen.repeated).append(str(error))
            continue
        seen.reads += 1
        seen.states.add(state)
        if not all(checks) or textless:
            seen.bad.append(f"half a state: {checks}, {textless} versions without text")


def _hits(datadir: DataDir) -> list[tuple[str, str]]:
    found = search(datadir, SearchRequest(query="harbour", limit=None)).hits
    return sorted((hit.article_id, hit.snippet.text) for hit in found)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    folder = programs()
    assert folder is not None, "PostgreSQL's server programs are not installed"
    assert press(given.seed).batches > 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place, running(folder) as port:
        lakehouse = Lakehouse(make_database(folder, port, "kills"))
        died, seen = kill_repeatedly(lakehouse, Path(place), kills=given.kills, seed=given.seed, on_kill=say)
    for step, count in died.most_common():
        sys.stdout.write(f"{count:4}  {step}\n")
    sys.stdout.write(
        f"{died.total()} kills; {seen.reads} reads of {len(seen.states)} states, none half, "
        f"{len(seen.repeated)} repeated; "
        f"rows and search as undisturbed ({time.monotonic() - began:.0f} s)\n"
    )


if __name__ == "__main__":
    main()
