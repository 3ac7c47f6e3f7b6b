"""The work of tests/durability/load_worker.py with a DuckLake as warehouse.

usage: kill_worker.py DATA_DIR SEED [CATALOG]
"""

from __future__ import annotations

import sys
from pathlib import Path

from load_worker import say, work

from warehouse.datadir import DataDir
from warehouse.lakehouse import Lakehouse
from warehouse.texts import TextStore


def main() -> None:
    lakehouse = Lakehouse(sys.argv[3] if len(sys.argv) > 3 else None)
    work(DataDir.open(Path(sys.argv[1]), create=True, lakehouse=lakehouse), int(sys.argv[2]), TextStore.WAREHOUSE)
    say("done")


if __name__ == "__main__":
    main()
