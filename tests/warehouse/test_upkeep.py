"""Verify, recovery of the manifest, and frozen corpora."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from synthetic import NOW, START, Shown, fetch, put, query

from warehouse.corpus import check as check_corpus
from warehouse.corpus import freeze
from warehouse.datadir import DataDir
from warehouse.errors import LakeError, UserError
from warehouse.export import ExportFormat
from warehouse.load import load
from warehouse.manifest import Manifest, manifest_path
from warehouse.rebuild import rebuild
from warehouse.recover import recover_manifest
from warehouse.verify import verify


@pytest.fixture
def whole(loaded: DataDir) -> DataDir:
    """The loaded data directory with a (made-up, hence plain) capture file where the warehouse says it is."""
    record = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:1>\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    (loaded.captures / "one.warc.gz").write_bytes(record)
    return loaded


def test_where_all_is_well_nothing_is_found(whole: DataDir) -> None:
    said: list[str] = []
    assert verify(whole, on_progress=said.append) == ()
    assert said == ["captures", "lake", "ledger", "warehouse", "index"]


def _an_article_file(datadir: DataDir) -> Path:
    return datadir.lake / next(e.path for e in Manifest.read(datadir).entries if e.table == "articles")


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)


def _lose_fetched_capture(datadir: DataDir) -> None:
    put(datadir, "f", [], [fetch()])
    load(datadir, run_id="r", now=NOW)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize(
    ("damage", "place", "says"),
    [
        (lambda d: _flip(_an_article_file(d)), "lake/articles", "checksum differs"),
        (lambda d: _truncate(_an_article_file(d)), "lake/articles", "no Parquet file"),
        (lambda d: _an_article_file(d).unlink(), "lake/articles", "No such file"),
        (lambda d: manifest_path(d).write_text("{"), "lake/manifest.json", "damaged"),
        (lambda d: manifest_path(d).unlink(), "lake/manifest.json", "is lost"),
        (lambda d: (d.captures / "one.warc.gz").unlink(), "captures/one.warc.gz", "missing or shorter"),
        (lambda d: _truncate(d.captures / "one.warc.gz"), "captures/one.warc.gz", "byte"),
        (lambda d: d.ledger.write_text("no database" * 100), "ledger.sqlite", "not a database"),
        (lambda d: d.warehouse.write_text("no database"), "warehouse.duckdb", "cannot be read"),
        (_lose_fetched_capture, "fetches of run crawl-1", "1 fetches name captures"),
    ],
)
def test_each_damage_is_found_and_changes_nothing(whole: DataDir, damage: object, place: str, says: str) -> None:
    damage(whole)  # type: ignore[operator]
    before = {p: p.read_bytes() for p in whole.root.rglob("*") if p.is_file()}
    found = verify(whole)
    assert [f for f in found if f.place.startswith(place) and says in f.problem and f.mending], found
    assert {p: p.read_bytes() for p in whole.root.rglob("*") if p.is_file()} == before


def test_a_batch_that_left_the_lake_is_found(whole: DataDir) -> None:
    Manifest.read(whole).without(["b"]).write(whole)
    assert [f.problem for f in verify(whole)] == ["batch b is loaded and no longer in the lake"]


# a lost manifest


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_text("{")], ids=["lost", "damaged"])
def test_a_manifest_is_made_anew_from_the_files(loaded: DataDir, damage: object) -> None:
    put(loaded, "b", [Shown(minute=3, text="Gone again. " * 30)])  # the files of its earlier state are still there
    before = Manifest.read(loaded)
    (loaded.lake / "captures" / "month=2026-10" / "killed.parquet.tmp").write_bytes(b"PAR1")
    (loaded.lake / "captures" / "month=2026-10" / "foreign.parquet").write_bytes(b"x" * 100)
    damage(manifest_path(loaded))  # type: ignore[operator]
    with pytest.raises(LakeError, match="verify --repair"):
        load(loaded, run_id="r", now=NOW)
    with pytest.raises(LakeError, match="verify --repair"):
        put(loaded, "c", [Shown()])
    recovery = recover_manifest(loaded)
    assert (recovery.batches, len(recovery.problems)) == (2, 1)
    assert "foreign.parquet is no file of ours" in recovery.problems[0]
    assert Manifest.read(loaded) == before
    rebuild(loaded, run_id="r", now=NOW)
    assert query(loaded.warehouse, "SELECT text[:10] FROM articles") == [("Gone again",)]


def test_a_batch_that_is_not_whole_is_left_out_and_named(loaded: DataDir) -> None:
    [path] = [e.path for e in Manifest.read(loaded).batches["b"].entries if e.table == "captures"]
    (loaded.lake / path).unlink()
    manifest_path(loaded).unlink()
    recovery = recover_manifest(loaded)
    assert recovery.batches == 1
    assert recovery.problems == ("batch b: 3 of its 4 files are there; extract its captures again",)
    assert list(Manifest.read(loaded).batches) == ["a"]


# frozen corpora


def test_a_corpus_is_the_articles_of_a_moment_with_its_hash(loaded: DataDir, tmp_path: Path) -> None:
    at = START + timedelta(minutes=1)
    corpus = freeze(loaded, tmp_path / "c", as_of=at, file_format=ExportFormat.PARQUET)
    assert pq.read_table(corpus.file)["text"].to_pylist() == [Shown().text]
    assert corpus.sha256 == sha256(corpus.file.read_bytes()).hexdigest()
    described = json.loads(corpus.manifest.read_text())
    assert (described["as_of"], described["extractors"]) == (at.isoformat(), ["made-up 1"])
    assert described["files"] == [
        {"path": "articles.parquet", "rows": 1, "bytes": corpus.file.stat().st_size, "sha256": corpus.sha256}
    ]
    put(loaded, "later", [Shown(minute=60, text="Later. " * 30)])
    load(loaded, run_id="r", now=NOW)
    assert freeze(loaded, tmp_path / "d", as_of=at, file_format=ExportFormat.PARQUET).sha256 == corpus.sha256


@pytest.mark.parametrize(("where", "count"), [(None, 1), ("source = 'paper'", 1), ("source = 'blog' -- none", 0)])
def test_a_corpus_can_be_a_selection(loaded: DataDir, tmp_path: Path, where: str | None, count: int) -> None:
    for file_format in (ExportFormat.JSONL, ExportFormat.CSV):
        corpus = freeze(loaded, tmp_path / file_format, as_of=NOW, file_format=file_format, where=where)
        assert corpus.rows == count
        assert json.loads(corpus.manifest.read_text())["where"] == where


def test_a_corpus_is_never_overwritten_and_needs_a_zone(loaded: DataDir, tmp_path: Path) -> None:
    freeze(loaded, tmp_path / "c", as_of=NOW, file_format=ExportFormat.CSV)
    with pytest.raises(UserError, match="holds a corpus already"):
        freeze(loaded, tmp_path / "c", as_of=NOW, file_format=ExportFormat.CSV)
    with pytest.raises(UserError, match="zone"):
        freeze(loaded, tmp_path / "d", as_of=datetime(2026, 11, 1), file_format=ExportFormat.CSV)  # noqa: DTZ001
    with pytest.raises(UserError):
        freeze(loaded, tmp_path / "e", as_of=NOW, file_format=ExportFormat.CSV, where="no such column")
    assert list((tmp_path / "e").iterdir()) == []


def test_the_same_rows_give_the_same_bytes(loaded: DataDir, tmp_path: Path) -> None:
    for file_format in (ExportFormat.PARQUET, ExportFormat.JSONL, ExportFormat.CSV):
        folders = [tmp_path / f"{file_format}-{n}" for n in range(3)]
        freeze(loaded, folders[0], as_of=NOW, file_format=file_format)
        freeze(loaded, folders[1], as_of=NOW, file_format=file_format)
        contents = [{p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders[:2]]
        assert contents[0] == contents[1]
        assert contents[0].keys() == {f"articles.{file_format}", "manifest.json", "SHA256SUMS"}
    rebuild(loaded, run_id="r", now=NOW)
    corpus = freeze(loaded, folders[2], as_of=NOW, file_format=ExportFormat.CSV)
    assert corpus.file.read_bytes() == contents[0]["articles.csv"]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: None, []),
        (lambda folder: (folder / "articles.csv").unlink(), ["articles.csv cannot be read: No such file or directory"]),
        (lambda folder: _append(folder / "articles.csv", b"\n"), [r"articles.csv has \d+ bytes, not \d+"]),
        (lambda folder: _flip(folder / "articles.csv"), ["articles.csv is not what was written, its sha256 is "]),
        (lambda folder: _append(folder / "manifest.json", b" "), ["manifest.json is not what SHA256SUMS says"]),
        (lambda folder: (folder / "manifest.json").write_text("[]"), ["manifest.json is no manifest of a corpus"]),
        (lambda folder: (folder / "SHA256SUMS").unlink(), ["SHA256SUMS cannot be read"]),
    ],
    ids=["none", "lost", "longer", "flipped", "manifest", "no manifest", "no sums"],
)
def test_a_corpus_can_be_checked(loaded: DataDir, tmp_path: Path, damage: object, says: list[str]) -> None:
    freeze(loaded, tmp_path / "c", as_of=NOW, file_format=ExportFormat.CSV)
    damage(tmp_path / "c")  # type: ignore[operator]
    found = check_corpus(tmp_path / "c")
    assert len(found) == len(says)
    assert all(re.match(pattern, problem) for pattern, problem in zip(says, found, strict=True)), found
    summed = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "c", capture_output=True, check=False)
    assert (summed.returncode == 0) == (not says)


def test_a_folder_without_a_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no corpus"):
        check_corpus(tmp_path)


def _append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)
