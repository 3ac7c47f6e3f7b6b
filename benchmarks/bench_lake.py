"""The DuckLake beside the file: loads and questions, the same ones in turn, and the ratio of what they take.

usage: .venv-lake/bin/python benchmarks/bench_lake.py [--articles 20000] [--postgres | --catalog postgresql://…]
[--folder FOLDER]. With --postgres it starts a server of its own, the tests' own.

Both run on one version of DuckDB and on the same made-up press, one after the other. CPU is that of this process: what
PostgreSQL takes beside it is in the seconds alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
from bench_warehouse import QUERIES, TEXT_QUERIES, Cost, folder, linked, median_ms, say, some_articles, timed
from made_up_press import EXTRACTOR, Vocabulary, edits_and_news, write_press

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "lake"))
from postgres_cluster import make_database, programs, running

from warehouse.datadir import DataDir
from warehouse.ducklake_upkeep import tidy
from warehouse.lake import write_batch
from warehouse.lakehouse import Lakehouse
from warehouse.load import load
from warehouse.query import run_sql
from warehouse.search import SearchRequest, search
from warehouse.status import size_of

LOADS = 3


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=20_000)
    arguments.add_argument("--catalog", help="not given: an SQLite file")
    arguments.add_argument("--postgres", action="store_true", help="a catalog in a server of this script")
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    with folder(given.folder) as place, catalog_of(given) as address:
        write_press(place / "base", given.articles, processes=1)
        file = linked(place / "base", place / "file")
        made = linked(place / "base", place / "lake")
        lake = DataDir.open(made.root, create=True, lakehouse=Lakehouse(address))
        catalog = "PostgreSQL" if address else "SQLite"
        say(f"{given.articles} articles, DuckDB {duckdb.__version__}, catalog in {catalog}")
        say(f"{'':28} {'file':>18} {'DuckLake':>18} {'ratio':>6}")
        compare_loads("full build", [_load(d, "build") for d in (file, lake)])
        for number in range(LOADS):
            count = given.articles // 100
            edits = edits_and_news(
                some_articles(file, count // 2), given.articles + number * count, count // 2, Vocabulary.make()
            )
            for datadir in (file, lake):
                write_batch(datadir, f"day-{number}", edits, extractor=EXTRACTOR)
            compare_loads("load of 1 %", [_load(d, f"day-{number}") for d in (file, lake)])
        say(f"{'bytes':28} {size_of(file.warehouse) / 1e6:15.1f} MB {size_of(lake.ducklake) / 1e6:15.1f} MB")
        compare_questions(file, lake)
        if lake.lakehouse is not None:
            done, cost = timed(lambda: tidy(lake, now=datetime.now(UTC)))
            say(f"upkeep {cost}: {done.words()}")
            compare_questions(file, lake)


@contextmanager
def catalog_of(given: argparse.Namespace) -> Iterator[str | None]:
    """The catalog's address; None for an SQLite file."""
    if not given.postgres:
        yield given.catalog
        return
    if (found := programs()) is None:
        raise SystemExit("PostgreSQL's server programs are not installed")
    with running(found) as port:
        yield make_database(found, port, "bench")


def _load(datadir: DataDir, run_id: str) -> Cost:
    report, cost = timed(lambda: load(datadir, run_id=run_id, now=datetime.now(UTC)))
    assert not report.is_empty
    assert report.rebuilt is None
    return cost


def compare_loads(name: str, costs: list[Cost]) -> None:
    file, lake = costs
    ratios = f"{lake.seconds / file.seconds:6.2f}, CPU {lake.cpu_s / file.cpu_s:.2f}"
    say(f"{name:28} {_cost(file):>18} {_cost(lake):>18} {ratios}")


def _cost(cost: Cost) -> str:
    return f"{cost.seconds:.2f} s, {cost.cpu_s:.2f} CPU"


def compare_questions(file: DataDir, lake: DataDir) -> None:
    ratios = []
    for name, sql in {**QUERIES, **TEXT_QUERIES}.items():
        here, there = (sorted(map(str, run_sql(d, sql).rows)) for d in (file, lake))
        same = "" if "LIMIT" in sql or here == there else "  DIFFERENT ANSWERS"
        one, other = (median_ms(partial(run_sql, d, sql)) for d in (file, lake))
        ratios.append(other / one)
        say(f"  {name:26} {one:15.1f} ms {other:15.1f} ms {other / one:6.2f}{same}")
    one, other = (median_ms(partial(search, d, SearchRequest(query="zucafun"))) for d in (file, lake))
    say(f"  {'search for a word':26} {one:15.1f} ms {other:15.1f} ms {other / one:6.2f}")
    say(f"  median of the ratios of the questions {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
