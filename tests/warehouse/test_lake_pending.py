"""Files that one process writes and another commits: a load in between leaves them, a lost one is said."""

from __future__ import annotations

import os
import time

import pyarrow as pa
import pytest
from synthetic import EXTRACTOR, Shown, put, tables

from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.lake import begin_lake, commit_files, known_batches, vacuum, write_batch, write_files
from warehouse.manifest import Batch, Manifest
from warehouse.pending import PENDING_MAX_S


def written(datadir: DataDir, batch_id: str = "a") -> Batch:
    begin_lake(datadir)
    return write_files(datadir, batch_id, made(datadir), extractor=EXTRACTOR)


def made(datadir: DataDir) -> dict[str, pa.Table]:
    return tables([Shown()])


def test_nothing_is_there_before_the_commit_and_then_it_is_what_write_batch_makes(datadir: DataDir) -> None:
    batch = written(datadir)
    assert known_batches(datadir) == {}
    commit_files(datadir, batch)
    committed = Manifest.read(datadir)
    assert known_batches(datadir) == {"a": EXTRACTOR}
    write_batch(datadir, "a", made(datadir), extractor=EXTRACTOR)
    assert Manifest.read(datadir) == committed


def test_a_vacuum_leaves_what_is_announced_until_it_is_committed_and_replaced(datadir: DataDir) -> None:
    put(datadir, "kept", [Shown(url="https://news.example/b")])
    batch = written(datadir)
    left = datadir.lake / batch.entries[0].path
    (left.parent / "another-00000000.parquet").write_bytes(b"PAR1")
    assert vacuum(datadir) == 1
    commit_files(datadir, batch)
    assert vacuum(datadir) == 0
    put(datadir, "a", [Shown(url="https://news.example/c")])
    assert vacuum(datadir) == len(batch.entries)


def test_a_writer_that_never_came_back_is_forgotten_after_a_day(datadir: DataDir) -> None:
    batch = written(datadir)
    (note,) = (datadir.lake / ".pending").iterdir()
    then = time.time() - PENDING_MAX_S - 1
    os.utime(note, (then, then))
    assert vacuum(datadir) == len(batch.entries)
    assert not note.exists()


@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_files_that_are_not_as_they_were_written_are_not_committed(datadir: DataDir, harm: str) -> None:
    batch = written(datadir)
    path = datadir.lake / batch.entries[0].path
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LakeError, match="is not as it was written: do workers and this machine share one disk"):
        commit_files(datadir, batch)
    assert known_batches(datadir) == {}
