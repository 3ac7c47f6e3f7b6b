"""The work of tests/durability/load_worker.py with a DuckLake as warehouse, which is looked after now and then.

usage: kill_worker.py DATA_DIR SEED [CATALOG]
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from load_worker import say, work
from synthetic import NOW

from warehouse.datadir import DataDir
from warehouse.ducklake_upkeep import tidy
from warehouse.lakehouse import Lakehouse
from warehouse.texts import TextStore


def main() -> None:
    lakehouse = Lakehouse(sys.argv[3] if len(sys.argv) > 3 else None)
    datadir = DataDir.open(Path(sys.argv[1]), create=True, lakehouse=lakehouse)
    work(datadir, int(sys.argv[2]), TextStore.WAREHOUSE, tend=tend)
    say("done")


def tend(datadir: DataDir) -> None:
    """Upkeep so late that every snapshot but the newest is given up, and every file that it does not read deleted."""
    say("upkeep")
    tidy(datadir, now=NOW + timedelta(days=400))
    say("tended")


if __name__ == "__main__":
    main()
