"""A writer that a test kills at one of its requests. usage: storage_worker.py DATA_DIR URL ENDPOINT MODE GENERATION"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "warehouse")]

from synthetic import NOW, Shown, put  # noqa: E402

from warehouse import manifest_objects  # noqa: E402
from warehouse.compact import Policy, compact  # noqa: E402
from warehouse.datadir import DataDir  # noqa: E402
from warehouse.forget import forget  # noqa: E402
from warehouse.storage import parse_storage  # noqa: E402

BATCHES = 3
TARGET = "https://news.example/1"


def shown(number: int, generation: int) -> list[Shown]:
    """What a batch holds, as it was made for the so-many-th time."""
    return [
        Shown(url=f"https://news.example/{page}", minute=number * 10 + page, title=f"Made {generation}")
        for page in range(3)
    ]


def main() -> None:
    root, url, endpoint, mode, generation = sys.argv[1:]
    manifest_objects.FOLD_COUNT = 2
    datadir = DataDir.open(Path(root), create=True, storage=parse_storage(url, endpoint=endpoint, patience_s=20))
    if mode == "write":
        for number in range(BATCHES):
            put(datadir, f"batch-{number}", shown(number, int(generation)))
    elif mode == "compact":
        compact(datadir, policy=Policy(min_files=2))
    else:
        forget(datadir, TARGET, run_id="r", now=NOW)


if __name__ == "__main__":
    main()
