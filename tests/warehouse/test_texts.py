from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from synthetic import NOW, Shown, World, put, query, rows

from warehouse.datadir import DataDir
from warehouse.errors import QueryError, WarehouseError
from warehouse.forget import forget
from warehouse.lake import vacuum
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.query import run_sql
from warehouse.reading import open_read_only
from warehouse.rebuild import rebuild
from warehouse.texts import KEPT_FOR_READERS, TextStore, named_paths, text_store_of
from warehouse.verify import verify

LAKE, WAREHOUSE = TextStore.LAKE, TextStore.WAREHOUSE
TEXT = "SELECT text FROM articles"
STORED = "SELECT max(length(text)) FROM versions"


def store_of(datadir: DataDir) -> TextStore:
    with open_read_only(datadir.warehouse) as con:
        return text_store_of(con)


def files_named(datadir: DataDir, *, with_replaced: bool = False) -> set[str]:
    with open_read_only(datadir.warehouse) as con:
        return set(named_paths(con, with_replaced=with_replaced))


def article_files(datadir: DataDir) -> set[str]:
    return {p.relative_to(datadir.lake).as_posix() for p in datadir.lake.glob("articles/month=*/*.parquet")}


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_catalog_gives_the_rows_of_a_warehouse_with_texts(tmp_path: Path, seed: int) -> None:
    world, rng = World(seed), random.Random(seed)
    catalog, whole = (DataDir.open(tmp_path / name, create=True) for name in ("catalog", "whole"))
    for batch in rng.sample(range(world.batches), world.batches):
        world.put(catalog, batch)
        world.put(whole, batch)
        if rng.random() < 0.6:
            load(catalog, run_id="r", now=NOW, text_store=LAKE)
    load(catalog, run_id="r", now=NOW)
    load(whole, run_id="r", now=NOW)
    assert rows(catalog.warehouse) == rows(whole.warehouse)
    assert query(catalog.warehouse, STORED) == [(0,)]
    rebuild(catalog, run_id="r", now=NOW)
    assert rows(catalog.warehouse) == rows(whole.warehouse)
    assert store_of(catalog) is LAKE
    assert verify(catalog) == verify(whole)


@pytest.mark.parametrize(("first", "second"), [(WAREHOUSE, LAKE), (LAKE, WAREHOUSE)])
def test_another_setting_moves_the_texts_with_the_next_load(
    datadir: DataDir, first: TextStore, second: TextStore
) -> None:
    put(datadir, "a", [Shown()])
    load(datadir, run_id="r", now=NOW, text_store=first)
    before = rows(datadir.warehouse)
    assert (store_of(datadir), bool(files_named(datadir))) == (first, first is LAKE)
    report = load(datadir, run_id="r", now=NOW, text_store=second)
    assert report.rebuilt == f"texts are kept in the {second} from now on"
    assert rows(datadir.warehouse) == before
    assert (store_of(datadir), bool(files_named(datadir))) == (second, second is LAKE)
    assert load(datadir, run_id="r", now=NOW, text_store=second).is_empty
    assert load(datadir, run_id="r", now=NOW).is_empty  # who does not care leaves them where they are


@pytest.fixture
def catalog(datadir: DataDir) -> DataDir:
    put(datadir, "a", [Shown()])
    put(datadir, "b", [Shown(url="https://news.example/b", text="Fog over the bay. " * 9)])
    load(datadir, run_id="r", now=NOW, text_store=LAKE)
    return datadir


def test_a_batch_made_anew_is_read_as_it_was_loaded_until_a_rebuild(catalog: DataDir) -> None:
    before = run_sql(catalog, TEXT).rows
    put(catalog, "b", [Shown(url="https://news.example/b", text="Sun over the bay. " * 9)])
    load(catalog, run_id="r", now=NOW)
    vacuum(catalog)
    assert sorted(run_sql(catalog, TEXT).rows) == sorted(before)
    rebuild(catalog, run_id="r", now=NOW)
    assert ("Sun over the bay. " * 9,) in run_sql(catalog, TEXT).rows


def test_files_stay_a_while_for_readers_of_an_older_state(catalog: DataDir) -> None:
    old = article_files(catalog)
    with open_read_only(catalog.warehouse) as reader:
        put(catalog, "b", [Shown(url="https://news.example/b", text="Sun over the bay. " * 9)])
        rebuild(catalog, run_id="r", now=NOW)
        vacuum(catalog)
        assert sorted(reader.execute(TEXT).fetchall())[0][0].startswith("Fog")
    assert old < article_files(catalog)
    assert old - files_named(catalog)
    later = NOW + KEPT_FOR_READERS + timedelta(minutes=1)
    put(catalog, "c", [Shown(minute=5)])
    load(catalog, run_id="r", now=later)
    vacuum(catalog)
    assert article_files(catalog) == files_named(catalog, with_replaced=True) == files_named(catalog)


def test_a_question_during_a_forget_is_asked_again(catalog: DataDir) -> None:
    met = []

    def forget_meanwhile(_: object) -> None:
        met.append("asked")
        if len(met) == 1:
            forget(catalog, "https://news.example/b", run_id="r", now=NOW)

    before = run_sql(catalog, TEXT).rows
    assert run_sql(catalog, TEXT, on_open=forget_meanwhile).rows == [row for row in before if "Fog" not in row[0]]
    assert met == ["asked", "asked"]


def test_what_must_go_does_not_stay_for_readers(catalog: DataDir) -> None:
    put(catalog, "b", [Shown(url="https://news.example/b", text="Sun over the bay. " * 9)])
    rebuild(catalog, run_id="r", now=NOW)
    assert vacuum(catalog, keep_for_readers=False) == 1
    assert article_files(catalog) == {e.path for e in Manifest.read(catalog).entries if e.table == "articles"}


def test_a_session_reads_the_files_that_hold_the_texts_and_no_others(catalog: DataDir) -> None:
    [named, _] = sorted(files_named(catalog))
    assert run_sql(catalog, f"SELECT count(*) FROM read_parquet('{catalog.lake / named}')").rows == [(1,)]
    captures = next(catalog.lake.glob("captures/month=*/*.parquet"))
    for path in (captures, catalog.version_file, Path("/etc/hostname")):
        with pytest.raises(QueryError, match="disabled"):
            run_sql(catalog, f"SELECT * FROM read_blob('{path}')")
    with pytest.raises(QueryError, match="disabled"):
        run_sql(catalog, f"SELECT * FROM glob('{catalog.lake}/*')")
    with open_read_only(catalog.warehouse) as con, pytest.raises(duckdb.Error, match="Cannot change"):
        con.execute("SET allowed_paths = ['/etc/hostname']")


def test_a_catalog_that_was_moved_finds_its_files_after_the_next_load(catalog: DataDir, tmp_path: Path) -> None:
    before = sorted(run_sql(catalog, TEXT).rows)
    catalog.root.rename(tmp_path / "elsewhere")
    moved = DataDir.open(tmp_path / "elsewhere", create=True)
    with pytest.raises(WarehouseError, match="`broadsheet load` finds them again"):
        run_sql(moved, TEXT)
    assert run_sql(moved, "SELECT count(*) FROM versions WHERE is_current").rows == [(len(before),)]
    assert "broadsheet load" in next(f.mending for f in verify(moved) if "moved" in f.problem)
    assert not load(moved, run_id="r", now=NOW).is_empty
    assert sorted(run_sql(moved, TEXT).rows) == before
    assert load(moved, run_id="r", now=NOW).is_empty
