from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from lake_extra import needs_extra
from postgres_cluster import PASSWORD, dump, programs
from synthetic import NOW, Shown, World, put, rows_in

from warehouse.checks import check
from warehouse.datadir import DataDir
from warehouse.ddl import TABLES
from warehouse.ducklake_upkeep import tidy
from warehouse.errors import QueryError, WarehouseError
from warehouse.forget import forget
from warehouse.guest import guest
from warehouse.health import judge_sources
from warehouse.lakehouse import Lakehouse
from warehouse.load import load
from warehouse.publish import publish
from warehouse.query import describe, describe_macros, run_sql, schema_of
from warehouse.reading import has_warehouse, open_live, reading
from warehouse.rebuild import rebuild
from warehouse.search import SearchRequest, search
from warehouse.status import status
from warehouse.texts import TextStore
from warehouse.verify import verify

pytestmark = needs_extra

Both = Callable[[Callable[[DataDir], object]], None]


def loaded_world(datadir: DataDir, *, seed: int = 3, captures: int = 30, batches: int = 3) -> None:
    world = World(seed, captures=captures, batches=batches)
    for number in range(world.batches):
        put(datadir, f"batch-{number}", world.shown[number], world.fetches[number])
        load(datadir, run_id=f"r{number}", now=NOW + timedelta(hours=number))


def lake_rows(datadir: DataDir) -> dict[str, list[str]]:
    with reading(datadir) as con:
        check(con)
        return rows_in(con)


def file_rows(datadir: DataDir) -> dict[str, list[str]]:
    with reading(datadir) as con:
        return rows_in(con)


def hits(datadir: DataDir) -> list[tuple[str, str]]:
    """Without scores: in which segments an index is merged is chance, and moves them a little."""
    found = search(datadir, SearchRequest(query="harbour", limit=None)).hits
    return sorted((hit.article_id, hit.snippet.text) for hit in found)


def test_the_same_loads_give_the_same_rows_answers_and_hits(both: Both, file: DataDir, lake: DataDir) -> None:
    both(loaded_world)
    assert lake_rows(lake) == file_rows(file)
    assert hits(lake) == hits(file)
    asked = "SELECT article_id, title FROM search('harbour') JOIN articles USING (article_id) ORDER BY ALL"
    assert run_sql(lake, asked) == run_sql(file, asked)
    here, there = status(lake), status(file)
    assert (here.sources, here.captures, here.fetches, here.article_count) == (
        there.sources,
        there.captures,
        there.fetches,
        there.article_count,
    )
    assert here.sizes["warehouse"] > 0
    assert [(f.place, f.problem) for f in verify(lake)] == [(f.place, f.problem) for f in verify(file)]
    both(lambda d: rebuild(d, run_id="r", now=NOW + timedelta(days=1)))
    assert lake_rows(lake) == file_rows(file)
    assert not judge_sources(lake, now=NOW + timedelta(days=1))
    assert [len(run_sql(d, "FROM loads").rows) for d in (lake, file)] == [4, 4]


def test_it_has_the_same_tables_views_macros_and_comments(both: Both, file: DataDir, lake: DataDir) -> None:
    both(lambda d: load(d, run_id="r", now=NOW))
    ours, theirs = ({t.name: t for t in describe(d)} for d in (lake, file))
    assert ours.keys() == theirs.keys()
    for name, table in theirs.items():
        assert (ours[name].is_view, ours[name].comment) == (table.is_view, table.comment)
        assert [(c.name, c.type, c.comment) for c in ours[name].columns] == [
            (c.name, c.type, c.comment) for c in table.columns
        ]
    with schema_of(lake) as con, schema_of(file) as other:
        assert describe_macros(con) == describe_macros(other)


