"""Kill writers of a DuckLake inside each named step, with readers that ask all the while.

usage: lake_killing.py [--kills 40] [--seed 1]. A kill is aimed at the step that had the fewest so far, and counted
where the writer was by its last word. After each kill every check must hold and no batch that was seen may be gone;
each data directory is finished undisturbed after some kills, and rows and search must then be what a run comes to that
nobody kills, with the file as warehouse. One reader opens the newest snapshot again and again and must find a whole
state; another keeps the first that it opened and must go on getting the same answer.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

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

STEPS: dict[str, tuple[str, ...]] = {
    "parquet": ("parquet",),
    "manifest": ("manifest",),
    "load": ("change", "stage", "versions", "changes", "stories", "marts", "health", "checks"),
    "index": ("index",),
    "publish": ("publish",),
    "compaction": ("compaction", "compaction manifest", "compaction vacuum"),
    "upkeep": ("upkeep",),
    "forget": ("forget captures", "forget ledger", "forget lake", "forget warehouse", "forget files"),
}
"""The named steps, each with what the writer says at its beginning and within it."""
_STEP_OF = {marker: step for step, markers in STEPS.items() for marker in markers}
AT_THE_END = ("forget", "load", "index", "publish")
"""The steps that are left once forgetting has begun."""
KILLS_A_DIRECTORY = 14
KILLS_BEFORE_THE_END = 6
DELAY_MAX_S = 0.4
SHORT_S = {"parquet": 0.02, "manifest": 0.0, "compaction": 0.05, "publish": 0.1}
"""Steps that are over sooner than that."""


@dataclass(slots=True)
class Seen:
    """What the readers saw."""

    reads: int = 0
    held: int = 0
    """Reads by those that keep a snapshot."""
    given_up: int = 0
    """Snapshots that were kept until upkeep or a forget gave them up, which the reader was told."""
    states: set[object] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """What is to be done, was done and was seen."""

    kills: int
    rng: random.Random
    died: Counter[str] = field(default_factory=Counter)
    """Kills by the writer's last word before them."""
    seen: Seen = field(default_factory=Seen)
    directories: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether there were as many kills as were wanted."""
        return self.died.total() >= self.kills

    @property
    def by_step(self) -> dict[str, int]:
        """Kills inside each named step."""
        return {step: sum(self.died[marker] for marker in markers) for step, markers in STEPS.items()}


def kill_repeatedly(
    new_lakehouse: Callable[[], Lakehouse],
    folder: Path,
    *,
    kills: int,
    seed: int,
    on_kill: Callable[[str], None] = lambda _: None,
) -> Record:
    """Kill writers until there were so many kills. Raises AssertionError where something is lost or doubled."""
    record = Record(kills, random.Random(seed))
    calm = DataDir.open(folder / "calm", create=True)
    with redirect_stdout(io.StringIO()):
        work(calm, seed, TextStore.WAREHOUSE)
    with reading(calm) as con:
        expected = rows_in(con)
    while not record.is_enough:
        record.directories += 1
        root = folder / f"killed-{record.directories}" / "data"
        datadir = DataDir.open(root, create=True, lakehouse=new_lakehouse())
        stop = threading.Event()
        readers = [threading.Thread(target=watch, args=(datadir, stop, record.seen)) for watch in (_fresh, _held)]
        for reader in readers:
            reader.start()
        try:
            _kill_in_one(datadir, seed, record, on_kill)
            assert _worker(datadir, seed).communicate(timeout=1800)[0].split("\n")[-2] == "done"
        finally:
            stop.set()
            for reader in readers:
                reader.join(120)
        assert not record.seen.bad, record.seen.bad
        with reading(datadir) as con:
            check(con)
            ours = rows_in(con)
        assert [name for name in expected if ours[name] != expected[name]] == []
        assert _hits(datadir) == _hits(calm)
        on_kill(f"data directory {record.directories} finished: rows and search as undisturbed")
    return record


def _kill_in_one(datadir: DataDir, seed: int, record: Record, on_kill: Callable[[str], None]) -> None:
    """Kill writers of one data directory, until one is done or the directory had its kills."""
    batches, begun = 0, datadir.root.with_name("data.forgetting")
    for number in range(KILLS_A_DIRECTORY):
        if record.is_enough:
            return
        # a forget is the end of the work: what comes before it has its turn first
        before_it = [step for step in STEPS if step != "forget"]
        reachable = AT_THE_END if begun.exists() else before_it if number < KILLS_BEFORE_THE_END else ["forget"]
        fewest = min(record.by_step[step] for step in reachable)
        aim = record.rng.choice([step for step in reachable if record.by_step[step] == fewest])
        end = _kill_in(datadir, seed, record.rng.choice(STEPS[aim]), record.rng)
        if end == "done":
            return
        record.died[end] += 1
        now = _batches(datadir)
        on_kill(f"{record.died.total()}: aimed at {aim}, died in {end}, {now} batches seen")
        assert begun.exists() or now >= batches, "batches seen are gone"
        batches = now


def _kill_in(datadir: DataDir, seed: int, marker: str, rng: random.Random) -> str:
    """Start a writer, kill it a moment after it began a step for the first or second time; its last word."""
    process = _worker(datadir, seed)
    assert process.stdout is not None
    said, to_pass = "start", rng.randrange(2) if _STEP_OF[marker] in AT_THE_END[1:] else 0
    for line in process.stdout:
        said = line.strip()
        if said == marker:
            if to_pass == 0:
                break
            to_pass -= 1
    time.sleep(rng.uniform(0, SHORT_S.get(_STEP_OF[marker], DELAY_MAX_S)))
    process.kill()
    said = ["", *process.stdout.read().splitlines()][-1] or said
    process.wait()
    process.stdout.close()
    return said


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


def _fresh(datadir: DataDir, stop: threading.Event, seen: Seen) -> None:
    """Look at the newest snapshot, again and again: a whole state each time."""
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
        except (UserError, duckdb.Error) as error:
            # a forget removes at once what a reader of the snapshot before may be about to open; never twice in a row
            failed += 1
            (seen.bad if failed > 1 else seen.repeated).append(str(error))
            continue
        seen.reads += 1
        seen.states.add((datadir.root, state))
        if not all(checks) or textless:
            seen.bad.append(f"half a state: {checks}, {textless} versions without text")


def _held(datadir: DataDir, stop: threading.Event, seen: Seen) -> None:
    """Keep a snapshot for as long as it exists, and ask it again and again: the same answer each time."""
    while not stop.wait(1):
        try:
            if not has_warehouse(datadir):
                continue
            with reading(datadir) as con:
                first = con.execute(STATE).fetchall()
                while not stop.wait(3):
                    again = con.execute(STATE).fetchall()
                    seen.held += 1
                    if again != first:
                        seen.bad.append(f"the snapshot that was kept has changed: {first} {again}")
        except UserError as error:
            seen.given_up += 1
            if "No snapshot found" not in str(error):
                seen.bad.append(str(error))


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
    began, numbers = time.monotonic(), itertools.count()
    with tempfile.TemporaryDirectory() as place, running(folder) as port:

        def new_lakehouse() -> Lakehouse:
            return Lakehouse(make_database(folder, port, f"kills{next(numbers)}"))

        record = kill_repeatedly(new_lakehouse, Path(place), kills=given.kills, seed=given.seed, on_kill=say)
    say("\n| step | kills inside it |\n| --- | ---: |")
    for step, count in record.by_step.items():
        say(f"| {step} | {count} |")
    between = {word: count for word, count in record.died.items() if word not in _STEP_OF}
    say(f"| between them | {sum(between.values())} |\n")
    seen = record.seen
    say(f"{dict(record.died)}")
    say(f"{record.died.total()} kills in {record.directories} data directories, rows and search of each as undisturbed")
    say(
        f"{seen.reads} reads of {len(seen.states)} states, none half, {len(seen.repeated)} repeated {seen.repeated[:3]}"
    )
    say(f"{seen.held} reads of kept snapshots, none changed; {seen.given_up} were given up meanwhile, and said so")
    say(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
