"""The ways to connect that docs/connect.md shows, and what other versions of DuckDB make of the file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from synthetic import NOW, Shown, put

from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.load import load
from warehouse.query import run_sql

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.findall(r"```python\n(.*?)```", (DOCS / "connect.md").read_text(encoding="utf-8"), re.DOTALL)
QUERIES = [
    query
    for file in (DOCS.parent / "README.md", DOCS / "questions.md")
    for query in re.findall(r"```sql\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("block", BLOCKS, ids=[b.strip().splitlines()[-1][:40] for b in BLOCKS])
def test_a_block_of_the_page_runs(loaded: DataDir, tmp_path: Path, block: str) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "data").symlink_to(loaded.root)
    done = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path / "here", capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_page_shows_each_way() -> None:
    assert len(BLOCKS) >= 6
    for module in ("duckdb", "ibis", ".pl()", ".df()", "warehouse.guest"):
        assert any(module in block for block in BLOCKS)


def test_the_file_says_that_it_is_in_the_format_of_1_5(loaded: DataDir) -> None:
    with duckdb.connect(str(loaded.warehouse), read_only=True) as con:
        found = con.execute("SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal").fetchone()
    assert str(found[0]).startswith("v1.5.0")


SHELL = shutil.which("duckdb")


@pytest.mark.skipif(SHELL is None, reason="no DuckDB shell on the path")
def test_a_shell_opens_it_and_answers(loaded: DataDir) -> None:
    names = [str(row[0]) for row in run_sql(loaded, "SHOW TABLES").rows]
    for query in [*QUERIES, *(f"FROM {name}" for name in names), "FROM articles_as_of('2026-12-01')"]:
        done = subprocess.run(
            [str(SHELL), "-readonly", str(loaded.warehouse), "-csv", "-c", query],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), query


def test_a_program_that_holds_the_file_for_writing_is_named(loaded: DataDir) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(loaded.warehouse)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WarehouseError, match="open for writing"):
            run_sql(loaded, "SELECT 1")
        # a load replaces the file, whoever holds it
        put(loaded, "c", [Shown(minute=9)])
        load(loaded, run_id="run-9", now=NOW)
        assert run_sql(loaded, "SELECT count(*) FROM captures").rows == [(3,)]
    finally:
        holder.communicate(b"\n")
    assert run_sql(loaded, "SELECT 1").rows == [(1,)]