def test_before_the_first_load_there_is_nothing(lake: DataDir) -> None:
    assert not has_warehouse(lake)
    assert {t.name for t in TABLES} <= {t.name for t in describe(lake)}
    with pytest.raises(WarehouseError, match="nothing is loaded"):
        run_sql(lake, "SELECT 1")

    # a first writer that is killed leaves a catalog without tables
    def killed(_: duckdb.DuckDBPyConnection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(lake, killed)
    assert not has_warehouse(lake)
    assert load(lake, run_id="r", now=NOW).load_id


def test_a_reader_keeps_its_snapshot_and_earlier_ones_can_be_asked(lake: DataDir) -> None:
    put(lake, "a", [Shown(title="First")])
    load(lake, run_id="r", now=NOW)
    with reading(lake) as held:
        [(version,)] = held.execute("FROM warehouse.current_snapshot()").fetchall()
        put(lake, "b", [Shown(title="Second", minute=5)])
        load(lake, run_id="r", now=NOW + timedelta(hours=1))
        assert held.execute("SELECT title FROM articles").fetchall() == [("First",)]
    assert run_sql(lake, "SELECT title FROM articles").rows == [("Second",)]
    earlier = f"SELECT title FROM versions AT (VERSION => {version}) WHERE is_current"
    assert run_sql(lake, earlier).rows == [("First",)]
    as_of = "SELECT title FROM articles_as_of('2026-10-30 08:02:00+00')"
    assert run_sql(lake, as_of).rows == [("First",)]
    with reading(lake) as con:
        [(count,)] = con.execute("SELECT count(*) FROM warehouse.snapshots()").fetchall()
    assert load(lake, run_id="r", now=NOW + timedelta(hours=2)).is_empty
    with reading(lake) as con:
        assert con.execute("SELECT count(*) FROM warehouse.snapshots()").fetchall() == [(count,)]


def test_a_reader_writes_nothing_reads_no_file_and_sees_no_password(lake: DataDir) -> None:
    put(lake, "a", [Shown()])
    load(lake, run_id="r", now=NOW)
    for sql in ("DELETE FROM captures", "CREATE TABLE t AS SELECT 1", "SELECT * FROM read_text('/etc/hostname')"):
        with pytest.raises(QueryError):
            run_sql(lake, sql)
    for table in ("duckdb_databases()", "duckdb_settings()", "duckdb_secrets()", "duckdb_views()"):
        assert PASSWORD not in str(run_sql(lake, f"SELECT * FROM {table}"))
    assert PASSWORD not in repr(lake)
    with pytest.raises(WarehouseError, match="guests"), guest(lake) as session:
        session.ask("SELECT 1")


def test_a_row_that_breaks_a_check_is_not_published(lake: DataDir) -> None:
    put(lake, "a", [Shown()])
    load(lake, run_id="r", now=NOW)

    def breaks(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("UPDATE versions SET word_count = -1")
        check(con)

    with pytest.raises(WarehouseError, match="versions: 1 rows break word_count >= 0"):
        publish(lake, breaks)
    assert run_sql(lake, "SELECT count(*) FROM versions WHERE word_count < 0").rows == [(0,)]


def test_of_two_writers_at_once_the_second_begins_again(lake: DataDir, tmp_path: Path) -> None:
    """Two hosts: one lake and one catalog, with locks and indexes of their own."""
    if lake.lakehouse == Lakehouse():
        pytest.skip("an SQLite catalog belongs to one data directory, whose writers take turns")
    other = DataDir.open(tmp_path / "other", create=True, lakehouse=lake.lakehouse)
    other.lake.rmdir()
    other.lake.symlink_to(lake.lake)
    put(lake, "a", [Shown(title="First")])
    load(lake, run_id="r", now=NOW)
    put(lake, "b", [Shown(url="https://news.example/b", title="Second")])
    is_between, may_go_on, steps = threading.Event(), threading.Event(), list[str]()

    def first_waits(step: str) -> None:
        steps.append(step)
        if step == "publish" and steps.count("publish") == 1:
            is_between.set()
            assert may_go_on.wait(600)

    reports = []
    slow = threading.Thread(
        target=lambda: reports.append(load(lake, run_id="slow", now=NOW + timedelta(hours=1), on_step=first_waits))
    )
    slow.start()
    assert is_between.wait(600)
    put(other, "c", [Shown(url="https://news.example/c", title="Third")])
    fast = load(other, run_id="fast", now=NOW + timedelta(hours=2))
    may_go_on.set()
    slow.join(600)
    assert fast.batches == 2, "it was first, and found the batch that the slow one had not published"
    assert steps.count("change") == 2
    assert reports[0].is_empty
    found = run_sql(lake, "SELECT title FROM articles ORDER BY title").rows
    assert found == [("First",), ("Second",), ("Third",)]
    assert len(run_sql(lake, "SELECT DISTINCT run_id FROM loads").rows) == 2
    assert hits(lake) == hits(other), "whoever had nothing to load made the other's index here"
    assert load(other, run_id="r", now=NOW + timedelta(hours=3)).is_empty


def test_a_change_that_met_a_faster_one_is_made_again(lake: DataDir, tmp_path: Path) -> None:
    if lake.lakehouse == Lakehouse():
        pytest.skip("an SQLite catalog belongs to one data directory, whose writers take turns")
    other = DataDir.open(tmp_path / "other", create=True, lakehouse=lake.lakehouse)
    publish(lake, lambda con: None)
    seen = list[int]()

    def slow(con: duckdb.DuckDBPyConnection) -> None:
        seen.append(con.execute("SELECT count(*) FROM retired").fetchall()[0][0])
        if len(seen) == 1:
            publish(other, _retire("fast"))
        _retire("slow")(con)

    publish(lake, slow)
    assert seen == [0, 1]
    assert run_sql(lake, "SELECT warc_file FROM retired ORDER BY ALL").rows == [("fast",), ("slow",)]


def test_writers_in_several_processes_lose_nothing_and_double_nothing(lake: DataDir, file: DataDir) -> None:
    world = World(5, captures=24, batches=4)
    put(lake, "batch-0", world.shown[0], world.fetches[0])
    load(lake, run_id="r", now=NOW)
    code = (
        "import sys; from pathlib import Path; from synthetic import *\n"
        "from warehouse.lakehouse import Lakehouse; from warehouse.load import load\n"
        "d = DataDir.open(Path(sys.argv[1]), create=True, lakehouse=Lakehouse(sys.argv[2] or None))\n"
        "world, n = World(5, captures=24, batches=4), int(sys.argv[3])\n"
        "put(d, f'batch-{n}', world.shown[n], world.fetches[n]); load(d, run_id='r', now=NOW + timedelta(hours=n))\n"
    )
    assert lake.lakehouse is not None
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(lake.root), lake.lakehouse.catalog or "", str(number)],
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for number in (1, 2, 3)
    ]
    assert [writer.wait(900) for writer in writers] == [0, 0, 0]
    for number in range(4):
        put(file, f"batch-{number}", world.shown[number], world.fetches[number])
    load(file, run_id="r", now=NOW + timedelta(hours=3))
    without = ("loads", "batches", "source_verdicts", "source_days")
    with reading(lake) as con, reading(file) as other:
        check(con)
        assert rows_in(con, without=without) == rows_in(other, without=without)
    assert run_sql(lake, "SELECT batch_id FROM batches ORDER BY 1").rows == [(f"batch-{n}",) for n in range(4)]


