"""How a warehouse of many articles does: full build, a load of 1 %, publication, file size, queries, search, memory.

usage: python benchmarks/bench_warehouse.py [--articles 1000000] [--folder FOLDER] [--text-store warehouse|lake]

The made-up press is written to FOLDER/base once, about two minutes for a million articles, and used again by later runs;
each run works in FOLDER/work, anew. Without a folder all is made in a temporary one and deleted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import duckdb
from bench_search import measure as measure_searches
from made_up_press import EXTRACTOR, Vocabulary, edits_and_news, write_press
from memory import PeakMemory

from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.publish import clone_file
from warehouse.query import run_sql
from warehouse.status import size_of

T = TypeVar("T")

RUNS = 5
QUERIES = {
    "newest headlines": "SELECT published_at, source, title FROM articles ORDER BY published_at DESC LIMIT 20",
    "articles per day": "SELECT date_trunc('day', published_at) AS day, count(*) FROM articles GROUP BY 1 ORDER BY 1",
    "articles per host": "SELECT host, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "authors": "SELECT author, count(*) FROM (SELECT unnest(authors) AS author FROM articles) "
    "GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "one article by URL": "SELECT title, captured_at FROM articles WHERE url = 'https://paper7.example/story/7'",
    "edited headlines": "SELECT article_id, count(DISTINCT title) AS titles FROM article_versions "
    "WHERE article_id IN (SELECT article_id FROM article_versions WHERE version_number > 1) "
    "GROUP BY 1 HAVING titles > 1 LIMIT 20",
    "outcomes": "SELECT outcome, count(*) FROM captures GROUP BY 1 ORDER BY 2 DESC",
    "one source, one week": "SELECT count(*), avg(word_count) FROM articles WHERE source = 'paper3' "
    "AND published_at BETWEEN '2026-03-01' AND '2026-03-08'",
    "source days": "FROM source_days ORDER BY day_date DESC LIMIT 20",
    "as of": "SELECT count(*) FROM articles_as_of('2026-06-01')",
}
"""The ten standard questions; none reads text."""


@dataclass
class Steps:
    """When each step of a load began."""

    begun: list[tuple[str, float]] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.begun.append((name, time.perf_counter()))

    def seconds(self) -> dict[str, float]:
        took: dict[str, float] = {}
        for (name, at), (_, until) in pairwise([*self.begun, ("end", time.perf_counter())]):
            took[name] = took.get(name, 0.0) + until - at
        return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--processes", type=int, default=2, help="that write the made-up press")
    given = arguments.parse_args()
    with folder(given.folder) as place:
        write_press(place / "base", given.articles, processes=given.processes)
        work = linked(place / "base", place / "work")
        measure(work, given.articles)


@contextmanager
def folder(given: Path | None) -> Iterator[Path]:
    if given:
        yield given
    else:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)


def linked(base: Path, work: Path) -> DataDir:
    """A data directory with the lake of another: its files are never changed in place, so links will do."""
    shutil.rmtree(work, ignore_errors=True)
    datadir = DataDir.open(work, create=True)
    shutil.copytree(base / "lake", datadir.lake, copy_function=_link, dirs_exist_ok=True)
    return datadir


def _link(source: str, target: str) -> None:
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy(source, target)


def measure(datadir: DataDir, articles: int) -> None:
    parquet = size_of(datadir.lake)
    say(f"{articles} articles, Parquet {parquet / 1e6:.0f} MB")
    built = build(datadir)
    say(f"  warehouse {size_of(datadir.warehouse) / 1e6:.0f} MB, {size_of(datadir.warehouse) / parquet:.2f} of the Parquet's")
    upsert(datadir, articles, built)
    ask(datadir)
    search(datadir)


def build(datadir: DataDir) -> float:
    steps = Steps()
    report, took, peak = timed(lambda: load(datadir, run_id="build", now=datetime.now(UTC), on_step=steps))
    say(f"full build of {sum(report.counts.values())} captures {took:.1f} s, peak memory {peak:.0f} MB")
    say("  " + ", ".join(f"{name} {s:.1f}" for name, s in steps.seconds().items()))
    return took


def upsert(datadir: DataDir, articles: int, built: float) -> None:
    """A day's batch: 1 % of the captures, half of them edits of articles of any age, half new articles."""
    captures = Manifest.read(datadir)
    count = sum(e.rows for e in captures.entries if e.table == "captures") // 100
    edited = some_articles(datadir, count // 2)
    tables = edits_and_news(edited, articles, count - len(edited), Vocabulary.make())
    write_batch(datadir, f"day-{time.time_ns()}", tables, extractor=EXTRACTOR)
    copied = copy_time(datadir)
    steps = Steps()
    report, took, peak = timed(lambda: load(datadir, run_id="day", now=datetime.now(UTC), on_step=steps))
    seconds = steps.seconds()
    net = took - seconds.get("copy", 0.0)
    say(f"load of {count} captures {took:.2f} s, {100 * took / built:.1f} % of the build; peak memory {peak:.0f} MB")
    say(f"  without the copy {net:.2f} s, {100 * net / built:.1f} %; a copy to the disk alone {copied:.2f} s")
    say(f"  {report.counts}; rebuilt: {report.rebuilt}")
    say("  " + ", ".join(f"{name} {s:.2f}" for name, s in seconds.items()))


def some_articles(datadir: DataDir, count: int) -> "duckdb.pyarrow.Table":
    """url, title and text of first versions, evenly from the whole press."""
    files = [str(datadir.lake / e.path) for e in Manifest.read(datadir).entries if e.table == "articles"]
    with duckdb.connect() as con:
        return con.execute(
            "SELECT DISTINCT ON (url) url, title, text FROM read_parquet(?) "
            "WHERE url IN (SELECT DISTINCT url FROM read_parquet(?) ORDER BY hash(url) LIMIT ?) ORDER BY url, captured_at DESC",
            [files, files, count],
        ).to_arrow_table()


def copy_time(datadir: DataDir) -> float:
    copy = datadir.warehouse.with_suffix(".copy")
    begun = time.perf_counter()
    clone_file(datadir.warehouse, copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    took = time.perf_counter() - begun
    copy.unlink()
    return took


def ask(datadir: DataDir) -> None:
    medians = []
    _, _, peak = timed(lambda: [medians.append(median_ms(lambda: run_sql(datadir, sql))) for sql in QUERIES.values()])
    for name, milliseconds in zip(QUERIES, medians, strict=True):
        say(f"  {name:22} {milliseconds:7.1f} ms")
    say(f"median of the queries {statistics.median(medians):.1f} ms, peak memory {peak:.0f} MB")


def median_ms(do: Callable[[], object]) -> float:
    runs = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        do()
        runs.append(1000 * (time.perf_counter() - begun))
    return statistics.median(runs)


def timed(do: Callable[[], T]) -> tuple[T, float, float]:
    """What it gives, its seconds, and the peak memory in MB meanwhile."""
    with PeakMemory() as memory:
        begun = time.perf_counter()
        result = do()
        took = time.perf_counter() - begun
    return result, took, memory.peak_mb


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def search(datadir: DataDir) -> None:
    """Words and phrases, rows and marks fetched."""
    _, _, peak = timed(lambda: measure_searches(datadir, Vocabulary.make().words))
    say(f"  peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
