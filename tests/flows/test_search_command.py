from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "warehouse"))
from search_world import index_press

from flows.cli import main
from warehouse.datadir import DataDir


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    datadir = DataDir.open(tmp_path_factory.mktemp("press") / "data", create=True)
    index_press(datadir)
    return datadir


def run(*arguments: str, datadir: DataDir) -> int:
    with pytest.raises(SystemExit) as left:
        main(["search", *arguments, "--data-dir", str(datadir.root)])
    return int(left.value.code or 0)


def test_hits_are_a_table_with_marks(pressed: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert run('"heat wave"', "--limit", "1", datadir=pressed) == 0
    out, err = capsys.readouterr()
    assert "score" in out
    assert "**Heat wave**" in out
    assert "2026-10-30" in out
    assert "1 of 2 articles" in err


def test_a_table_fits_a_narrow_terminal(
    pressed: DataDir, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert run("heat", datadir=pressed) == 0
    out = capsys.readouterr().out
    assert "\x1b[1mHeat\x1b[0m" in out
    assert "**" not in out
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in out.splitlines()) <= 80


def test_filters_and_order(pressed: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ("--language", "ja", "--language", "zh", "--from", "2026-11-04", "--to", "2026-11-06", "--sort", "newest")
    assert run("*", *chosen, "--format", "jsonl", datadir=pressed) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["url"].rpartition("/")[2] for row in rows] == ["beijing", "kyoto", "tokyo"]
    assert [row["score"] for row in rows] == [None] * 3


def test_json_has_marks_and_what_a_hit_is(pressed: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run("zurich STRASSE", "--source", "paper", "--domain", "news.example", "--format", "json", datadir=pressed) == 0
    )
    [row] = json.loads(capsys.readouterr().out)
    assert row["snippet"] == "Der Bürgermeister eröffnet die **Straße**. Heißes Wetter."
    assert (row["rank"], row["title"], row["language"]) == (1, "Neue Straße in Zürich", "de")
    assert row["published_at"] == "2026-11-01T08:00:00+00:00"
    assert len(row["article_id"]) == 32


def test_parquet_goes_to_a_file(pressed: DataDir, tmp_path: Path) -> None:
    target = tmp_path / "hits.parquet"
    assert run("東京", "--format", "parquet", "--output", str(target), datadir=pressed) == 0
    assert pq.read_table(target).num_rows == 2


def test_no_hits_are_said_with_a_hint(pressed: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nowhere", datadir=pressed) == 0
    assert "no article matches: try fewer words" in capsys.readouterr().err
    assert run("heat", "--language", "ja", datadir=pressed) == 0
    assert "leave out a filter" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (('"open',), 'the quote " is not closed, at character 1'),
        (("heat", "--from", "yesterday"), "--from is a day like 2026-11-20"),
        (("heat", "--limit", "0"), "the limit of a search must be 1 or more"),
        (("heat", "--output", "x.txt"), "--output goes with --format"),
    ],
)
def test_mistakes_are_one_line_and_exit_1(
    pressed: DataDir, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str
) -> None:
    assert run(*arguments, datadir=pressed) == 1
    err = capsys.readouterr().err
    assert problem in err
    assert len(err.splitlines()) == 1


def test_before_the_first_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("heat", datadir=DataDir.open(tmp_path / "data", create=True)) == 1
    assert "nothing is loaded" in capsys.readouterr().err
