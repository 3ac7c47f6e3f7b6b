"""Writes the batches of a made-up press to the lake and loads each, saying on standard output which step it begins.

usage: load_worker.py DATA_DIR SEED. Batches that the lake has are not written again, so a killed worker's successor
goes on where it stopped.
"""

from __future__ import annotations

import sys
from pathlib import Path

from synthetic import NOW, World, put

from warehouse.datadir import DataDir
from warehouse.lake import known_batches
from warehouse.load import load


def say(step: str) -> None:
    sys.stdout.write(step + "\n")
    sys.stdout.flush()


def main() -> None:
    datadir, world = DataDir.open(Path(sys.argv[1]), create=True), press(int(sys.argv[2]))
    for number in range(world.batches):
        if f"batch-{number}" not in known_batches(datadir):
            put(datadir, f"batch-{number}", world.shown[number], world.fetches[number], on_step=say)
        load(datadir, run_id="r", now=NOW, on_step=say)
        say("loaded")
    say("done")


def press(seed: int) -> World:
    return World(seed, captures=80, batches=12)


if __name__ == "__main__":
    main()
