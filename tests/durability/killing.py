"""Kill a writer again and again inside each named step, and see that nothing is lost, doubled or half there.

usage: python tests/durability/killing.py [--kills 210] [--seed 1] [--log FILE]

The writer announces each step as it begins, so the last announcement before its death names the step that it died in.
Kills are aimed at the step that had the fewest so far, at a random moment within the time that the step takes when
nobody disturbs it. Two readers run from the first kill to the last (watching.py). After each kill the file must pass
every check; after the last kill of a data directory the work is finished undisturbed, and rows, batches, captures and
search must be those of a run that nobody killed. Texts are kept in the warehouse and in the lake by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "warehouse"), str(Path(__file__).parent)]

from synthetic import rows  # noqa: E402

from warehouse.checks import check  # noqa: E402
from warehouse.datadir import DataDir  # noqa: E402
from warehouse.manifest import Manifest  # noqa: E402
from warehouse.reading import open_read_only  # noqa: E402
from warehouse.search import SearchRequest, search  # noqa: E402
from warehouse.texts import TextStore  # noqa: E402

STEPS: dict[str, tuple[str, ...]] = {
    "parquet": ("parquet",),
    "manifest": ("manifest",),
    "load": ("copy", "change", "stage", "versions", "changes", "stories", "marts", "health", "checks", "checkpoint"),
    "index": ("index",),
    "publish": ("publish", "published"),
    "compaction": ("compaction", "compaction manifest", "compaction vacuum"),
    "forget": ("forget captures", "forget ledger", "forget lake", "forget warehouse", "forget files"),
}
"""The named steps, each with what the writer says at its beginning and within it."""
_STEP_OF = {marker: step for step, markers in STEPS.items() for marker in markers}
BY_BATCH = ("parquet", "manifest", "load", "index", "publish")
"""The steps that each batch goes through."""
AT_THE_END = ("forget", "load", "index", "publish")
"""The steps that are left once forgetting has begun."""
KILLS_A_DIRECTORY = 24
KILLS_BEFORE_THE_END = 14


@dataclass(frozen=True)
class Undisturbed:
    """What a run comes to that nobody kills, and how long each of its steps takes."""

    store: TextStore
    result: dict[str, object]
    durations: dict[str, list[float]]
    """Seconds from each announcement to the next."""


@dataclass
class Record:
    """What was done and seen."""

    died: Counter[str] = field(default_factory=Counter)
    """Kills by the last announcement before them."""
    lines: list[str] = field(default_factory=list)
    readers: list[dict[str, object]] = field(default_factory=list)

    @property
    def by_step(self) -> dict[str, int]:
        """Kills inside each named step."""
        return {step: sum(self.died[marker] for marker in markers) for step, markers in STEPS.items()}


def worker(folder: Path, seed: int, store: TextStore, *more: str) -> subprocess.Popen[str]:
    """Start a writer."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "load_worker.py"), str(folder), str(seed), store.value, *more],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:3])},
    )


def kill_in(folder: Path, seed: int, calm: Undisturbed, *, aim: str, rng: random.Random) -> str:
    """Start a writer, kill it within the step that is aimed at, and return its last words; `done` if it ended."""
    marker = rng.choice([m for m in STEPS[aim] if m in calm.durations])
    process = worker(folder, seed, calm.store)
    assert process.stdout
    last, to_pass = "start", rng.randrange(2) if aim in BY_BATCH else 0
    for line in process.stdout:
        last = line.strip()
        if last == marker:
            if to_pass == 0:
                break
            to_pass -= 1
    time.sleep(rng.random() * rng.choice(calm.durations[marker]))
    process.kill()
    last = (["", *process.stdout.read().splitlines()][-1]) or last
    process.wait()
    process.stdout.close()
    return last


def undisturbed(folder: Path, seed: int, store: TextStore) -> Undisturbed:
    """A run that nobody kills."""
    durations: dict[str, list[float]] = {}
    process = worker(folder, seed, store)
    assert process.stdout
    before, began = "start", time.monotonic()
    for line in process.stdout:
        now = time.monotonic()
        durations.setdefault(before, []).append(now - began)
        before, began = line.strip(), now
    assert process.wait() == 0
    assert before == "done"
    return Undisturbed(store, outcome(DataDir(folder)), durations)


def outcome(datadir: DataDir) -> dict[str, object]:
    """All that must be the same however often the writer was killed, as hashes."""
    found: dict[str, object] = {f"rows of {name}": _hash(listed) for name, listed in rows(datadir.warehouse).items()}
    found["batches"] = _hash({key: batch.digest for key, batch in Manifest.read(datadir).batches.items()})
    found["captures"] = _hash([p.read_bytes() for p in sorted(datadir.captures.rglob("*.warc.gz"))])
    hits = search(datadir, SearchRequest(query="harbour", limit=None)).hits
    found["search"] = _hash(sorted((hit.article_id, hit.snippet.text) for hit in hits))
    return found


