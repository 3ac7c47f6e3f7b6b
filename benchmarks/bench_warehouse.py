"""How long the warehouse takes over many made-up articles: full build, a load of 1 %, publication, file size, queries.

usage: python benchmarks/bench_warehouse.py [--articles 100000] [--folder FOLDER]

Texts are about 3 kB, words drawn with the frequencies of a language (Zipf). FOLDER is kept and used again if it is
given; otherwise the data goes to a temporary folder and is deleted.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from transforms.columns import arrow_schema
from transforms.fingerprint import content_hash
from transforms.schema import RECORDS
from transforms.url import article_id
from warehouse.datadir import DataDir
from warehouse.lake import write_batch
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.publish import clone_file
from warehouse.query import run_sql
from warehouse.rebuild import rebuild
from warehouse.status import size_of

BATCH = 5_000
WORDS_PER_TEXT = 480
START = datetime(2026, 1, 1, tzinfo=UTC)
QUERIES = {
    "newest headlines": "SELECT published_at, source, title FROM articles ORDER BY published_at DESC LIMIT 20",
    "articles per day": "SELECT date_trunc('day', published_at) AS day, count(*) FROM articles GROUP BY 1 ORDER BY 1",
    "articles per host": "SELECT host, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "authors": "SELECT author, count(*) FROM (SELECT unnest(authors) AS author FROM articles) "
    "GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "one article by URL": "SELECT title, captured_at FROM articles WHERE url = 'https://paper7.example/story/7'",
    "edited headlines": "SELECT article_id, count(DISTINCT title) AS titles FROM article_versions "
    "GROUP BY 1 HAVING titles > 1 LIMIT 20",
    "outcomes": "SELECT outcome, count(*) FROM captures GROUP BY 1 ORDER BY 2 DESC",
    "one source, one week": "SELECT count(*), avg(word_count) FROM articles WHERE source = 'paper3' "
    "AND published_at BETWEEN '2026-03-01' AND '2026-03-08'",
    "source days": "FROM source_days ORDER BY day_date DESC LIMIT 20",
    "as of": "SELECT count(*) FROM articles_as_of('2026-06-01')",
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=100_000)
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    if given.folder:
        measure(DataDir.open(given.folder, create=True), given.articles)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(DataDir.open(Path(folder) / "data", create=True), given.articles)


def measure(datadir: DataDir, articles: int) -> None:
    rng = np.random.default_rng(7)
    vocabulary = np.array(
        ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), rng.integers(2, 11))) for _ in range(50_000)]
    )
    wanted = [f"base-{n:06}" for n in range(articles // BATCH)]
    known = Manifest.read(datadir).batches
    for number, batch_id in enumerate(wanted):
        if batch_id not in known:
            write_batch(datadir, batch_id, batch(number * BATCH, BATCH, vocabulary, day=0), extractor="made-up 1")
    now = datetime.now(UTC)
    print(f"articles {articles}, Parquet {size_of(datadir.lake) / 1e6:.0f} MB")
    begun = time.perf_counter()
    rebuild(datadir, run_id="bench", now=now)
    built = time.perf_counter() - begun
    print(
        f"full build {built:.1f} s, warehouse {size_of(datadir.warehouse) / 1e6:.0f} MB, peak memory {peak_mb():.0f} MB"
    )
    part = max(articles // 100, 1)
    tables = batch(0, part, vocabulary, day=200, edited=0.5)
    tables = {k: pa.concat_tables([t, batch(articles, part, vocabulary, day=200)[k]]) for k, t in tables.items()}
    write_batch(datadir, f"day-{time.time_ns()}", tables, extractor="made-up 1")
    copy = datadir.warehouse.with_suffix(".copy")
    begun = time.perf_counter()
    clone_file(datadir.warehouse, copy)
    copied = time.perf_counter() - begun
    copy.unlink()
    steps: list[tuple[str, float]] = []
    begun = time.perf_counter()
    report = load(datadir, run_id="bench", now=now, on_step=lambda s: steps.append((s, time.perf_counter())))
    loaded = time.perf_counter() - begun
    share = 100 * (loaded - copied) / built
    print(f"load of {2 * part} captures {loaded:.2f} s ({share:.1f} % of the build without the copy)")
    print(f"  a copy alone {copied:.2f} s; {report.counts}; rebuilt: {report.rebuilt}")
    for (name, at), (_, until) in pairwise(steps):
        print(f"  {name} {until - at:.2f} s")
    times = {}
    for name, sql in QUERIES.items():
        runs = []
        for _ in range(3):
            begun = time.perf_counter()
            run_sql(datadir, sql)
            runs.append(time.perf_counter() - begun)
        times[name] = min(runs)
        print(f"  {name:22} {1000 * min(runs):7.1f} ms")
    print(f"median of the queries {1000 * statistics.median(times.values()):.1f} ms, peak memory {peak_mb():.0f} MB")


def batch(first: int, count: int, vocabulary: np.ndarray, *, day: int, edited: float = 0.0) -> dict[str, pa.Table]:
    """Captures and articles with consecutive numbers, captured on one day of the year."""
    rng = np.random.default_rng(first * 1_000 + day)
    numbers = np.arange(first, first + count)
    ranks = np.minimum(rng.zipf(1.15, (count, WORDS_PER_TEXT)) - 1, len(vocabulary) - 1)
    original = np.random.default_rng(first * 1_000)
    same = np.minimum(original.zipf(1.15, (count, WORDS_PER_TEXT)) - 1, len(vocabulary) - 1)
    is_edited = rng.random(count) < edited
    texts = [" ".join(vocabulary[r if e or not day else s]) for r, s, e in zip(ranks, same, is_edited, strict=True)]
    published = [START + timedelta(minutes=int(n) % 500_000) for n in numbers]
    captured = [p + timedelta(hours=1, days=day) for p in published]
    urls = [f"https://paper{n % 300}.example/story/{n}" for n in numbers]
    titles = [" ".join(vocabulary[r[:8]]) for r in same]
    authors = [[f"Author {n % 5_000}"] for n in numbers]
    ids = [f"{day:08x}{n:024x}" for n in numbers]
    common = {
        "capture_id": ids,
        "url": urls,
        "final_url": urls,
        "source": [f"paper{n % 300}" for n in numbers],
        "captured_at": captured,
    }
    captures = {
        **common,
        "payload_digest": ids,
        "payload_bytes": [100_000] * count,
        "warc_file": [f"{day}/{first}.warc.gz"] * count,
        "warc_offset": list(range(count)),
        "warc_record_id": ids,
        "outcome": ["new"] * count,
    }
    articles = {
        **common,
        "article_id": [article_id(u) for u in urls],
        "host": [f"paper{n % 300}.example" for n in numbers],
        "domain": [f"paper{n % 300}.example" for n in numbers],
        "title": titles,
        "authors": authors,
        "published_at": published,
        "page_type": ["article"] * count,
        "text": texts,
        "word_count": [WORDS_PER_TEXT] * count,
        "tags": [[]] * count,
        "captions": [[]] * count,
        "comment_count": [0] * count,
        "content_hash": [
            content_hash(t, a, p, x) for t, a, p, x in zip(titles, authors, published, texts, strict=True)
        ],
        "extractor": ["made-up 1"] * count,
        "provenance": [{"title": "h1", "text": "body"}] * count,
    }
    return {name: filled(name, columns) for name, columns in (("captures", captures), ("articles", articles))}


def filled(name: str, columns: dict[str, list[object]]) -> pa.Table:
    schema = arrow_schema(RECORDS[name])
    count = len(columns["url"])
    return pa.Table.from_arrays([pa.array(columns.get(f.name, [None] * count), f.type) for f in schema], schema=schema)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
