"""What is broken, missing or of another age is built anew where it can be, and named in one line where it cannot."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import NOW, Shown, put, query, rows

from warehouse.checks import check
from warehouse.datadir import DataDir
from warehouse.errors import LakeError, WarehouseError
from warehouse.lake import BATCH_KEY
from warehouse.load import LoadReport, load
from warehouse.manifest import Manifest
from warehouse.publish import publish
from warehouse.query import run_sql
from warehouse.rebuild import rebuild


def load_now(datadir: DataDir) -> LoadReport:
    return load(datadir, run_id="run-1", now=NOW)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _garble_head(path: Path) -> None:
    path.write_bytes(b"\0" * 8192 + path.read_bytes()[8192:])


def _garble_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(12_288, len(content), 512):
        content[at] ^= 0xFF
    path.write_bytes(content)


def _other_columns(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("ALTER TABLE comments DROP COLUMN author")


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda p: p.write_bytes(b""),
        lambda p: p.write_text("not a database"),
        _truncate,
        _garble_head,
        _garble_middle,
        _other_columns,
    ],
    ids=["missing", "zero bytes", "foreign", "truncated", "head lost", "blocks garbled", "other columns"],
)
def test_a_damaged_warehouse_is_built_anew(loaded: DataDir, damage: object) -> None:
    before = rows(loaded.warehouse)
    damage(loaded.warehouse)  # type: ignore[operator]
    put(loaded, "c", [Shown(minute=9)])
    load_now(loaded)
    after = rows(loaded.warehouse)
    assert len(after["captures"]) == 3
    assert set(before["comments"]) == set(after["comments"])


def test_what_only_the_damaged_warehouse_knew_is_said_to_be_lost(loaded: DataDir) -> None:
    loaded.warehouse.write_text("not a database")
    said = load_now(loaded).warnings
    assert [line.partition(" is lost")[0] for line in said] == ["the list of earlier loads", "the list of sources"]


@pytest.mark.parametrize("damage", [lambda p: p.write_text("not a database"), _truncate], ids=["foreign", "truncated"])
def test_readers_of_a_damaged_warehouse_are_told_what_to_do(loaded: DataDir, damage: object) -> None:
    damage(loaded.warehouse)  # type: ignore[operator]
    with pytest.raises(WarehouseError, match="broadsheet rebuild") as caught:
        run_sql(loaded, "SELECT max(COLUMNS(*)) FROM captures")
    assert "\n" not in str(caught.value)


def test_without_a_warehouse_readers_are_told_how_to_get_one(datadir: DataDir) -> None:
    with pytest.raises(WarehouseError, match="nothing is loaded"):
        run_sql(datadir, "SELECT 1")


@pytest.mark.parametrize(
    ("damage", "says"),
    [(Path.unlink, "No such file"), (lambda p: p.write_bytes(b""), "has 0 bytes"), (_truncate, "bytes, not")],
    ids=["missing", "zero bytes", "truncated"],
)
def test_a_damaged_batch_is_named_and_the_others_load(loaded: DataDir, damage: object, says: str) -> None:
    for name in ("c", "d"):
        put(loaded, name, [Shown(url=f"https://news.example/{name}")])
    [broken] = [e for e in Manifest.read(loaded).batches["c"].entries if e.table == "articles"]
    damage(loaded.lake / broken.path)  # type: ignore[operator]
    report = load_now(loaded)
    assert [p for p in report.problems if "batch c" in p and says in p]
    assert query(loaded.warehouse, "SELECT count(*) FROM captures") == [(3,)]
    with pytest.raises(LakeError, match="batch c"):
        rebuild(loaded, run_id="r", now=NOW)
    put(loaded, "c", [Shown(url="https://news.example/c")])
    assert load_now(loaded).counts == {"new": 1}


def test_where_there_is_nothing_to_lose_what_can_be_read_is_read(loaded: DataDir) -> None:
    [broken] = [e for e in Manifest.read(loaded).batches["b"].entries if e.table == "captures"]
    (loaded.lake / broken.path).unlink()
    loaded.warehouse.unlink()
    report = load_now(loaded)
    assert [p[:8] for p in report.problems] == ["batch b:"]
    assert query(loaded.warehouse, "SELECT count(*) FROM captures") == [(1,)]


def test_a_warehouse_that_another_program_has_open_for_writing_is_loaded_all_the_same(loaded: DataDir) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(loaded.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(WarehouseError, match="another program has"):
        run_sql(loaded, "SELECT 1")
    inode = loaded.warehouse.stat().st_ino
    assert load_now(loaded).is_empty
    assert loaded.warehouse.stat().st_ino == inode
    put(loaded, "c", [Shown(minute=9)])
    assert load_now(loaded).counts == {"changed": 1}
    assert run_sql(loaded, "SELECT count(*) FROM captures").rows == [(3,)]
    holder.communicate("\n")
    assert run_sql(loaded, "SELECT count(*) FROM captures").rows == [(3,)]


HOLDER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("open", flush=True)
input()
"""


