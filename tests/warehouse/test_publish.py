from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from synthetic import NOW, Shown, put, query

from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.load import load
from warehouse.locks import locked
from warehouse.publish import STORAGE_VERSION, CopyWay, Limits, clone_file, publish


def add_load(con: duckdb.DuckDBPyConnection) -> int:
    con.execute("INSERT INTO batches VALUES ('b' || (SELECT count(*) FROM batches), 'd', NULL, 'l')")
    return 7


def batch_count(datadir: DataDir) -> object:
    return query(datadir.warehouse, "SELECT count(*) FROM batches")[0][0]


def names(datadir: DataDir) -> set[str]:
    return {p.name for p in datadir.root.iterdir() if p.name.startswith("warehouse")}


def test_the_first_publication_makes_all_tables_and_leaves_nothing_else(datadir: DataDir) -> None:
    assert publish(datadir, add_load) == 7
    assert publish(datadir, add_load) == 7
    assert batch_count(datadir) == 2
    assert query(datadir.warehouse, "SELECT count(*) FROM articles") == [(0,)]
    assert names(datadir) == {"warehouse.duckdb"}


def test_the_file_can_be_opened_by_the_shells_that_people_have(datadir: DataDir) -> None:
    publish(datadir, add_load)
    [(tags,)] = query(datadir.warehouse, "SELECT tags FROM duckdb_databases() WHERE database_name = 'warehouse'")
    assert isinstance(tags, dict)
    assert tags["storage_version"].startswith(STORAGE_VERSION)


def test_long_texts_are_compressed(datadir: DataDir) -> None:
    put(datadir, "b", [Shown(text=f"{n} " + "The ferry is back. " * 200, minute=n) for n in range(300)])
    load(datadir, run_id="r", now=NOW)
    found = query(
        datadir.warehouse,
        "SELECT DISTINCT compression FROM pragma_storage_info('versions') "
        "WHERE column_name = 'text' AND segment_type = 'VARCHAR'",
    )
    assert found == [("ZSTD",)]


def test_remains_of_a_killed_publication_are_no_hindrance(datadir: DataDir) -> None:
    publish(datadir, add_load)
    for name in (".next", ".next.wal", ".wal"):
        (datadir.root / f"warehouse.duckdb{name}").write_bytes(b"half a file")
    spill = datadir.root / "warehouse.duckdb.next.spill"
    spill.mkdir()
    (spill / "block").write_bytes(b"x")
    publish(datadir, add_load)
    assert batch_count(datadir) == 2
    assert names(datadir) == {"warehouse.duckdb"}


def test_if_the_change_fails_readers_keep_what_they_had(datadir: DataDir) -> None:
    publish(datadir, add_load)

    def fail(con: duckdb.DuckDBPyConnection) -> None:
        add_load(con)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish(datadir, fail)
    assert batch_count(datadir) == 1
    assert names(datadir) == {"warehouse.duckdb"}


def test_an_open_reader_keeps_its_file_and_hinders_nobody(datadir: DataDir) -> None:
    publish(datadir, add_load)
    with duckdb.connect(str(datadir.warehouse), read_only=True) as con:
        publish(datadir, add_load)
        publish(datadir, add_load)
        assert con.execute("SELECT count(*) FROM batches").fetchall() == [(1,)]
    assert batch_count(datadir) == 3


def test_a_second_writer_waits_and_says_for_whom(datadir: DataDir) -> None:
    inside, go_on, said = threading.Event(), threading.Event(), []

    def slow(con: duckdb.DuckDBPyConnection) -> None:
        inside.set()
        assert go_on.wait(30)
        add_load(con)

    def tell(line: str) -> None:
        said.append(line)
        go_on.set()

    first = threading.Thread(target=publish, args=(datadir, slow))
    first.start()
    assert inside.wait(30)
    publish(datadir, add_load, on_wait=tell)
    first.join()
    assert said == [f"waiting to write to the warehouse: process {os.getpid()} is at it"]
    assert batch_count(datadir) == 2


def test_a_lock_is_freed_by_the_death_of_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom warehouse.locks import locked\n"
        "with locked(Path(sys.argv[1]), purpose='test'):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    said: list[str] = []
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with locked(path, purpose="test", on_wait=said.append):
        pass
    assert said == []


@pytest.mark.parametrize("error_number", [errno.EXDEV, errno.EOPNOTSUPP, None])
def test_a_file_is_copied_where_the_kernel_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error_number: int | None
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(300_000))

    def refuse(*_: object) -> int:
        raise OSError(error_number or errno.ENOTTY, "not here")

    monkeypatch.setattr("warehouse.publish.fcntl.ioctl", refuse)
    if error_number is None:
        monkeypatch.delattr(os, "copy_file_range")
    else:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    assert clone_file(source, target) is CopyWay.COPY
    assert target.read_bytes() == source.read_bytes()


def test_the_cheapest_way_to_copy_is_tried_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(300_000))
    way = clone_file(source, target)  # which way depends on the file system below
    assert way in {CopyWay.REFLINK, CopyWay.COPY_RANGE}
    assert target.read_bytes() == source.read_bytes()
    monkeypatch.setattr("warehouse.publish._reflink", lambda a, b: b.write_bytes(b"shared"))
    assert (clone_file(source, target), target.read_bytes()) == (CopyWay.REFLINK, b"shared")
    monkeypatch.undo()
    monkeypatch.setattr("warehouse.publish.fcntl.ioctl", _no_space)
    with pytest.raises(OSError, match="No space"):
        clone_file(source, target)


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.load import load
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    load(DataDir.open(Path(sys.argv[1]), create=True), run_id="r", now=datetime.now(UTC))
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize("more", [-500_000, 50_000], ids=["while copying", "while changing"])
def test_a_full_disk_leaves_the_old_warehouse_and_says_so(datadir: DataDir, more: int) -> None:
    put(datadir, "a", [Shown()])
    load(datadir, run_id="r", now=NOW)
    limit = datadir.warehouse.stat().st_size + more
    noise = os.urandom(400_000).hex()
    put(datadir, "b", [Shown(minute=n, text=noise[n * 8_000 : n * 8_000 + 8_000]) for n in range(1, 99)])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(datadir.root), str(limit)],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert "publish" in done.stdout
    assert done.stdout.count("\n") == 1
    assert query(datadir.warehouse, "SELECT count(*) FROM captures") == [(1,)]
    assert names(datadir) == {"warehouse.duckdb"}
    load(datadir, run_id="r", now=NOW)
    assert query(datadir.warehouse, "SELECT count(*) FROM captures") == [(99,)]


def test_memory_and_threads_can_be_limited(datadir: DataDir) -> None:
    def settings(con: duckdb.DuckDBPyConnection) -> list[object]:
        return [con.execute(f"SELECT current_setting('{n}')").fetchall()[0][0] for n in ("memory_limit", "threads")]

    memory, threads = publish(datadir, settings, limits=Limits(memory="300MB", threads=1))
    assert (memory, threads) == ("286.1 MiB", 1)


def test_an_unwritable_place_gives_one_line(datadir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("warehouse.publish.clone_file", refuse)
    publish(datadir, add_load)
    with pytest.raises(WarehouseError, match="Read-only file system; it is as it was"):
        publish(datadir, add_load)


def test_limits_of_this_test_are_not_those_of_the_suite() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
