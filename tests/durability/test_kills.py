from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from killing import STEPS, kill_repeatedly, table, worker
from load_worker import press
from synthetic import NOW, Shown, put, query, rows

from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.texts import TextStore

KILLS = 7


@pytest.mark.kill
def test_a_writer_killed_inside_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    record = kill_repeatedly(tmp_path, KILLS, seed=3)
    assert min(record.by_step.values()) >= KILLS // len(STEPS), table(record)
    assert [reader["bad"] for reader in record.readers] == [[], []]
    assert all(reader["reads"] for reader in record.readers)


@pytest.mark.long
def test_loaders_at_once_give_the_rows_of_one(tmp_path: Path) -> None:
    datadir, alone = (DataDir.open(tmp_path / name / "data", create=True) for name in ("both", "alone"))
    loaders = [worker(datadir.root, 4, TextStore.WAREHOUSE, "fill") for _ in range(2)]
    said = [loader.communicate(timeout=600)[0].splitlines() for loader in loaders]
    assert [lines[-1] for lines in said] == ["done", "done"]
    assert worker(alone.root, 4, TextStore.WAREHOUSE, "fill").communicate(timeout=600)[0].splitlines()[-1] == "done"
    told = ("loads", "batches", "source_verdicts")  # which load said something first is another question
    assert rows(datadir.warehouse, without=told) == rows(alone.warehouse, without=told)
    published = sum(lines.count("published") for lines in said)
    loads = query(datadir.warehouse, "SELECT count(*), (SELECT count(*) FROM batches) FROM loads")
    assert loads == [(published, press(4).batches)]


READER = """
import sys, time
from pathlib import Path
from warehouse.datadir import DataDir
from warehouse.query import run_sql
datadir, stop = DataDir(Path(sys.argv[1])), Path(sys.argv[2])
QUESTION = '''SELECT
  (SELECT count(*) FROM batches),
  (SELECT count(*) FROM captures),
  (SELECT count(*) FROM articles),
  (SELECT sum(new_count) FROM loads),
  (SELECT count(DISTINCT content_hash) FROM articles)'''
answers = []
while not stop.exists():
    answers.append(run_sql(datadir, QUESTION).rows[0])
    assert len(set(run_sql(datadir, QUESTION).rows[0][1:])) == 1, answers[-1]
print(len(answers), sorted({int(a[0]) for a in answers}), {a[1] / a[0] for a in answers})
"""


@pytest.mark.kill
def test_a_reader_in_a_loop_beside_publications_sees_whole_loads_only(tmp_path: Path) -> None:
    datadir, stop = DataDir.open(tmp_path / "data", create=True), tmp_path / "stop"

    def batch(number: int) -> list[Shown]:
        return [Shown(url=f"https://news.example/{number}/{n}", text=f"Page {number} {n}") for n in range(20)]

    put(datadir, "batch-0", batch(0))
    load(datadir, run_id="r", now=NOW)
    command = [sys.executable, "-c", READER, str(datadir.root), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    time.sleep(1)
    for number in range(1, 7):
        put(datadir, f"batch-{number}", batch(number))
        load(datadir, run_id="r", now=NOW)
    stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert reader.returncode == 0, err
        count, states = out.split(" ", 1)
        assert int(count) > 5
        assert "{20.0}" in states  # twenty captures a batch in every state that was seen