def _foreign(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def _garbled_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    path.write_bytes(content)


def _other_types(path: Path) -> None:
    """A good Parquet file of the right length, whose values are of another type."""
    table = pq.read_table(path)
    at = table.schema.get_field_index("captured_at")
    words = pa.array(["soon"] * table.num_rows)
    pq.write_table(table.set_column(at, "captured_at", words).replace_schema_metadata(None), path)


@pytest.mark.parametrize("damage", [_foreign, _garbled_pages, _other_types], ids=["foreign", "garbled", "other types"])
@pytest.mark.parametrize("is_live", [True, False], ids=["beside a warehouse", "without one"])
def test_a_file_that_is_not_what_was_written_is_named_and_the_rest_loads(
    loaded: DataDir, damage: Callable[[Path], None], is_live: bool
) -> None:
    for name in ("c", "d"):
        put(loaded, name, [Shown(url=f"https://news.example/{name}")])
    manifest = Manifest.read(loaded)
    [entry] = [e for e in manifest.batches["c"].entries if e.table == "articles"]
    damage(loaded.lake / entry.path)
    resized = replace(entry, bytes=(loaded.lake / entry.path).stat().st_size)
    Manifest(tuple(resized if e == entry else e for e in manifest.entries)).write(loaded)
    if not is_live:
        loaded.warehouse.unlink()
    report = load_now(loaded)
    assert [p.partition(":")[0] for p in report.problems] == ["batch c"]
    assert query(loaded.warehouse, "SELECT count(*) FROM captures") == [(3,)]
    with pytest.raises(WarehouseError, match=r"batch c: .* nothing was published") as caught:
        rebuild(loaded, run_id="r", now=NOW)
    assert "\n" not in str(caught.value)
    put(loaded, "c", [Shown(url="https://news.example/c")])
    assert load_now(loaded).counts == {"new": 1}


def _lacking(datadir: DataDir, batch_id: str, columns: list[str]) -> None:
    """Write a batch's articles as an earlier Broadsheet would have that did not know some columns."""
    manifest = Manifest.read(datadir)
    [entry] = [e for e in manifest.batches[batch_id].entries if e.table == "articles"]
    path = datadir.lake / entry.path
    table = pq.read_table(path)
    assert table.schema.metadata[BATCH_KEY] == batch_id.encode()
    pq.write_table(table.drop_columns(columns), path)
    digest = sha256(path.read_bytes()).hexdigest()
    shrunk = replace(entry, bytes=path.stat().st_size, sha256=digest)
    Manifest(tuple(shrunk if e == entry else e for e in manifest.entries)).write(datadir)


def test_files_of_an_earlier_schema_load_with_nulls(datadir: DataDir) -> None:
    put(datadir, "new", [Shown(url="https://news.example/b")])
    put(datadir, "old", [Shown()])
    _lacking(datadir, "old", ["section"])
    assert load_now(datadir).problems == ()
    assert query(datadir.warehouse, "SELECT count(*), count(section) FROM articles") == [(2, 0)]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_may_not_be_null_is_not_made_up(datadir: DataDir, is_first: bool) -> None:
    put(datadir, "new", [Shown(url="https://news.example/b")])
    if not is_first:
        load_now(datadir)
        put(datadir, "later", [Shown(url="https://news.example/c")])
    put(datadir, "old", [Shown()])
    _lacking(datadir, "old", ["captions"])
    assert load_now(datadir).problems == ("batch old: its articles lack captions: extract its captures again",)
    assert query(datadir.warehouse, "SELECT count(*) FROM articles") == [(1 if is_first else 2,)]


# checks: each kind of damage that they guard against is done on purpose


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("INSERT INTO captures FROM captures LIMIT 1", "captures.capture_id is not unique"),
        ("UPDATE captures SET outcome = 'extract_empty' WHERE outcome = 'new'", "shows an article"),
        ("DELETE FROM observations", "counted as an article and shows none"),
        ("UPDATE captures SET outcome = 'changed'", "does not start at"),
        ("DELETE FROM versions WHERE is_current", "starts no version"),
        (
            "UPDATE versions SET is_current = true, valid_to = NULL",
            "exactly one current version",
        ),
        (
            "UPDATE versions SET valid_to = valid_to + INTERVAL 1 MINUTE WHERE NOT is_current",
            "do not meet",
        ),
        ("UPDATE comments SET article_id = 'x'", "stands under no article"),
        ("UPDATE evidence SET capture_id = 'x'", "starts no version"),
    ],
)
def test_what_does_not_balance_is_not_published(loaded: DataDir, damage: str, says: str) -> None:
    before = rows(loaded.warehouse, without=())

    def spoil(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(damage)
        check(con)

    with pytest.raises(WarehouseError, match=says) as caught:
        publish(loaded, spoil)
    assert "\n" not in str(caught.value)
    assert rows(loaded.warehouse, without=()) == before