def test_what_is_forgotten_is_in_no_file_and_not_in_the_catalog(lake: DataDir) -> None:
    put(lake, "a", [Shown(url="https://gone.example/a", title="Zanzibarleaks", text="zanzibarleaks " * 40)])
    put(lake, "b", [Shown(title="Stays", text="harbour " * 40)])
    load(lake, run_id="r", now=NOW)
    rebuild(lake, run_id="r", now=NOW)
    put(lake, "c", [Shown(url="https://gone.example/c", title="Zanzibarleaks too", text="zanzibarleaks " * 40)])
    with pytest.raises(KeyboardInterrupt):  # a killed load leaves files that no snapshot names
        load(lake, run_id="r", now=NOW, on_step=_killed_at("publish"))
    assert _texts(lake, "zanzibarleaks")
    forget(lake, "gone.example", run_id="r", now=NOW)
    assert run_sql(lake, "SELECT title FROM articles").rows == [("Stays",)]
    assert not _texts(lake, "zanzibarleaks")
    assert not _texts(lake, "Zanzibarleaks")
    named = run_sql(lake, "SELECT count(*) FROM warehouse.snapshots()").rows
    assert named == [(1,)]
    catalog = lake.lakehouse.catalog if lake.lakehouse else None
    folder = programs()
    if catalog and folder:
        assert "leaks" not in dump(folder, catalog)
    else:
        assert b"leaks" not in lake.ducklake_catalog.read_bytes()


