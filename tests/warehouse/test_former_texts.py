"""What a version is compared with comes from the search index of the load before, and from the warehouse otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import duckdb
import pytest
from synthetic import NOW, Shown, put, query

from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.search_open import OpenIndex
from warehouse.texts import rows_with_text

OLD = Shown(text="The clock will stop for three weeks. " * 4)
SHORT = Shown(url="https://news.example/b", text="The bell rings.", minute=1)
NEW = Shown(text=OLD.text + "The bell rings.", minute=10)
NEW_SHORT = Shown(url="https://news.example/b", text="The bell rang.", minute=11)
CHANGES = [("https://news.example/a", 3, 0), ("https://news.example/b", 1, 1)]


@pytest.fixture
def unread(ready: DataDir, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The captures whose texts the comparison takes from the warehouse itself; one load is done."""
    put(ready, "one", [OLD, SHORT])
    load(ready, run_id="r", now=NOW)
    put(ready, "two", [NEW, NEW_SHORT])
    read: list[str] = []

    def spy(con: duckdb.DuckDBPyConnection, chosen: str) -> str:
        read.extend(key for (key,) in con.execute(f"SELECT capture_id FROM {chosen}").fetchall())
        return rows_with_text(con, chosen)

    monkeypatch.setattr("warehouse.changes.rows_with_text", spy)
    return read


def compared(datadir: DataDir) -> list[tuple[object, ...]]:
    load(datadir, run_id="r", now=NOW)
    return query(
        datadir.warehouse,
        "SELECT url, words_added_count, words_removed_count FROM article_versions WHERE version_number = 2 ORDER BY 1",
    )


def test_long_texts_come_from_the_index(ready: DataDir, unread: list[str]) -> None:
    assert compared(ready) == CHANGES
    # a short one has no hash to believe it by
    assert sorted(unread) == sorted([NEW.capture_id, NEW_SHORT.capture_id, SHORT.capture_id])


@pytest.mark.parametrize("told", [None, "Something else altogether."])
def test_a_text_that_the_index_has_not_is_read(
    ready: DataDir, unread: list[str], told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    other: Callable[[OpenIndex, str], str | None] = lambda self, article_id: told  # noqa: E731
    monkeypatch.setattr(OpenIndex, "text_of", other)
    assert compared(ready) == CHANGES
    assert OLD.capture_id in unread


def test_without_an_index_all_are_read(ready: DataDir, unread: list[str]) -> None:
    shutil.rmtree(ready.index)
    assert compared(ready) == CHANGES
    assert OLD.capture_id in unread
