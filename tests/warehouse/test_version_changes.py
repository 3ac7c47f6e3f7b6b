"""article_versions says what changed, whatever order the captures come in."""

from __future__ import annotations

import itertools

import pytest
from synthetic import NOW, Shown, put, query

from flows.diff_page import facts
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.history import read_difference, read_history
from warehouse.load import load

A = "The clock will stop for three weeks. " * 4 + "\nThe bell rings."
B = A.replace("three", "five")
NOTED = B + "\nCorrection: it is five weeks, not three."

COLUMNS = "version_number, changed_fields, words_added_count, words_removed_count, is_silent"
HISTORY = [
    Shown(text=A, minute=0),
    Shown(text=B, minute=10),
    Shown(text=A, minute=20),
    Shown(text=A, minute=30, title="Clock stops"),
    Shown(text=B, minute=40, title="Clock stops", modified=35),
    Shown(text=NOTED, minute=50, title="Clock stops", modified=35),
]
EXPECTED = [
    (1, [], None, None, None),
    (2, ["text"], 4, 4, True),
    (3, ["text"], 4, 4, True),
    (4, ["title"], 0, 0, True),
    (5, ["text"], 4, 4, False),
    (6, ["text"], 7, 0, False),
]


def versions(datadir: DataDir) -> list[tuple[object, ...]]:
    return query(datadir.warehouse, f"SELECT {COLUMNS} FROM article_versions ORDER BY version_number")


@pytest.mark.parametrize("loads", [[(0, 1, 2, 3, 4, 5)], [(5, 2), (3, 0), (4, 1)]])
def test_what_changed_in_whatever_order_it_came(ready: DataDir, loads: list[tuple[int, ...]]) -> None:
    for numbers in loads:
        for number in numbers:
            put(ready, f"batch-{number}", [HISTORY[number]])
        load(ready, run_id="r", now=NOW)
    assert versions(ready) == EXPECTED
    previous = query(
        ready.warehouse,
        "SELECT previous_capture_id = lag(capture_id) OVER (ORDER BY version_number) FROM article_versions "
        "ORDER BY version_number",
    )
    assert previous == [(None,), *[(True,)] * 5]


def test_a_late_capture_changes_what_its_follower_is_compared_with(ready: DataDir) -> None:
    put(ready, "a", [HISTORY[0], HISTORY[4]])
    load(ready, run_id="r", now=NOW)
    assert versions(ready)[1] == (2, ["title", "text"], 4, 4, False)
    put(ready, "b", [HISTORY[3]])
    load(ready, run_id="r", now=NOW)
    assert versions(ready) == [EXPECTED[0], (2, ["title"], 0, 0, True), (3, *EXPECTED[4][1:])]
    put(ready, "c", [Shown(text=B, minute=-5)])
    load(ready, run_id="r", now=NOW)
    assert versions(ready)[:2] == [EXPECTED[0], (2, ["text"], 4, 4, True)]


def test_a_load_compares_only_what_stands_beside_another_capture_than_before(
    ready: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ready, "a", HISTORY[:4])
    load(ready, run_id="r", now=NOW)
    compared: list[str] = []
    from transforms import changes

    def counted(old: changes.Shown, new: changes.Shown) -> object:
        compared.append(new.text)
        return original(old, new)

    original = changes.compare
    monkeypatch.setattr(changes, "compare", counted)
    put(ready, "b", HISTORY[4:])
    load(ready, run_id="r", now=NOW)
    assert sorted(compared) == [B, NOTED]
    assert versions(ready) == EXPECTED


@pytest.fixture
def clock(ready: DataDir) -> DataDir:
    put(ready, "all", HISTORY)
    load(ready, run_id="r", now=NOW)
    return ready


def test_edits_and_edit_days(clock: DataDir) -> None:
    found = query(
        clock.warehouse,
        "SELECT version_number, was_title, title, is_silent, minute(seen_at), after_publication_h::INTEGER FROM edits "
        "ORDER BY version_number",
    )
    first, last = "Ferry returns to the harbour", "Clock stops"
    assert found == [
        (2, first, first, True, 10, 24),
        (3, first, first, True, 20, 24),
        (4, first, last, True, 30, 24),
        (5, last, last, False, 40, 25),
        (6, last, last, False, 50, 25),
    ]
    [days] = query(clock.warehouse, "SELECT * EXCLUDE (day_date, after_publication_median_h) FROM edit_days")
    assert days == ("paper", 5, 1, 3, 1, 19, 12)


def test_a_history_by_address_article_and_capture(clock: DataDir) -> None:
    history = read_history(clock, "https://news.example/a?utm_source=feed")
    assert [v.version_number for v in history.versions] == [1, 2, 3, 4, 5, 6]
    assert read_history(clock, history.article_id) == history
    assert read_history(clock, HISTORY[2].capture_id) == history
    with pytest.raises(UserError, match="no article at"):
        read_history(clock, "https://news.example/none")


def test_a_difference_of_any_two_versions(clock: DataDir) -> None:
    last = read_difference(clock, "https://news.example/a")
    assert (last.old.version_number, last.new.version_number, last.words_added) == (5, 6, 7)
    wide = read_difference(clock, "https://news.example/a", old_number=1, new_number=4)
    assert [f.name for f in wide.fields] == ["title"]
    assert (wide.words_added, wide.words_removed) == (0, 0)
    back = read_difference(clock, "https://news.example/a", old_number=1, new_number=3)
    assert (wide.is_same, back.is_same) == (False, True)
    assert facts(back).endswith("): the two are the same")
    assert facts(wide).endswith("): 0 words added, 0 removed")
    with pytest.raises(UserError, match="both say version 2"):
        read_difference(clock, "https://news.example/a", old_number=2, new_number=2)
    for numbers in ((0, 1), (1, 7)):
        with pytest.raises(UserError, match="there is no version"):
            read_difference(clock, "https://news.example/a", old_number=numbers[0], new_number=numbers[1])


def test_stored_counts_are_those_of_the_diff(clock: DataDir) -> None:
    stored = {row[0]: row[2:4] for row in versions(clock)}
    for old, new in itertools.pairwise(range(1, 7)):
        difference = read_difference(clock, "https://news.example/a", old_number=old, new_number=new)
        assert (difference.words_added, difference.words_removed) == stored[new]
