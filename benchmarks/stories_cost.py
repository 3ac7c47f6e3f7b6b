"""What stories cost: CPU for a signature, and a day's load of 1 % against the full build.

usage: python benchmarks/stories_cost.py [--articles 100000] [--folder FOLDER]

The press is that of bench_warehouse.py. FOLDER is used again if it is given. Besides the day of 1 %, a load of
500 pages of one template is measured, whose texts differ in their numbers alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from bench_warehouse import folder, linked, say, some_articles
from made_up_press import EXTRACTOR, Vocabulary, edits_and_news, made, write_press

import warehouse.apply
from transforms.minhash import sign
from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.reading import open_read_only
from warehouse.stories import StoriesChange, update_stories

TEMPLATE = (
    "Weather for station {n}. Today the temperature reaches {a} degrees with wind from the west at {b} kilometres an "
    "hour and a chance of rain of {c} per cent. The harbour office asks all skippers to check their lines and to read "
    "the notices on the board before they leave. Tides and sunset are printed on page {d}."
)


class Recorder:
    """update_stories, timed."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.change: StoriesChange | None = None

    def __call__(self, con: duckdb.DuckDBPyConnection) -> StoriesChange:
        begun = time.perf_counter()
        self.change = update_stories(con)
        self.seconds = time.perf_counter() - begun
        return self.change


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=100_000)
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    signature_cost()
    with folder(given.folder) as place:
        write_press(place / "base", given.articles)
        datadir = linked(place / "base", place / "work")
        built = measured(datadir, f"full build of {given.articles} articles")
        count = given.articles // 200
        day = edits_and_news(some_articles(datadir, count), given.articles, count, Vocabulary.make())
        write_batch(datadir, "day", day, extractor=EXTRACTOR)
        loaded = measured(datadir, f"a day of {count} edited and {count} new articles")
        say(f"  the day's share of the build: {100 * loaded / built:.1f} %")
        write_batch(datadir, "template", template_pages(2 * given.articles, 500), extractor=EXTRACTOR)
        measured(datadir, "500 pages of one template")


def signature_cost() -> None:
    vocabulary, rng = Vocabulary.make(), np.random.default_rng(3)
    for words in (100, 430, 2_000):
        texts = vocabulary.join(vocabulary.punctuated(rng, vocabulary.draw(rng, 200, words))).to_pylist()
        begun = time.process_time()
        kept = [len(sign(text).hashes) for text in texts]
        took = (time.process_time() - begun) / len(texts)
        say(f"signature of {words} words: {1000 * took:.2f} ms of CPU, {4 * sum(kept) / len(kept):.0f} bytes")


def template_pages(first: int, count: int) -> dict[str, pa.Table]:
    rng = np.random.default_rng(first)
    drawn = rng.integers(0, 40, (count, 4)).tolist()
    texts = [TEMPLATE.format(n=n, a=a, b=b, c=c, d=d) for n, (a, b, c, d) in enumerate(drawn)]
    numbers = np.arange(first, first + count)
    return made(numbers, pa.array(texts), [f"Weather {n}" for n in range(count)], visit=0, days=350)


def measured(datadir: DataDir, what: str) -> float:
    recorder = Recorder()
    original: Callable[..., StoriesChange] = warehouse.apply.update_stories
    warehouse.apply.update_stories = recorder
    begun = time.perf_counter()
    try:
        load(datadir, run_id="bench", now=datetime.now(UTC))
    finally:
        warehouse.apply.update_stories = original
    say(f"{what}: stories {recorder.seconds:.2f} s of {time.perf_counter() - begun:.1f} s; {recorder.change}")
    with open_read_only(datadir.warehouse) as con:
        found = con.execute(
            "SELECT count(*), coalesce(sum(article_count), 0), coalesce(max(article_count), 0) FROM stories"
        ).fetchall()[0]
    say(f"  {found[0]} stories with {found[1]} articles, the largest {found[2]}")
    return recorder.seconds


if __name__ == "__main__":
    main()
