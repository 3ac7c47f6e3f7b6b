from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import EXTRACTOR, NOW, Shown, fetch, put, tables

from transforms.columns import to_table
from transforms.outcome import Outcome
from transforms.schema import Capture
from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.lake import BATCH_KEY, drop_batches, known_batches, vacuum, write_batch
from warehouse.manifest import Manifest, manifest_path


def test_a_batch_is_files_by_table_and_month_that_the_manifest_describes(datadir: DataDir) -> None:
    shown = [Shown(comments=[("1", "Fine")]), Shown(url="https://news.example/b", minute=5 * 24 * 60)]
    put(datadir, "one.warc.gz/0", shown, [fetch()])
    entries = Manifest.read(datadir).entries
    assert [(e.table, e.path.split("/")[1], e.rows) for e in entries] == [
        ("articles", "month=2026-10", 1),
        ("articles", "month=2026-11", 1),
        ("captures", "month=2026-10", 1),
        ("captures", "month=2026-11", 1),
        ("comments", "month=2026-10", 1),
        ("evidence", "month=2026-10", 1),
        ("evidence", "month=2026-11", 1),
        ("fetches", "month=2026-10", 1),
        ("signatures", "month=2026-10", 1),
        ("signatures", "month=2026-11", 1),
    ]
    for entry in entries:
        content = (datadir.lake / entry.path).read_bytes()
        assert (entry.bytes, entry.sha256) == (len(content), sha256(content).hexdigest())
        assert pq.read_metadata(datadir.lake / entry.path).metadata[BATCH_KEY] == b"one.warc.gz/0"


def test_the_same_rows_in_any_order_give_the_same_bytes(datadir: DataDir) -> None:
    shown = [Shown(url=f"https://news.example/{n}", minute=n, offset=n) for n in range(20)]
    put(datadir, "b", shown)
    before = Manifest.read(datadir)
    put(datadir, "b", shown[::-1])
    assert Manifest.read(datadir) == before


def test_a_batch_replaces_its_own_output_and_nothing_else(datadir: DataDir) -> None:
    put(datadir, "a", [Shown()])
    put(datadir, "b", [Shown(url="https://news.example/b")])
    kept = Manifest.read(datadir).batches["b"]
    put(datadir, "a", [Shown(url="https://news.example/c"), Shown(url="https://news.example/d")])
    manifest = Manifest.read(datadir)
    assert manifest.batches["b"] == kept
    assert manifest.batches["a"].rows("captures") == 2
    assert known_batches(datadir) == {"a": EXTRACTOR, "b": EXTRACTOR}


def test_vacuum_deletes_what_no_batch_has(datadir: DataDir) -> None:
    put(datadir, "a", [Shown()])
    put(datadir, "a", [Shown(url="https://news.example/c")])
    left = datadir.lake / "captures" / "month=2026-10" / "killed.parquet.tmp"
    left.write_bytes(b"PAR1")
    assert vacuum(datadir) == 4 + 1
    on_disk = {p.relative_to(datadir.lake).as_posix() for p in datadir.lake.glob("*/*/*")}
    assert on_disk == {e.path for e in Manifest.read(datadir).entries}
    drop_batches(datadir, ["a"])
    assert vacuum(datadir) == 4


def test_a_capture_that_stands_twice_in_a_batch_is_kept_once(datadir: DataDir) -> None:
    one = Shown(offset=10, comments=[("1", "Fine")])
    put(datadir, "b", [replace(one, offset=900), one])
    batch = Manifest.read(datadir).batches["b"]
    assert [batch.rows(t) for t in ("captures", "articles", "comments", "evidence")] == [1, 1, 1, 1]
    [path] = [e.path for e in batch.entries if e.table == "captures"]
    assert pq.read_table(datadir.lake / path)["warc_offset"].to_pylist() == [10]


def test_timestamps_are_microseconds_up_to_the_ends_of_time(datadir: DataDir) -> None:
    ends = [
        replace(Shown(minute=n).capture(), captured_at=NOW.replace(year=y), outcome=Outcome.EMPTY)
        for n, y in enumerate((1, 9999))
    ]
    write_batch(datadir, "b", {"captures": to_table(Capture, ends)}, extractor=None)
    entries = Manifest.read(datadir).entries
    assert [e.path.split("/")[1] for e in entries] == ["month=0001-11", "month=9999-11"]
    years = [pq.read_table(datadir.lake / e.path)["captured_at"].to_pylist()[0].year for e in entries]
    assert years == [1, 9999]


def _without_article(t: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {**t, "articles": t["articles"].slice(0, 0)}


def _null_url(t: dict[str, pa.Table]) -> dict[str, pa.Table]:
    at = t["captures"].schema.get_field_index("url")
    return {**t, "captures": t["captures"].set_column(at, "url", pa.array([None], pa.string()))}


def _evidence_alone(t: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {"evidence": t["evidence"]}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_without_article, "but not both"),
        (_null_url, "captures.url may not be null"),
        (_evidence_alone, "which the batch does not hold"),
        (lambda t: {**t, "stories": t["captures"]}, "no table stories"),
    ],
)
def test_a_batch_that_contradicts_itself_is_refused(datadir: DataDir, spoil: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        write_batch(datadir, "b", spoil(tables([Shown()])), extractor=None)  # type: ignore[operator]
    assert Manifest.read(datadir).entries == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged"),
        (b'{"version": 1, "entries": [{"tab', "damaged"),
        (b'{"version": 1, "entries": [{"table": "captures"}]}', "damaged"),
        (b"[]", "damaged"),
        (json.dumps({"version": 99, "entries": []}).encode(), "use a newer Broadsheet"),
    ],
)
def test_a_broken_manifest_gives_one_line_and_is_not_overwritten(datadir: DataDir, content: bytes, says: str) -> None:
    manifest_path(datadir).write_bytes(content)
    with pytest.raises(LakeError, match=says):
        Manifest.read(datadir)
    with pytest.raises(LakeError, match=says):
        put(datadir, "b", [Shown()])
    assert manifest_path(datadir).read_bytes() == content


def test_names_of_batches_may_hold_anything(datadir: DataDir) -> None:
    names = ["../../etc/passwd", "ingested/ab-x.warc.gz#0", "äöü", ".hidden", "x" * 300]
    for name in names:
        put(datadir, name, [Shown()])
    manifest = Manifest.read(datadir)
    assert list(manifest.batches) == sorted(names)
    root = datadir.lake.resolve()
    assert all((datadir.lake / e.path).resolve().is_relative_to(root) for e in manifest.entries)
    assert len({e.path for e in manifest.entries}) == len(manifest.entries)