def test_upkeep_merges_gives_up_and_deletes(lake: DataDir) -> None:
    loaded_world(lake)
    before, files = lake_rows(lake), len(list(lake.ducklake.rglob("*.parquet")))
    done = tidy(lake, now=NOW + timedelta(days=400))
    assert done.expired_count
    assert done.merged_count
    assert len(list(lake.ducklake.rglob("*.parquet"))) < files
    assert lake_rows(lake) == before
    put(lake, "more", [Shown(title="After upkeep")])
    load(lake, run_id="r", now=NOW + timedelta(days=401))
    assert run_sql(lake, "SELECT count(*) FROM articles WHERE title = 'After upkeep'").rows == [(1,)]


def test_texts_cannot_be_kept_in_the_lake(lake: DataDir) -> None:
    with pytest.raises(WarehouseError, match="leave it unset"):
        load(lake, run_id="r", now=NOW, text_store=TextStore.LAKE)


def test_a_catalog_that_does_not_answer_is_said_and_nothing_is_rebuilt(tmp_path: Path) -> None:
    dead = Lakehouse(f"postgresql://lake:{PASSWORD}@127.0.0.1:9/none")
    datadir = DataDir.open(tmp_path / "data", create=True, lakehouse=dead)
    for work in (lambda: load(datadir, run_id="r", now=NOW), lambda: open_live(datadir)):
        with pytest.raises(WarehouseError, match=r"its catalog none at 127\.0\.0\.1 cannot be reached") as refused:
            work()
        assert PASSWORD not in str(refused.value)


def test_a_moved_data_directory_brings_its_sqlite_catalog_along(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "old", create=True, lakehouse=Lakehouse())
    put(datadir, "a", [Shown()])
    load(datadir, run_id="r", now=NOW)
    datadir.root.rename(tmp_path / "new")
    moved = DataDir.open(tmp_path / "new", create=True, lakehouse=Lakehouse())
    put(moved, "b", [Shown(url="https://news.example/b")])
    load(moved, run_id="r", now=NOW)
    assert run_sql(moved, "SELECT count(*) FROM articles").rows == [(2,)]


def _retire(name: str) -> Callable[[duckdb.DuckDBPyConnection], None]:
    """A change that touches no file of another such change."""

    def change(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(f"INSERT INTO retired VALUES ('{name}', now(), 'r', 'age', 1, 1, now())")

    return change


def _killed_at(name: str) -> Callable[[str], None]:
    def on_step(step: str) -> None:
        if step == name:
            raise KeyboardInterrupt

    return on_step


def _texts(datadir: DataDir, word: str) -> list[Path]:
    """The Parquet files below the data directory that hold a word in any column, read as Parquet."""
    found = []
    for path in sorted(datadir.root.rglob("*.parquet")):
        with duckdb.connect() as con:
            count = con.execute(
                "SELECT count(*) FROM read_parquet(?) AS rows WHERE contains(CAST(rows AS VARCHAR), ?)",
                [str(path), word],
            ).fetchall()[0][0]
        if count:
            found.append(path)
    return found