def whole_state(datadir: DataDir) -> int:
    """The batches that a reader sees; every check on the file must hold."""
    if not datadir.warehouse.exists():
        return 0
    with duckdb.connect(str(datadir.warehouse), read_only=True) as con:
        check(con)
    with open_read_only(datadir.warehouse) as con:
        return int(con.execute("SELECT count(*) FROM batches").fetchall()[0][0])


def kill_repeatedly(folder: Path, kills: int, seed: int) -> Record:
    """Kill writers until each named step has its share of the kills. Raises AssertionError where something is lost."""
    rng, record = random.Random(seed), Record()
    calm = {store: undisturbed(folder / f"calm-{store.value}" / "data", seed, store) for store in TextStore}
    pointer, stop = folder / "pointer", folder / "stop"
    readers = [_reader(mode, pointer, stop) for mode in ("fresh", "held")]
    share, run = -(-kills // len(STEPS)), 0
    try:
        while min(record.by_step.values()) < share:
            run += 1
            store = list(TextStore)[run % len(TextStore)]
            datadir = DataDir.open(folder / f"killed-{run}" / "data", create=True)
            pointer.write_text(str(datadir.root))
            _kill_in_one(datadir, seed, calm[store], share=share, rng=rng, record=record)
            [last] = worker(datadir.root, seed, store).communicate(timeout=600)[0].split("\n")[-2:-1]
            assert last == "done"
            differing = {k for k, v in outcome(datadir).items() if calm[store].result[k] != v}
            assert not differing, f"{differing} of {datadir.root} are not what an undisturbed run comes to"
            left = {p.name for p in datadir.root.iterdir() if ".next" in p.name or p.suffix == ".tmp"}
            assert not left, f"{left} left behind"
    finally:
        stop.touch()
        record.readers = [
            json.loads(reader.communicate(timeout=60)[0] or '{"bad": ["it ended"]}') for reader in readers
        ]
    bad = [line for reader in record.readers for line in reader["bad"]]  # type: ignore[attr-defined]
    assert not bad, bad
    return record


def _kill_in_one(
    datadir: DataDir, seed: int, calm: Undisturbed, *, share: int, rng: random.Random, record: Record
) -> None:
    """Kill writers of one data directory, until one is done or the directory had its kills."""
    seen, begun = 0, datadir.root.with_name("data.forgetting")
    for number in range(KILLS_A_DIRECTORY):
        within = record.by_step
        if min(within.values()) >= share:
            return
        reachable = AT_THE_END if begun.exists() else STEPS.keys()
        wanted = [step for step in reachable if within[step] < share]
        # a forget is the end of the work: what comes before it has its turn first
        before_it = [step for step in wanted if step != "forget"]
        if before_it and number < KILLS_BEFORE_THE_END and not begun.exists():
            wanted = before_it
        if not wanted:
            return
        fewest = min(within[step] for step in wanted)
        aim = rng.choice([step for step in wanted if within[step] == fewest])
        end = kill_in(datadir.root, seed, calm, aim=aim, rng=rng)
        before, seen = seen, whole_state(datadir)
        assert begun.exists() or seen >= before, "a batch that readers had seen is gone"
        if end == "done":
            return
        record.died[end] += 1
        name = f"{datadir.root.parent.name} {calm.store.value}"
        record.lines.append(f"{name}: aimed at {aim}, died in {end}; {seen} batches seen")


def _reader(mode: str, pointer: Path, stop: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "watching.py"), mode, str(pointer), str(stop)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:3])},
    )


def _hash(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()[:16]


def table(record: Record) -> str:
    """The kills as a table in Markdown."""
    lines = ["| step | kills inside it | by what the writer had last said |", "| --- | ---: | --- |"]
    for step, count in record.by_step.items():
        within = ", ".join(f"{m} {record.died[m]}" for m in STEPS[step] if record.died[m])
        lines.append(f"| {step} | {count} | {within} |")
    between = {m: n for m, n in record.died.items() if m not in _STEP_OF}
    said = ", ".join(f"{m} {n}" for m, n in sorted(between.items()))
    lines.append(f"| between them | {sum(between.values())} | {said} |")
    lines.append(f"| all | {record.died.total()} | |")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=210)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--log", type=Path, help="where to write one line a kill")
    arguments.add_argument("--folder", type=Path, help="where to work, kept afterwards; a temporary one if not given")
    given = arguments.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        record = kill_repeatedly(given.folder or Path(temporary), given.kills, given.seed)
    if given.log:
        given.log.write_text("\n".join(record.lines) + "\n")
    sys.stdout.write(f"{table(record)}\n\n")
    for mode, reader in zip(("fresh", "held"), record.readers, strict=True):
        sys.stdout.write(f"The {mode} reader: {reader['reads']} reads, {reader['states']} states, none of them half")
        sys.stdout.write(f", {reader['retried']} repeated\n" + "".join(f"  {why}\n" for why in reader["why"]))
    sys.stdout.write(
        "Rows, batches, captures and search as undisturbed after each series of kills "
        f"({time.monotonic() - began:.0f} s)\n"
    )


if __name__ == "__main__":
    main()
