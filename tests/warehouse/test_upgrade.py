"""A data directory that an earlier Broadsheet made, as it was on the disk, comes up to the present layout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from synthetic import NOW, query, rows

from warehouse.datadir import LAYOUT_VERSION, DataDir
from warehouse.errors import LakeError, WarehouseError
from warehouse.ledger import open_ledger
from warehouse.load import load
from warehouse.manifest import FORMAT_VERSION, Manifest, manifest_path
from warehouse.query import run_sql
from warehouse.reading import open_read_only
from warehouse.rebuild import rebuild
from warehouse.records import TABLES
from warehouse.status import status
from warehouse.upgrade import upgrade
from warehouse.verify import verify

FIXTURES = Path(__file__).parents[1] / "fixtures" / "datadirs"
TOLD = {"captures", "comments", "evidence", "fetches", "observations", "quarantine", "sources"}
"""Tables that hold what captures and sources say; the others are derived, or about loads."""
QUESTION = "SELECT url, title, text, version_number, valid_from FROM article_versions ORDER BY ALL"


@pytest.fixture
def old(tmp_path: Path) -> DataDir:
    """A data directory of layout 1."""
    with tarfile.open(FIXTURES / "layout-1.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return DataDir(tmp_path / "layout-1")


def test_the_fixture_is_of_layout_1(old: DataDir) -> None:
    assert old.read_version() == 1
    assert json.loads(manifest_path(old).read_text())["version"] == 1


def test_who_only_reads_gets_answers_and_changes_nothing(old: DataDir) -> None:
    before = {p: p.read_bytes() for p in old.root.rglob("*") if p.is_file()}
    opened = DataDir.open(old.root, create=False)
    assert run_sql(opened, "SELECT count(*), sum(version_number) FROM articles").rows == [(10, 11)]
    assert len(Manifest.read(opened).batches) == 5
    assert {p: p.read_bytes() for p in old.root.rglob("*") if p.is_file()} == before


def test_what_an_earlier_warehouse_cannot_tell_is_one_line(old: DataDir) -> None:
    with pytest.raises(WarehouseError, match="made by another version: `broadsheet load`"):
        status(DataDir.open(old.root, create=False))


def test_it_is_upgraded_in_one_step_and_says_so_in_one_line(old: DataDir) -> None:
    said: list[str] = []
    before = Manifest.read(old)
    opened = DataDir.open(old.root, create=True, on_note=said.append)
    assert [line.count("\n") for line in said] == [0]
    assert f"upgraded from layout 1 to {LAYOUT_VERSION}" in said[0]
    assert opened.read_version() == LAYOUT_VERSION
    assert json.loads(manifest_path(opened).read_text())["version"] == FORMAT_VERSION
    assert Manifest.read(opened) == before
    DataDir.open(old.root, create=True, on_note=said.append)
    assert len(said) == 1


def test_the_next_load_brings_the_rows_into_the_present_columns(old: DataDir, tmp_path: Path) -> None:
    was = Path(shutil.copy(old.warehouse, tmp_path / "as-it-was.duckdb"))
    opened = DataDir.open(old.root, create=True, on_note=lambda _: None)
    assert query(old.warehouse, QUESTION) == query(was, QUESTION)  # readers have what they had
    load(opened, run_id="r", now=NOW)
    assert query(opened.warehouse, QUESTION) == query(was, QUESTION)
    for table in (t for t in TABLES if t.name in TOLD):
        had = query(was, f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table.name}'")
        columns = [c.name for c in table.columns if (c.name,) in had]
        # null now where it is article_id, and half as wide
        columns = [c for c in columns if c not in {"page_key", "title_hash", "text_hash"}]
        both = ", ".join(f'"{c}"' for c in columns)
        ask = f"SELECT {both} FROM {table.name} ORDER BY ALL"
        assert query(opened.warehouse, ask) == query(was, ask), table.name
    assert verify(opened) == ()


def test_the_ledger_of_an_earlier_layout_is_read(old: DataDir) -> None:
    opened = DataDir.open(old.root, create=True, on_note=lambda _: None)
    with open_ledger(opened.ledger) as ledger:
        assert sum(ledger.counts().values()) > 0
        assert "saltmere" in ledger.next_polls()


def test_a_rebuild_gives_the_same_rows_again(old: DataDir) -> None:
    opened = DataDir.open(old.root, create=True, on_note=lambda _: None)
    load(opened, run_id="r", now=NOW)
    rebuild(opened, run_id="r", now=NOW)
    before = rows(opened.warehouse)
    rebuild(opened, run_id="r", now=NOW)
    assert rows(opened.warehouse) == before


def test_readers_are_not_locked_out_meanwhile(old: DataDir) -> None:
    with open_read_only(old.warehouse) as reader:
        asked = []

        def ask(_: str) -> None:
            asked.append((len(reader.execute("FROM articles").fetchall()), _ask(old)))

        upgrade(old, on_note=lambda _: None, on_step=ask)
    assert asked == [(10, 10), (10, 10)]


def _ask(datadir: DataDir) -> int:
    return int(run_sql(DataDir.open(datadir.root, create=False), "SELECT count(*) FROM articles").rows[0][0])


UPGRADER = """
import sys, time
from pathlib import Path
from warehouse.datadir import DataDir
from warehouse.status import status
from warehouse.upgrade import upgrade
def say(step):
    print(step, flush=True)
    if step == sys.argv[2]:
        time.sleep(60)
upgrade(DataDir(Path(sys.argv[1])), on_step=say)
"""


@pytest.mark.kill
@pytest.mark.parametrize("step", ["upgrade from 1", "upgraded from 1"])
def test_an_upgrade_that_was_killed_is_done_by_the_next_start(old: DataDir, step: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", UPGRADER, str(old.root), step], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        if line.strip() == step:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    assert _ask(old) == 10
    opened = DataDir.open(old.root, create=True, on_note=lambda _: None)
    assert opened.read_version() == LAYOUT_VERSION
    assert len(Manifest.read(opened).batches) == 5
    load(opened, run_id="r", now=NOW)
    assert query(opened.warehouse, "SELECT count(*) FROM articles") == [(10,)]


def test_a_damaged_lake_is_named_and_the_old_layout_stays(old: DataDir) -> None:
    manifest_path(old).write_text("{")
    with pytest.raises(LakeError, match="verify --repair"):
        DataDir.open(old.root, create=True, on_note=lambda _: None)
    assert old.read_version() == 1
