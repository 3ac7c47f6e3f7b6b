"""The commands that look after the disk, over pages that were really extracted: the rows stay the same."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from warehouse.records import TABLES

PAGE = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1>{1}</article></body></html>"
APART = {"loads", "batches", "text_files", "retired"}


def broadsheet(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command; its exit code and what it printed, errors included."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def rows(data: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as con:
        return {
            t.name: [str(r) for r in con.execute(f"FROM {t.name} ORDER BY ALL").fetchall()]
            for t in TABLES
            if t.name not in APART
        }


@pytest.fixture
def data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Two pages, given one after the other, so that each has a capture file of its own."""
    folder = tmp_path / "data"
    for number, name in enumerate(("Harbour", "Orchard")):
        page = tmp_path / f"{name}.html"
        sentences = (
            f"<p>The {name.lower()} was opened again in spring {n}, and people came to see it.</p>" for n in range(9)
        )
        page.write_text(PAGE.format(f"News of the {name.lower()}", "".join(sentences)))
        os.utime(page, (1_700_000_000 + number * 86_400,) * 2)
        assert broadsheet(capsys, "ingest", str(page), "--data-dir", str(folder), "--no-prefect")[0] == 0
    return folder


def test_rebuild_compact_and_retain_leave_the_rows_as_they_are(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--data-dir", str(data))
    before = rows(data)
    assert len(before["versions"]) == 2
    for command in (("compact",), ("rebuild", "--no-prefect"), ("compact",)):
        code, said = broadsheet(capsys, *command, *at)
        assert code == 0, said
        assert rows(data) == before

    code, said = broadsheet(capsys, "retain", *at)
    assert (code, "nothing says what may go" in said) == (1, True)
    code, said = broadsheet(capsys, "retain", "--budget-gb", "0.0000001", *at)
    assert (code, "2 of 2 files go" in said, "add --yes" in said) == (1, True, True)
    assert len(list(data.rglob("*.warc.gz"))) == 2
    code, said = broadsheet(capsys, "retain", "--older-than-days", "1", "--yes", *at)
    assert (code, "2 of 2 files go" in said) == (0, True)
    assert list(data.rglob("*.warc.gz")) == []

    code, said = broadsheet(capsys, "rebuild", "--no-prefect", *at)
    assert (code, "2 batches of removed capture files stay as they were read" in said) == (0, True), said
    assert rows(data) == before
    code, said = broadsheet(capsys, "verify", *at)
    assert (code, "all is well" in said) == (0, True), said


def test_a_removed_file_can_be_given_again(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--data-dir", str(data))
    before = rows(data)
    assert broadsheet(capsys, "retain", "--older-than-days", "1", "--yes", *at)[0] == 0
    code, said = broadsheet(capsys, "ingest", str(tmp_path / "Harbour.html"), "--no-prefect", *at)
    assert code == 0, said
    assert len(list(data.rglob("*.warc.gz"))) == 1
    assert rows(data) == before
