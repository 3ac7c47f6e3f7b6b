from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from killing import kill_repeatedly, press, undisturbed, worker
from synthetic import NOW, Shown, put, query, rows

from warehouse.datadir import DataDir
from warehouse.load import load

KILLS = 15


@pytest.mark.kill
def test_a_loader_killed_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    died = kill_repeatedly(tmp_path, KILLS, seed=3)
    assert died.total() == KILLS
    assert len(died) >= 4, f"the kills fell in too few steps: {died}"


@pytest.mark.kill
def test_loaders_at_once_give_the_rows_of_one(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    loaders = [worker(datadir.root, 4) for _ in range(2)]
    said = [loader.communicate(timeout=300)[0].split() for loader in loaders]
    assert [words[-1] for words in said] == ["done", "done"]
    assert rows(datadir.warehouse) == undisturbed(tmp_path / "one", 4)
    published = sum(words.count("published") for words in said)
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
