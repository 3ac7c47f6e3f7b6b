"""How a warehouse of many articles does: full build, a load of 1 %, publication, file size, queries, search, memory.

usage: python benchmarks/bench_warehouse.py [--articles 1000000] [--folder FOLDER] [--text-store warehouse|lake]

The made-up press is written to FOLDER/base once and used again by later runs; each run works in FOLDER/work, anew.
Without a folder all is made in a temporary one and deleted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
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
from warehouse.texts import TextStore

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


TEXT_QUERIES = {
    "one text by URL": "SELECT text FROM articles WHERE url = 'https://paper7.example/story/7'",
    "texts of a source's week": "SELECT sum(length(text)) FROM articles WHERE source = 'paper3' "
    "AND published_at BETWEEN '2026-01-01' AND '2026-01-08'",
    "a word in all texts": "SELECT count(*) FROM articles WHERE contains(text, 'zucafun')",
}
"""Questions that read text, which is where the two text stores differ."""


@dataclass
class Steps:
    """When each step of a load began, on the clock and in CPU seconds of all threads."""

    begun: list[tuple[str, float, float]] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.begun.append((name, time.perf_counter(), time.process_time()))

    def seconds(self) -> dict[str, tuple[float, float]]:
        """What each step took so far, by both measures."""
        took: dict[str, tuple[float, float]] = {}
        now = ("", time.perf_counter(), time.process_time())
        for (name, at, cpu), (_, until, cpu_until) in pairwise([*self.begun, now]):
            before = took.get(name, (0.0, 0.0))
            took[name] = (before[0] + until - at, before[1] + cpu_until - cpu)
        return took


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--text-store", type=TextStore, choices=list(TextStore), default=TextStore.WAREHOUSE)
    arguments.add_argument("--processes", type=int, default=2, help="that write the made-up press")
    given = arguments.parse_args()
    with folder(given.folder) as place:
        write_press(place / "base", given.articles, processes=given.processes)
        measure(linked(place / "base", place / "work"), given.articles, given.text_store)


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


def measure(datadir: DataDir, articles: int, store: TextStore) -> None:
    parquet = size_of(datadir.lake)
    say(f"{articles} articles, Parquet {parquet / 1e6:.0f} MB, texts kept in the {store}")
    built = build(datadir, store)
    size = size_of(datadir.warehouse)
    say(f"  warehouse {size / 1e6:.0f} MB, {size / parquet:.2f} of the Parquet's")
    upsert(datadir, articles, built)
    ask(datadir, QUERIES)
    ask(datadir, TEXT_QUERIES)
    search(datadir)


def build(datadir: DataDir, store: TextStore) -> Cost:
    steps = Steps()
    report, cost = timed(lambda: load(datadir, run_id="build", now=datetime.now(UTC), text_store=store, on_step=steps))
    say(f"full build of {sum(report.counts.values())} captures {cost}")
    say(f"  {in_words(steps)}")
    return cost


def upsert(datadir: DataDir, articles: int, built: Cost) -> None:
    """A day's batch: 1 % of the captures, half of them edits of articles of any age, half new articles."""
    count = sum(e.rows for e in Manifest.read(datadir).entries if e.table == "captures") // 100
    edited = some_articles(datadir, count // 2)
    tables = edits_and_news(edited, articles, count - len(edited), Vocabulary.make())
    write_batch(datadir, f"day-{time.time_ns()}", tables, extractor=EXTRACTOR)
    copied = copy_time(datadir)
    steps = Steps()
    report, cost = timed(lambda: load(datadir, run_id="day", now=datetime.now(UTC), on_step=steps))
    copy_s, copy_cpu_s = steps.seconds().get("copy", (0.0, 0.0))
    share = 100 * (cost.seconds - copy_s) / built.seconds
    cpu_share = 100 * (cost.cpu_s - copy_cpu_s) / built.cpu_s
    say(f"load of {count} captures {cost}")
    say(f"  without the copy {share:.1f} % of the build, {cpu_share:.1f} % of its CPU")
    say(f"  a copy to the disk alone {copied:.2f} s; {report.counts}; rebuilt: {report.rebuilt}")
    say(f"  {in_words(steps)}")


def some_articles(datadir: DataDir, count: int) -> pa.Table:
    """url, title and text of articles as last captured, evenly from the whole press."""
    files = [str(datadir.lake / e.path) for e in Manifest.read(datadir).entries if e.table == "articles"]
    with duckdb.connect() as con:
        return con.sql(
            "SELECT DISTINCT ON (url) url, title, text FROM read_parquet($files) WHERE url IN "
            "(SELECT DISTINCT url FROM read_parquet($files) ORDER BY hash(url) LIMIT $count) "
            "ORDER BY url, captured_at DESC",
            params={"files": files, "count": count},
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


def ask(datadir: DataDir, queries: Mapping[str, str]) -> None:
    medians, cost = timed(lambda: [median_ms(partial(run_sql, datadir, sql)) for sql in queries.values()])
    for name, milliseconds in zip(queries, medians, strict=True):
        say(f"  {name:24} {milliseconds:7.1f} ms")
    say(f"median of the queries {statistics.median(medians):.1f} ms, peak memory {cost.peak_mb:.0f} MB")


def median_ms(do: Callable[[], object]) -> float:
    runs = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        do()
        runs.append(1000 * (time.perf_counter() - begun))
    return statistics.median(runs)


@dataclass(frozen=True)
class Cost:
    """What something took; CPU is that of all threads of this process, and does not mind what else the machine does."""

    seconds: float
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.cpu_s:.2f} s of CPU, peak memory {self.peak_mb:.0f} MB"


def timed(do: Callable[[], T]) -> tuple[T, Cost]:
    """What it gives, and what it cost."""
    with PeakMemory() as memory:
        begun, cpu = time.perf_counter(), time.process_time()
        result = do()
        seconds, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    return result, Cost(seconds, cpu_s, memory.peak_mb)


def in_words(steps: Steps) -> str:
    return ", ".join(f"{name} {s:.2f} ({cpu:.2f} CPU)" for name, (s, cpu) in steps.seconds().items())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def search(datadir: DataDir) -> None:
    """Words and phrases, rows and marks fetched."""
    _, cost = timed(lambda: measure_searches(datadir, Vocabulary.make().words))
    say(f"  peak memory {cost.peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
