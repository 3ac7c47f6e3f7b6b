"""The demo press over its editions: the same rows, and the same answers to docs/questions.md, on a DuckLake."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lake_extra import needs_extra
from synthetic import rows_in

sys.path.append(str(Path(__file__).parent.parent / "flows"))

from test_questions import answer, as_table, questions
from whole_way import Way, crawl_editions

from flows.runs import open_run
from warehouse.datadir import DataDir
from warehouse.lakehouse import Lakehouse
from warehouse.load import load
from warehouse.query import run_sql
from warehouse.reading import reading
from warehouse.records import SourceRow

pytestmark = [needs_extra, pytest.mark.slow]


@dataclass
class BothWays:
    way: Way
    file: DataDir
    lake: DataDir


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothWays]:
    """One crawl, and the batches that it left loaded into a DuckLake too."""
    with crawl_editions(tmp_path_factory.mktemp("way")) as way:
        file = open_run(data_dir=way.data).datadir
        copy = tmp_path_factory.mktemp("copy") / "data"
        shutil.copytree(file.root, copy, ignore=shutil.ignore_patterns("warehouse.duckdb*", "index", ".lock"))
        lake = DataDir.open(copy, create=True, lakehouse=Lakehouse())
        found = run_sql(file, "FROM sources")
        sources = [SourceRow(**dict(zip(found.columns, row, strict=True))) for row in found.rows]
        [(last,)] = run_sql(file, "SELECT max(loaded_at) FROM loads").rows
        load(lake, run_id="all", now=last, sources=sources)
        yield BothWays(way, file, lake)


def test_the_demo_press_gives_the_same_rows(both_ways: BothWays) -> None:
    with reading(both_ways.lake) as con, reading(both_ways.file) as file:
        ours, theirs = rows_in(con), rows_in(file)
    assert [name for name in theirs if ours[name] != theirs[name]] == []
    assert len(theirs["versions"]) > 50


@pytest.mark.parametrize("question", questions(), ids=lambda q: f"{q['number']}")
def test_the_answer_is_the_same(both_ways: BothWays, question) -> None:  # type: ignore[no-untyped-def]
    assert as_table(run_sql(both_ways.lake, question["sql"])) == answer(both_ways.way, question["sql"])
