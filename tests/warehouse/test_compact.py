"""Compaction changes where rows lie and nothing else: not what is loaded, not what a rebuild gives."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from synthetic import NOW, Shown, World, put, rows

from warehouse.compact import Policy, clean_shared, compact
from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.lake import drop_batches, vacuum
from warehouse.load import load
from warehouse.manifest import Manifest, manifest_path
from warehouse.rebuild import rebuild
from warehouse.recover import recover_manifest
from warehouse.verify import verify

POLICY = Policy(min_files=2)


@pytest.fixture
def world(ready: DataDir) -> DataDir:
    """Nine batches, each loaded by itself; the manifest names many small files."""
    made = World(5)
    for number in range(made.batches):
        made.put(ready, number)
    load(ready, run_id="r", now=NOW)
    return ready


def files(datadir: DataDir) -> set[str]:
    return {p.relative_to(datadir.lake).as_posix() for p in datadir.lake.rglob("*.parquet")}


def test_rows_batches_and_what_is_loaded_stay_the_same(world: DataDir) -> None:
    loaded, digests = rows(world.warehouse, without=()), {k: b.digest for k, b in Manifest.read(world).batches.items()}
    done = compact(world, policy=POLICY)
    assert done.files_before > 3 * done.files_after
    assert done.words().endswith("old files removed")
    assert files(world) == {e.path for e in Manifest.read(world).entries}
    assert len(files(world)) == done.files_after
    assert {k: b.digest for k, b in Manifest.read(world).batches.items()} == digests
    report = load(world, run_id="r", now=NOW)
    assert (report.is_empty, report.replaced) == (True, ())
    assert rows(world.warehouse, without=()) == loaded
    rebuild(world, run_id="r", now=NOW)
    assert rows(world.warehouse) == {k: v for k, v in loaded.items() if k not in ("loads", "batches")}
    assert [f for f in verify(world) if f.place.startswith("lake")] == []


def test_a_second_compaction_has_nothing_to_do_and_a_later_one_takes_shared_files_up(world: DataDir) -> None:
    compact(world, policy=POLICY)
    before = files(world)
    assert compact(world, policy=POLICY).written_files == 0
    assert files(world) == before
    put(world, "late", [Shown(url="https://late.example/1", minute=3)])
    assert compact(world, policy=POLICY).written_files > 0
    assert load(world, run_id="r", now=NOW).counts == {"new": 1}
    expected = rows(world.warehouse)
    rebuild(world, run_id="r", now=NOW)
    assert rows(world.warehouse) == expected


def test_few_or_large_files_are_left_alone(world: DataDir) -> None:
    before = files(world)
    done = compact(world, policy=Policy(min_files=1_000))
    assert done.written_files == 0
    assert done.words().endswith("; nothing to merge: no table has 1000 files of one month under 8 MB")
    assert compact(world, policy=Policy(small_bytes=1, min_files=2)).written_files == 0
    assert files(world) == before


def test_files_grow_to_the_target_and_no_further(world: DataDir) -> None:
    compact(world, policy=Policy(target_bytes=20_000, min_files=2))
    shared = {e.path: e.bytes for e in Manifest.read(world).entries if e.file_sha256 and e.table == "articles"}
    assert len(shared) > 1


def test_a_batch_made_anew_replaces_its_rows_in_a_shared_file(world: DataDir) -> None:
    compact(world, policy=POLICY)
    put(world, "batch-0", [Shown(url="https://anew.example/1", text="A unique heliotrope. " * 10)])
    drop_batches(world, ["batch-1"])
    rebuild(world, run_id="r", now=NOW)
    after = rows(world.warehouse)
    held = World(5)
    for row in held.shown[1]:
        elsewhere = any(row.capture_id == s.capture_id for n in range(2, held.batches) for s in held.shown[n])
        assert elsewhere or not [r for r in after["captures"] if row.capture_id in r]
    assert [r for r in after["versions"] if "heliotrope" in r]
    cleaned = clean_shared(world)
    assert cleaned > 0
    vacuum(world)
    assert clean_shared(world) == 0
    shared = {e.path for e in Manifest.read(world).entries if e.file_sha256}
    assert shared
    for path in shared:
        named = set(pq.read_table(world.lake / path, columns=["batch_id"])["batch_id"].to_pylist())
        assert named == {e.batch_id for e in Manifest.read(world).entries if e.path == path}
    rebuild(world, run_id="r", now=NOW)
    assert rows(world.warehouse) == after


def test_what_is_extracted_during_a_compaction_is_kept(world: DataDir) -> None:
    def meanwhile(step: str) -> None:
        if step == "compaction manifest":
            put(world, "batch-2", [Shown(url="https://anew.example/2")])
            put(world, "added", [Shown(url="https://added.example/2")])

    compact(world, policy=POLICY, on_step=meanwhile)
    rebuild(world, run_id="r", now=NOW)
    urls = str(rows(world.warehouse)["captures"])
    assert "anew.example/2" in urls
    assert "added.example/2" in urls


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_text("{")], ids=["lost", "damaged"])
def test_a_lost_manifest_is_made_anew_from_shared_files_too(world: DataDir, damage: object) -> None:
    compact(world, policy=POLICY)
    before = Manifest.read(world)
    damage(manifest_path(world))  # type: ignore[operator]
    assert recover_manifest(world).problems == ()
    assert Manifest.read(world) == before


@pytest.mark.parametrize("step", ["compaction", "compaction manifest", "compaction vacuum"])
def test_what_was_cut_off_is_finished_by_doing_it_again(world: DataDir, step: str) -> None:
    def stop(begun: str) -> None:
        if begun == step:
            raise KeyboardInterrupt

    loaded = rows(world.warehouse, without=())
    with pytest.raises(KeyboardInterrupt):
        compact(world, policy=POLICY, on_step=stop)
    assert load(world, run_id="r", now=NOW).is_empty
    compact(world, policy=POLICY)
    assert files(world) == {e.path for e in Manifest.read(world).entries}
    assert rows(world.warehouse, without=()) == loaded


@pytest.mark.parametrize("damage", [Path.unlink, lambda p: p.write_bytes(b"PAR1"), lambda p: p.write_bytes(b"")])
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_lost(world: DataDir, damage: object) -> None:
    before = Manifest.read(world)
    damage(world.lake / next(e.path for e in before.entries if e.table == "comments"))  # type: ignore[operator]
    with pytest.raises(LakeError, match="lake/comments") as caught:
        compact(world, policy=POLICY)
    assert "\n" not in str(caught.value)
    assert {e.batch_id for e in Manifest.read(world).entries} == {e.batch_id for e in before.entries}
