import json
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.backup import LIST_NAME, back_up, prune, restore
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.query import run_sql
from warehouse.verify import verify

AT = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
PAGE = (
    "<html><head><title>Bell {n}</title></head><body><article><h1>The bell of pier {n}</h1><p>The bell of pier {n} was "
    "lifted from the mud on Thursday, {n} years after it fell from its tower, and it still rings true.</p></article>"
)


def add(data: Path, folder: Path, *numbers: int) -> DataDir:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"{number}.html").write_text(PAGE.format(n=number))
    run = open_run(data_dir=data, workers=1)
    with direct_steps(run) as steps:
        run_ingest(run, [folder], steps)
    with sqlite3.connect(run.datadir.ledger) as con:
        con.execute("CREATE TABLE IF NOT EXISTS here (n INTEGER)")
        con.execute("INSERT INTO here VALUES (?)", [max(numbers)])
    con.close()
    return run.datadir


def articles(datadir: DataDir) -> int:
    return int(run_sql(datadir, "SELECT count(*) FROM articles").rows[0][0])


def test_what_was_backed_up_is_there_again_and_the_next_one_costs_what_is_new(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1, 2)
    first = back_up(datadir, tmp_path / "kept", now=AT)
    assert first.copied_bytes == first.bytes > 0
    again = back_up(datadir, tmp_path / "kept", now=AT + timedelta(days=1))
    assert again.bytes == first.bytes
    assert again.copied_bytes <= datadir.ledger.stat().st_size  # a database copy has a time of its own
    add(tmp_path / "data", tmp_path / "pages", 3)
    back_up(datadir, tmp_path / "kept", now=AT + timedelta(days=2))
    assert not (datadir.root / ".snapshot").exists()

    assert [p.name for p in prune(tmp_path / "kept", 2)] == [first.folder.name]
    for folder, count in ((again.folder, 2), (tmp_path / "kept" / "2026-11-03T040000Z", 3)):
        place = tmp_path / f"restored-{count}"
        restore(folder, place)
        restored = DataDir.open(place, create=False)
        assert articles(restored) == count
        assert verify(restored) == ()
        with sqlite3.connect(restored.ledger) as con:
            assert con.execute("SELECT max(n) FROM here").fetchone() == (count,)
        con.close()
    add(tmp_path / "restored-2", tmp_path / "pages", 4)  # and the work goes on
    assert articles(DataDir.open(tmp_path / "restored-2", create=False)) == 4


def test_a_backup_made_while_loads_go_on_is_of_one_moment(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    stop, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        number = 2
        while not stop.is_set():
            try:
                add(tmp_path / "data", tmp_path / "pages", number)
            except BaseException as error:  # noqa: BLE001 - asserted below
                errors.append(error)
                return
            number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        made = [back_up(datadir, tmp_path / "kept", now=AT + timedelta(hours=n)) for n in range(4)]
    finally:
        stop.set()
        thread.join()
    assert errors == []
    for number, backup in enumerate(made):
        place = tmp_path / f"restored-{number}"
        restore(backup.folder, place)
        restored = DataDir.open(place, create=False)
        assert [f for f in verify(restored) if "ledger" not in f.place] == []
        assert articles(restored) >= 1


def test_what_is_appended_to_later_is_not_in_an_earlier_backup(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    (datadir.root / "backfill").mkdir()
    growing = [datadir.root / "retired.jsonl", datadir.lake / "manifest-x.log", datadir.root / "backfill" / "log.jsonl"]
    for path in growing:
        path.write_text("before\n")
    made = back_up(datadir, tmp_path / "kept", now=AT)
    for path in growing:
        with path.open("a") as file:
            file.write("after\n")
        assert (made.folder / path.relative_to(datadir.root)).read_text() == "before\n"


def test_prefects_database_is_copied_whole(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    home = datadir.root / "prefect"
    home.mkdir()
    with sqlite3.connect(home / "prefect.db") as con:
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("CREATE TABLE runs AS SELECT 7 AS n")
        con.commit()
        made = back_up(datadir, tmp_path / "kept", now=AT)
    con.close()
    (home / "server.log").write_text("left out")
    with sqlite3.connect(made.folder / "prefect" / "prefect.db") as con:
        assert con.execute("SELECT n FROM runs").fetchone() == (7,)
    con.close()
    assert [p.name for p in (made.folder / "prefect").iterdir()] == ["prefect.db"]


def test_a_damaged_or_half_backup_is_not_restored(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    made = back_up(datadir, tmp_path / "kept", now=AT)
    with pytest.raises(UserError, match="holds something"):
        restore(made.folder, datadir.root)
    with pytest.raises(UserError, match=f"has no {LIST_NAME}: the newest is .*040000Z"):
        restore(tmp_path / "kept", tmp_path / "new")
    warehouse = made.folder / "warehouse.duckdb"
    content = bytearray(warehouse.read_bytes())
    content[100] ^= 1
    warehouse.write_bytes(content)
    with pytest.raises(UserError, match=r"warehouse\.duckdb is not what was backed up"):
        restore(made.folder, tmp_path / "new")


def test_a_backup_goes_elsewhere(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    with pytest.raises(UserError, match="lies in the data dir itself"):
        back_up(datadir, datadir.root / "kept", now=AT)
    back_up(datadir, tmp_path / "kept", now=AT)
    with pytest.raises(UserError, match="is there already"):
        back_up(datadir, tmp_path / "kept", now=AT)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="was not made"):
        back_up(datadir, tmp_path / "file" / "below", now=AT)


def test_what_a_kill_left_is_no_backup(tmp_path: Path) -> None:
    datadir = add(tmp_path / "data", tmp_path / "pages", 1)
    (datadir.root / ".snapshot" / "lake").mkdir(parents=True)
    (tmp_path / "kept" / "2026-10-01T000000Z.partial").mkdir(parents=True)
    made = back_up(datadir, tmp_path / "kept", now=AT)
    assert not any(".snapshot" in one["path"] for one in json.loads((made.folder / LIST_NAME).read_text())["files"])
    shutil.rmtree(made.folder)
    assert prune(tmp_path / "kept", 1) == ()
