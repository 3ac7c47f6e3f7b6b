"""What compaction is worth: a lake of many tiny batches, loaded and built anew before and after.

usage: python benchmarks/bench_compact.py [--batches 2000] [--pages 5]

A crawl that closes a batch a minute makes 1,440 a day. Seconds are of the wall and of CPU, on a lake written for this.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "warehouse"))

from synthetic import Shown, put

from warehouse.compact import compact
from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.rebuild import rebuild

T = TypeVar("T")


def timed(what: str, do: Callable[[], T]) -> T:
    wall, cpu = time.perf_counter(), time.process_time()
    result = do()
    print(f"| {what} | {time.perf_counter() - wall:.1f} | {time.process_time() - cpu:.1f} |", flush=True)
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--batches", type=int, default=2_000)
    arguments.add_argument("--pages", type=int, default=5, help="of one batch")
    given = arguments.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        datadir = DataDir.open(Path(folder) / "data", create=True)

        def write() -> None:
            for number in range(given.batches):
                put(datadir, f"batch-{number:05}", [_page(number, n) for n in range(given.pages)])

        def add_one() -> None:
            put(datadir, f"one-more-{time.perf_counter_ns()}", [_page(given.batches, time.perf_counter_ns())])
            load(datadir, run_id="bench", now=now)

        print(f"{given.batches} batches of {given.pages} pages\n\n| what | wall s | CPU s |\n| --- | ---: | ---: |")
        timed("write the batches", write)
        print(f"| files in the lake: {len(_files(datadir))} | | |")
        timed("first load, of all", lambda: load(datadir, run_id="bench", now=now))
        timed("rebuild before", lambda: rebuild(datadir, run_id="bench", now=now))
        timed("a load of one page before", add_one)
        done = timed("compact", lambda: compact(datadir))
        print(f"| {done.words()} | | |")
        timed("rebuild after", lambda: rebuild(datadir, run_id="bench", now=now))
        timed("a load of one page after", add_one)


def _page(batch: int, number: int) -> Shown:
    text = " ".join(f"Sentence {n} of page {number} in batch {batch} says little that is new." for n in range(40))
    url = f"https://paper{batch % 40}.example/{batch}/{number}"
    return Shown(url=url, text=text, title=f"Story {batch} {number}", minute=batch, offset=number)


def _files(datadir: DataDir) -> set[str]:
    return {entry.path for entry in Manifest.read(datadir).entries}


if __name__ == "__main__":
    main()
