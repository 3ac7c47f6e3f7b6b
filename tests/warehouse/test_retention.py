"""Capture files that are old or too many go, when that is asked for; what was read from them stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from synthetic import NOW, Shown, put, query, rows

from warehouse.batch_names import batch_name, warc_file_of, whole_files
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.find import find_capture
from warehouse.load import load
from warehouse.rebuild import rebuild
from warehouse.retention import Policy, plan, retire
from warehouse.retired import NOTES_NAME, batches_of_retired, retired_files
from warehouse.verify import verify

DAY = 24 * 60
RECORD = b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:1>\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"


def fill(datadir: DataDir, name: str, *, day: int, size: int = 2_000, total: int = 1, shards: int = 1) -> None:
    """A capture file of one day, extracted in so many of its shards."""
    (datadir.captures / name).write_bytes(RECORD * (size // len(RECORD)))
    for number in range(shards):
        shown = Shown(url=f"https://news.example/{name}/{number}", minute=day * DAY, warc_file=name, offset=number)
        put(datadir, batch_name(name, number, total), [shown])


@pytest.fixture
def kept(ready: DataDir) -> DataDir:
    """Three loaded files of different days, one that is extracted in part, and one that was never looked at."""
    for name, day in (("first.warc", 1), ("second.warc", 5), ("third.warc", 9)):
        fill(ready, name, day=day)
    (ready.captures / "first.cdxj").write_text("index\n" * 100)
    fill(ready, "half.warc", day=0, total=2, shards=1)
    (ready.captures / "fresh.warc").write_bytes(RECORD)
    load(ready, run_id="r", now=NOW)
    return ready


def newest(day: int) -> datetime:
    return Shown(minute=day * DAY).captured_at


def going(datadir: DataDir, policy: Policy) -> list[str]:
    return [f.warc_file for f in plan(datadir, policy, now=newest(10)) if f.reason]


@pytest.mark.parametrize(
    ("policy", "files"),
    [
        (Policy(), []),
        (Policy(max_age=timedelta(days=20)), []),
        (Policy(max_age=timedelta(days=9)), []),  # on the border: not older
        (Policy(max_age=timedelta(days=8)), ["first.warc"]),
        (Policy(max_age=timedelta(days=1, minutes=-1)), ["first.warc", "second.warc", "third.warc"]),
        (Policy(max_bytes=1_000_000), []),
        (Policy(max_bytes=7_000), ["first.warc"]),
        (Policy(max_bytes=5_000), ["first.warc", "second.warc"]),
        (Policy(max_bytes=1), ["first.warc", "second.warc", "third.warc"]),
        (Policy(max_bytes=7_000, max_age=timedelta(days=4)), ["first.warc", "second.warc"]),
    ],
)
def test_what_would_go(kept: DataDir, policy: Policy, files: list[str]) -> None:
    before = {p: p.read_bytes() for p in kept.root.rglob("*") if p.is_file()}
    assert going(kept, policy) == files
    assert {p: p.read_bytes() for p in kept.root.rglob("*") if p.is_file()} == before


def test_the_plan_lists_every_file_oldest_first(kept: DataDir) -> None:
    listed = plan(kept, Policy(), now=NOW)
    assert [f.warc_file for f in listed] == ["half.warc", "first.warc", "second.warc", "third.warc", "fresh.warc"]
    assert [f.is_loaded for f in listed] == [False, True, True, True, False]
    assert listed[1].bytes == (kept.captures / "first.warc").stat().st_size + 600
    assert (listed[1].capture_count, listed[1].newest_at) == (1, newest(1))


def test_files_go_with_a_note_and_their_rows_stay(kept: DataDir) -> None:
    before = rows(kept.warehouse, without=("loads", "batches", "retired"))
    [note] = retire(kept, ["first.warc"], reason="older than 8 days", run_id="r", now=NOW)
    assert not (kept.captures / "first.warc").exists()
    assert not (kept.captures / "first.cdxj").exists()
    assert rows(kept.warehouse, without=("loads", "batches", "retired")) == before
    said = query(kept.warehouse, "SELECT warc_file, reason, capture_count, retired_at FROM retired")
    assert said == [("first.warc", "older than 8 days", 1, NOW)]
    assert retired_files(kept) == {"first.warc": note}
    asked = query(
        kept.warehouse,
        "SELECT url, retired_at IS NULL AS is_kept FROM captures LEFT JOIN retired USING (warc_file) "
        "ORDER BY url LIMIT 2",
    )
    assert asked == [("https://news.example/first.warc/0", False), ("https://news.example/half.warc/0", True)]
    assert [f for f in verify(kept) if "missing" in f.problem] == []
    with pytest.raises(UserError, match=r"was removed on 2026-11-20 \(older than 8 days\)"):
        find_capture(kept, "https://news.example/first.warc/0")


def test_a_rebuild_from_the_lake_keeps_rows_and_note(kept: DataDir) -> None:
    retire(kept, ["first.warc", "second.warc"], reason="asked", run_id="r", now=NOW)
    before = rows(kept.warehouse)
    rebuild(kept, run_id="r", now=NOW)
    assert rows(kept.warehouse) == before
    assert len(before["retired"]) == 2
    ids = [batch_name(name, 0, 1) for name in ("first.warc", "second.warc", "third.warc")]
    assert batches_of_retired(kept, [*ids, "crawl.fetches"]) == set(ids[:2])


@pytest.mark.parametrize("name", ["half.warc", "fresh.warc", "nowhere.warc"])
def test_what_is_not_wholly_loaded_stays(kept: DataDir, name: str) -> None:
    with pytest.raises(UserError, match="not wholly loaded"):
        retire(kept, ["first.warc", name], reason="asked", run_id="r", now=NOW)
    assert (kept.captures / "first.warc").exists()
    assert retired_files(kept) == {}


@pytest.mark.parametrize("step", ["retire note", "retire files", "copy", "publish"])
def test_what_was_cut_off_is_finished_by_doing_it_again(kept: DataDir, step: str) -> None:
    def stop(begun: str) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retire(kept, ["first.warc"], reason="asked", run_id="r", now=NOW, on_step=stop)
    assert (kept.captures / "first.warc").exists() == (step in ("retire note", "retire files"))
    assert ("first.warc" in retired_files(kept)) == (step in ("copy", "publish"))
    retire(kept, going(kept, Policy(max_age=timedelta(days=8))), reason="asked", run_id="r", now=NOW)
    assert not (kept.captures / "first.warc").exists()
    assert query(kept.warehouse, "SELECT warc_file FROM retired") == [("first.warc",)]


def test_a_file_that_is_given_again_is_a_capture_file_again(kept: DataDir) -> None:
    retire(kept, ["first.warc"], reason="asked", run_id="r", now=NOW)
    (kept.captures / "first.warc").write_bytes(RECORD)
    assert retired_files(kept) == {}
    retire(kept, [], reason="asked", run_id="r", now=NOW)
    assert query(kept.warehouse, "SELECT count(*) FROM retired") == [(0,)]


def test_half_a_note_of_a_killed_writer_harms_nothing(kept: DataDir) -> None:
    (kept.root / NOTES_NAME).write_text('{"warc_file": "x')
    assert retired_files(kept) == {}
    retire(kept, ["first.warc"], reason="asked", run_id="r", now=NOW)
    assert list(retired_files(kept)) == ["first.warc"]


@pytest.mark.parametrize(
    ("batch_id", "name"),
    [
        ("crawl/a.warc.gz#00001of00003", "crawl/a.warc.gz"),
        ("a#b.warc#00000of00001", "a#b.warc"),
        ("run.fetches.0", None),
    ],
)
def test_a_batch_names_its_file(batch_id: str, name: str | None) -> None:
    assert warc_file_of(batch_id) == name


def test_a_file_is_whole_when_each_shard_of_one_count_is_there() -> None:
    named = [batch_name("a", 0, 2), batch_name("a", 1, 2), batch_name("b", 0, 2), batch_name("b", 0, 3), "fetches"]
    assert whole_files(named) == {"a"}
