from __future__ import annotations

import threading
from pathlib import Path

import pytest
from synthetic import NOW, Shown, put

from warehouse import manifest
from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.lake import drop_batches
from warehouse.load import load
from warehouse.manifest import Manifest, manifest_path
from warehouse.recover import recover_manifest


def log(datadir: DataDir) -> Path:
    [path] = datadir.lake.glob("manifest-*.log")
    return path


@pytest.fixture
def lake(datadir: DataDir) -> DataDir:
    for name in "ab":
        put(datadir, name, [Shown(minute=ord(name))])
    return datadir


def test_a_batch_is_committed_by_a_line_and_leaves_the_manifest_as_it_is(lake: DataDir) -> None:
    written, lines = manifest_path(lake).read_bytes(), log(lake).read_bytes()
    put(lake, "c", [Shown(minute=9)])
    assert manifest_path(lake).read_bytes() == written
    assert log(lake).read_bytes().startswith(lines)
    assert list(Manifest.read(lake).batches) == ["a", "b", "c"]


def test_the_last_line_of_a_batch_counts_and_reading_it_whole_is_the_same(lake: DataDir) -> None:
    put(lake, "a", [Shown(minute=1), Shown(minute=2)])
    read = Manifest.read(lake)
    assert read.batches["a"].rows("captures") == 2
    assert read.entries == tuple(sorted(read.entries))
    read.write(lake)
    assert Manifest.read(lake) == read
    assert log(lake).read_bytes() == b""
    drop_batches(lake, ["a"])
    put(lake, "c", [Shown(minute=9)])
    assert list(Manifest.read(lake).batches) == ["b", "c"]


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
@pytest.mark.parametrize("tail", [b"", b"\0\0\0\n"], ids=["cut off", "with an end that was written alone"])
def test_a_line_that_a_crash_cut_off_was_not_committed(lake: DataDir, cut: int, tail: bytes) -> None:
    whole = log(lake).read_bytes()
    log(lake).write_bytes(whole[:-cut] + tail)
    assert list(Manifest.read(lake).batches) == ["a"]
    put(lake, "c", [Shown(minute=9)])
    assert list(Manifest.read(lake).batches) == ["a", "c"]
    put(lake, "b", [Shown(minute=ord("b"))])
    assert list(Manifest.read(lake).batches) == ["a", "b", "c"]


def test_a_damaged_line_before_the_last_is_said(lake: DataDir) -> None:
    log(lake).write_bytes(b"{" + log(lake).read_bytes())
    with pytest.raises(LakeError, match="damaged"):
        Manifest.read(lake)
    with pytest.raises(LakeError, match="damaged"):
        put(lake, "c", [Shown(minute=9)])


def test_a_lost_log_is_said_and_costs_no_file(lake: DataDir) -> None:
    load(lake, run_id="r", now=NOW)
    before = sorted(lake.lake.rglob("*.parquet"))
    log(lake).unlink()
    for ask in (Manifest.read, lambda d: load(d, run_id="r", now=NOW), lambda d: put(d, "c", [Shown(minute=9)])):
        with pytest.raises(LakeError, match="is lost: `broadsheet verify --repair`"):
            ask(lake)
    assert set(before) <= set(lake.lake.rglob("*.parquet"))
    recover_manifest(lake)
    assert set(Manifest.read(lake).batches) >= {"a", "b"}
    load(lake, run_id="r", now=NOW)
    assert set(before) <= set(lake.lake.rglob("*.parquet"))


def test_a_log_of_an_older_manifest_is_nothing(lake: DataDir) -> None:
    old = log(lake)
    lines = old.read_bytes()
    drop_batches(lake, ["a", "b"])
    assert not old.exists()
    old.write_bytes(lines)  # killed before it was removed
    assert Manifest.read(lake).entries == ()
    put(lake, "c", [Shown(minute=9)])
    assert list(Manifest.read(lake).batches) == ["c"]
    Manifest.read(lake).write(lake)
    assert not old.exists()


def test_a_long_log_is_folded_and_readers_beside_it_miss_nothing(
    lake: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "FOLD_BYTES", 1_500)
    seen: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(len(Manifest.read(lake).batches))

    reader = threading.Thread(target=read)
    reader.start()
    before = manifest_path(lake).read_bytes()
    for number in range(12):
        put(lake, f"n{number:02}", [Shown(minute=number)])
    stop.set()
    reader.join()
    assert manifest_path(lake).read_bytes() != before
    assert len(Manifest.read(lake).batches) == 14
    assert seen == sorted(seen)
    assert seen[0] >= 2
