"""Kill a loader again and again at random moments, and see that nothing is lost, doubled or half there.

usage: python tests/durability/killing.py [--kills 200] [--seed 1]

Prints in which named step the kills fell. After each kill a reader must see a whole state; after the last the work is
finished undisturbed, and every row must be as if nobody had been killed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "warehouse"), str(Path(__file__).parent)]

from load_worker import press  # noqa: E402
from synthetic import NOW, rows  # noqa: E402

from warehouse.checks import check  # noqa: E402
from warehouse.datadir import DataDir  # noqa: E402
from warehouse.load import load  # noqa: E402

STEPS = ("parquet", "manifest", "vacuum", "copy", "change", "checkpoint", "publish", "published")


def worker(folder: Path, seed: int) -> subprocess.Popen[str]:
    """Start a loader."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "load_worker.py"), str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:3])},
    )


def kill_in(folder: Path, seed: int, step: str, rng: random.Random) -> str:
    """Start a loader, kill it soon after it says that it begins `step`, and return the step that it died in."""
    process = worker(folder, seed)
    assert process.stdout
    last, to_pass = "start", rng.randrange(2)
    for line in process.stdout:
        last = line.strip()
        if last == step:
            if to_pass == 0:
                break
            to_pass -= 1
    time.sleep(rng.random() ** 3 * 0.05)
    process.kill()
    last = (["", *process.stdout.read().split()][-1]) or last
    process.wait()
    process.stdout.close()
    return last


def whole_state(datadir: DataDir) -> int:
    """The batches that a reader sees; every check on the file must hold."""
    if not datadir.warehouse.exists():
        return 0
    with duckdb.connect(str(datadir.warehouse), read_only=True) as con:
        con.execute("CREATE TEMP TABLE touched AS SELECT DISTINCT article_id FROM observations")
        check(con)
        return int(con.execute("SELECT count(*) FROM batches").fetchall()[0][0])


def undisturbed(folder: Path, seed: int) -> dict[str, list[str]]:
    """The rows of a run that nobody kills."""
    datadir, world = DataDir.open(folder, create=True), press(seed)
    for number in range(world.batches):
        world.put(datadir, number)
    load(datadir, run_id="r", now=NOW)
    return rows(datadir.warehouse)


def kill_repeatedly(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill loaders, starting over on new data when all is loaded. Raises AssertionError where rows differ."""
    rng, died = random.Random(seed), Counter[str]()
    expected = undisturbed(folder / "undisturbed", seed)
    run = 0
    while died.total() < kills:
        run += 1
        datadir, seen = DataDir.open(folder / f"killed-{run}", create=True), 0
        while died.total() < kills:
            end = kill_in(datadir.root, seed, STEPS[died.total() % len(STEPS)], rng)
            before, seen = seen, whole_state(datadir)
            assert seen >= before, "a batch that readers had seen is gone"
            if end == "done":
                break
            died[end] += 1
        assert worker(datadir.root, seed).communicate(timeout=300)[0].split()[-1] == "done"
        assert rows(datadir.warehouse) == expected, "the rows are not those of an undisturbed run"
        left = {p.name for p in datadir.root.iterdir() if ".next" in p.name}
        assert not left, f"{left} left behind"
    return died


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        died = kill_repeatedly(Path(folder), given.kills, given.seed)
    steps = dict(died.most_common())
    sys.stdout.write(f"{died.total()} kills, by the step that they fell in: {steps}; all rows as undisturbed\n")


if __name__ == "__main__":
    main()
