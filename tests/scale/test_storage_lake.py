"""A lake and captures in a bucket: the same rows as in files, for every command that touches them, on every machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from s3_server import BUCKET
from synthetic import NOW, Shown, World, put, rows

from warehouse import manifest_objects
from warehouse.bucket_vacuum import vacuum_bucket
from warehouse.captures import Shard, plan_shards, read_captures
from warehouse.captures_stored import as_stored, keep_capture, shard_file, stored_captures
from warehouse.compact import Policy, compact
from warehouse.datadir import DataDir
from warehouse.errors import DataDirError, LakeError, UserError, WarehouseError
from warehouse.forget import forget
from warehouse.ingest import ingest
from warehouse.lake import drop_batches, known_batches, vacuum
from warehouse.load import load
from warehouse.manifest import Manifest
from warehouse.recover import recover_manifest
from warehouse.status import status
from warehouse.storage import Storage, parse_storage
from warehouse.texts import TextStore
from warehouse.verify import verify

MERGE_ALL = Policy(min_files=2)


@pytest.fixture
def storage(s3: str) -> Storage:
    """A place of its own in the bucket."""
    return parse_storage(f"s3://{BUCKET}/{token_hex(4)}", endpoint=s3, patience_s=5)


@pytest.fixture
def host(storage: Storage, tmp_path: Path) -> Callable[[str], DataDir]:
    """Data directories that share the place."""
    return lambda name: DataDir.open(tmp_path / name, create=True, storage=storage)


def test_rows_are_those_of_files_through_every_command(host: Callable[[str], DataDir], tmp_path: Path) -> None:
    world, target = World(seed=7, captures=40, batches=5), "https://www.paper1.example/1"
    here, there = DataDir.open(tmp_path / "files", create=True), host("bucket")
    for datadir in (here, there):
        for number in range(4):
            world.put(datadir, number)
        load(datadir, run_id="r", now=NOW)
        world.put(datadir, 4)
        world.put(datadir, 0)  # made anew, and the same
        load(datadir, run_id="r", now=NOW)
    assert rows(there.warehouse) == rows(here.warehouse)
    assert [replace(e, path="") for e in Manifest.read(there).entries] == [
        replace(e, path="") for e in Manifest.read(here).entries
    ]
    before, done = compact(here, policy=MERGE_ALL), compact(there, policy=MERGE_ALL)
    assert (done.files_before, done.files_after) == (before.files_before, before.files_after)
    for datadir in (here, there):
        forget(datadir, target, run_id="r", now=NOW)
    assert rows(there.warehouse) == rows(here.warehouse)
    assert verify(there) == verify(here)
    named = {f"lake/{entry.path}" for entry in Manifest.read(there).entries}
    bucket = there.bucket
    assert bucket is not None
    assert {one.key for one in bucket.bucket.list("lake") if one.key.endswith(".parquet")} == named
    assert status(there).sizes["lake"] >= sum(one.bytes for one in bucket.bucket.list("lake"))


def test_another_machine_loads_what_one_has_written(host: Callable[[str], DataDir]) -> None:
    one, other = host("one"), host("other")
    put(one, "a", [Shown(minute=1)])
    put(other, "b", [Shown(minute=2, text="It sank. " * 20)])
    for datadir in (one, other):
        assert load(datadir, run_id="r", now=NOW).batches == 2
    assert rows(one.warehouse) == rows(other.warehouse)
    drop_batches(other, ["a"])
    assert set(known_batches(one)) == {"b"}


def test_commits_are_folded_and_nothing_is_lost(
    host: Callable[[str], DataDir], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest_objects, "FOLD_COUNT", 4)
    one, other = host("one"), host("other")
    for number in range(9):
        put((one, other)[number % 2], f"batch-{number}", [Shown(minute=number)])
    assert len(known_batches(one)) == len(known_batches(other)) == 9
    bucket = one.bucket
    assert bucket is not None
    names = [stored.key.rpartition("/")[2] for stored in bucket.bucket.list("lake/manifest")]
    assert sum(name.startswith("snapshot-") for name in names) == 1
    assert sum(name.startswith("log-") for name in names) <= 4


def test_machines_that_commit_and_fold_at_once_lose_nothing(
    host: Callable[[str], DataDir], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest_objects, "FOLD_COUNT", 3)
    hosts = [host(name) for name in ("one", "other", "third")]

    def write(number: int) -> None:
        for count in range(6):
            put(hosts[number], f"batch-{number}-{count}", [Shown(minute=count)])
            assert f"batch-{number}-{count}" in known_batches(hosts[number])

    with ThreadPoolExecutor(3) as executor:
        for done in [executor.submit(write, number) for number in range(3)]:
            done.result()
    assert [len(known_batches(one)) for one in hosts] == [18, 18, 18]


def test_a_move_never_brings_back_what_was_made_anew(host: Callable[[str], DataDir]) -> None:
    one = host("one")
    put(one, "a", [Shown(minute=1)])
    put(one, "b", [Shown(minute=2)])
    seen = Manifest.read(one)

    def made_anew(step: str) -> None:
        if step == "compaction manifest" and Manifest.read(one).entries == seen.entries:
            put(one, "a", [Shown(minute=1, title="Anew")])

    compact(one, policy=MERGE_ALL, on_step=made_anew)
    assert [entry.file_sha256 is None for entry in Manifest.read(one).batches["a"].entries] == [True] * 4
    assert all(entry.file_sha256 for entry in Manifest.read(one).batches["b"].entries)
    assert not [finding for finding in verify(one) if finding.place.startswith("lake")]


def test_vacuum_leaves_others_their_time(host: Callable[[str], DataDir]) -> None:
    one = host("one")
    put(one, "a", [Shown(minute=1)])
    put(one, "a", [Shown(minute=1, title="Anew")])
    bucket = one.bucket
    assert bucket is not None
    bucket.bucket.put("lake/articles/month=2026-10/left-by-a-kill.parquet", b"half")
    count = len(list(bucket.bucket.list("lake/articles")))
    assert vacuum(one) == 0
    assert len(list(bucket.bucket.list("lake/articles"))) == count == 3
    later = datetime.now(UTC) + timedelta(hours=2)
    (one.root / ".stored" / "vacuumed").unlink(missing_ok=True)
    assert vacuum_bucket(bucket, at_once=False, now=lambda: later) >= 2
    assert {one.key for one in bucket.bucket.list("lake/articles")} == {
        f"lake/{e.path}" for e in Manifest.read(one).entries if e.table == "articles"
    }


def test_a_lost_or_damaged_manifest_is_said_and_made_anew(host: Callable[[str], DataDir]) -> None:
    one, other = host("one"), host("other")
    put(one, "a", [Shown(minute=1)])
    put(one, "b", [Shown(minute=2)])
    bucket = one.bucket
    assert bucket is not None
    names = [stored.key for stored in bucket.bucket.list("lake/manifest")]
    bucket.bucket.put(names[-1], b'{"version": 1, "bat')
    with pytest.raises(LakeError, match=r"is damaged: `broadsheet verify --repair`"):
        Manifest.read(other)
    assert recover_manifest(other).batches == 2
    assert set(known_batches(other)) == {"a", "b"}
    bucket.bucket.delete([stored.key for stored in bucket.bucket.list("lake/manifest")])
    with pytest.raises(LakeError, match=r"is lost: `broadsheet verify --repair`"):
        Manifest.read(one)
    assert recover_manifest(one).problems == ()
    assert set(known_batches(one)) == {"a", "b"}


def test_a_file_that_is_not_what_was_stored_is_found(host: Callable[[str], DataDir]) -> None:
    one, other = host("one"), host("other")
    put(one, "a", [Shown(minute=1)])
    put(one, "b", [Shown(minute=2)])
    bucket = one.bucket
    assert bucket is not None
    of_a, of_b = (next(e for e in Manifest.read(one).entries if e.batch_id == key) for key in "ab")
    content = bucket.bucket.get(f"lake/{of_a.path}")
    bucket.bucket.put(f"lake/{of_a.path}", content[:-1] + b"?")
    bucket.bucket.delete([f"lake/{of_b.path}"])
    problems = {finding.place: finding.problem for finding in verify(one)}
    assert "checksum differs" in problems[f"lake/{of_a.path}"] or "no Parquet" in problems[f"lake/{of_a.path}"]
    assert "cannot be read" in problems[f"lake/{of_b.path}"], "though a copy lies here"
    report = load(other, run_id="r", now=NOW)
    assert any(of_b.path in problem for problem in report.problems)


def a_page(tmp_path: Path, name: str, text: str) -> Path:
    page = tmp_path / name
    page.write_text(f"<html><title>{name}</title><body><p>{text}</p></body></html>")
    return page


def test_captures_are_stored_and_read_elsewhere_by_their_offsets(
    host: Callable[[str], DataDir], tmp_path: Path
) -> None:
    one, other = host("one"), host("other")
    pages = [a_page(tmp_path, f"{n}.html", f"Word {n}. " * 400) for n in range(8)]
    [warc_file] = ingest(pages, one).warc_files
    path = keep_capture(one, warc_file)
    assert stored_captures(other) == (warc_file,)
    assert ingest(pages, other).warc_files == (warc_file,), "known there, though no copy lies there"
    (other.captures / warc_file).unlink()
    plan = plan_shards(path, root=one.captures, pages=3)
    assert len(plan.shards) == 3
    for shard in plan.shards:
        with shard_file(other, shard) as (part, root):
            assert part != other.captures / warc_file
            found = list(read_captures(part, root=root, start=shard.start, end=shard.end))
        assert found == list(read_captures(path, root=one.captures, start=shard.start, end=shard.end))
        assert len(found) == shard.count
    with pytest.raises(FileNotFoundError), shard_file(other, Shard("no.warc.gz", 0, 0, 9, 1)):
        pass


def test_what_was_forgotten_is_gone_from_the_bucket_and_from_other_copies(
    host: Callable[[str], DataDir], tmp_path: Path
) -> None:
    one, other = host("one"), host("other")
    page = a_page(tmp_path, "secret.html", "To be forgotten. " * 40)
    [warc_file] = ingest([page, a_page(tmp_path, "kept.html", "Kept. " * 40)], one).warc_files
    keep_capture(one, warc_file)
    keep_capture(other, warc_file)
    before = (other.captures / warc_file).read_bytes()
    assert forget(one, page.as_uri(), run_id="r", now=NOW).records == 1
    with as_stored(other, other.captures / warc_file) as (stored, root):
        urls = {item.page.url for item in read_captures(stored, root=root / "captures")}
    assert urls == {(tmp_path / "kept.html").as_uri()}
    keep_capture(other, warc_file)
    after = (other.captures / warc_file).read_bytes()
    assert len(after) == len(before)
    assert after != before, "the copy of before is not used again"


def test_copies_are_dropped_by_use_within_the_budget(s3: str, tmp_path: Path) -> None:
    small = parse_storage(f"s3://{BUCKET}/{token_hex(4)}", endpoint=s3, cache_bytes=3_000)
    one = DataDir.open(tmp_path / "one", create=True, storage=small)
    paths = []
    for number in range(4):
        path = one.captures / "crawl" / f"{number}.warc.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes([number]) * 1_000)
        paths.append(path)
    waiting = one.captures / "crawl" / "waiting.warc.gz"
    waiting.write_bytes(b"9" * 5_000)
    from warehouse.bucket_store import BucketStore

    hour = [0.0]
    store = BucketStore(one.root, small, clock=lambda: datetime.now(UTC).timestamp() + hour[0])
    store.keep(paths)
    assert store.trim(one.captures) == 0, "just used"
    hour[0] = 3_600
    assert store.trim(one.captures) == 1
    assert waiting.exists(), "not stored yet"
    assert sum(path.exists() for path in paths) == 3
    store.fetch(paths)
    assert [path.read_bytes()[:1] for path in paths] == [b"\0", b"\1", b"\2", b"\3"]
    store.remove(paths[:3])
    assert set(store.sizes(one.captures)) == {"crawl/3.warc.gz", "crawl/waiting.warc.gz"}
    assert store.size(paths[0]) is None
    assert not paths[0].exists()


def test_a_data_dir_stays_where_its_files_are(host: Callable[[str], DataDir], storage: Storage, tmp_path: Path) -> None:
    one = host("one")
    assert DataDir.open(one.root, create=False).storage == storage, "without being told again"
    said = json.loads((one.root / "broadsheet-storage").read_text())
    assert said["url"] == storage.url
    elsewhere = parse_storage(f"s3://{BUCKET}/elsewhere", endpoint=storage.endpoint)
    with pytest.raises(DataDirError, match="name another data dir"):
        DataDir.open(one.root, create=True, storage=elsewhere)
    files = DataDir.open(tmp_path / "files", create=True)
    put(files, "a", [Shown()])
    with pytest.raises(DataDirError, match="keeps its captures and lake itself"):
        DataDir.open(files.root, create=True, storage=storage)


def test_texts_stay_in_the_warehouse(host: Callable[[str], DataDir]) -> None:
    with pytest.raises(WarehouseError, match="text_store lake"):
        load(host("one"), run_id="r", now=NOW, text_store=TextStore.LAKE)


def test_a_bucket_that_is_not_there_is_said_before_any_work(s3: str, tmp_path: Path) -> None:
    nowhere = parse_storage("s3://no-such-bucket/x", endpoint=s3, patience_s=1)
    with pytest.raises(UserError, match="there is no bucket no-such-bucket"):
        DataDir.open(tmp_path / "one", create=True, storage=nowhere)
