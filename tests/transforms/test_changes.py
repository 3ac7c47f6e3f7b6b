"""What changed between two versions: words, fields, and whether the page says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.changes import Shown, compare
from transforms.correction_notes import is_note
from transforms.diff import Mark, Piece, count_changed_words, diff_texts
from transforms.fingerprint import word_count
from transforms.subsequence import common_places

MARKS = {Mark.SAME: ("", ""), Mark.REMOVED: ("[-", "-]"), Mark.ADDED: ("{+", "+}")}


def marked(old: str, new: str) -> list[str]:
    return ["".join(MARKS[p.mark][0] + p.text + MARKS[p.mark][1] for p in par) for par in diff_texts(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "shown", "added", "removed"),
    [
        ("a b c", "a b c", ["a b c"], 0, 0),
        ("for three weeks", "for five weeks", ["for [-three-]{+five+} weeks"], 1, 1),
        ("The ferry is back.", "The old ferry is back.", ["The{+ old+} ferry is back."], 1, 0),
        ("One.\nTwo.", "One.", ["One.", "[-Two.-]"], 0, 1),
        ("One.", "One.\nTwo more.", ["One.", "{+Two more.+}"], 2, 0),
        ("A.\nB.\nC.", "A.\nC.\nB.", ["A.", "{+C.+}", "B.", "[-C.-]"], 1, 1),
        ("港は三週間閉まる。", "港は五週間も閉まる。", ["港は[-三-]{+五+}週間{+も+}閉まる。"], 2, 1),
        ("", "Two words", ["{+Two words+}"], 2, 0),
        ("well-known, it's", "well-known; it's", ["well-known[-,-]{+;+} it's"], 0, 0),
        ("One two.\nThree.", "One two. Three.", ["One two.[-¶-]", " Three."], 0, 0),
        # one word in common between two long changes is chance
        (
            "The council met on Monday and sang of bridges until late",
            "A report was printed at dusk and nobody has read any of it",
            ["[-The council met on Monday and sang of bridges until late-]"
             "{+A report was printed at dusk and nobody has read any of it+}"],
            13,
            11,
        ),
    ],
)  # fmt: skip
def test_what_came_and_went(old: str, new: str, shown: list[str], added: int, removed: int) -> None:
    assert marked(old, new) == shown
    counts = count_changed_words(old, new)
    assert (counts.added, counts.removed) == (added, removed)


TEXTS = st.text(st.sampled_from("ab c.\n港湾é-'"), max_size=40)


def without_space(pieces: list[Piece], *marks: Mark) -> str:
    return "".join("".join(p.text.replace("¶", "").split()) for p in pieces if p.mark in marks)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_marks(old: str, new: str) -> None:
    pieces = [piece for paragraph in diff_texts(old, new) for piece in paragraph]
    assert without_space(pieces, Mark.SAME, Mark.REMOVED) == "".join(old.split())
    assert without_space(pieces, Mark.SAME, Mark.ADDED) == "".join(new.split())


@given(TEXTS, TEXTS)
def test_the_counts_are_those_of_the_texts(old: str, new: str) -> None:
    counts = count_changed_words(old, new)
    assert counts.added - counts.removed == word_count(new) - word_count(old)
    back = count_changed_words(new, old)
    assert (back.added - back.removed) == counts.removed - counts.added
    assert count_changed_words(new, new) == count_changed_words(old, old)


def longest(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        before = row
        row = [0]
        for n, y in enumerate(b):
            row.append(before[n] + 1 if x == y else max(before[n + 1], row[n]))
    return row[-1]


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_the_common_subsequence_is_one_and_the_longest(a: str, b: str) -> None:
    places = common_places(a, b)
    assert all(a[i] == b[j] for i, j in places)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(places))
    assert len(places) == longest(a, b)


def test_a_text_written_anew_costs_no_table_beyond_the_cap() -> None:
    counts = count_changed_words("a " * 30_000 + "end", "b " * 30_000 + "end")
    assert (counts.added, counts.removed) == (30_000, 30_000)


AT = datetime(2026, 11, 10, 17, 20, tzinfo=UTC)
LATER = datetime(2026, 11, 14, 20, 5, tzinfo=UTC)
OLD = Shown(title="Clock", authors=["Ada"], published_at=AT, modified_at=AT, text="Three weeks.\nThe bell rings.")


@pytest.mark.parametrize(
    ("changes", "fields", "is_silent"),
    [
        ({"text": "Five weeks.\nThe bell rings."}, ("text",), True),
        ({"text": "Five weeks.\nThe bell rings.", "modified_at": LATER}, ("text",), False),
        ({"text": "Five weeks.\nThe bell rings.", "modified_at": None}, ("text",), True),
        ({"title": "Clock stops", "text": "Five."}, ("title", "text"), True),
        ({"text": OLD.text + "\nCorrection, 14 November: we said three."}, ("text",), False),
        ({"text": "Five.", "stripped": ["Updated: 14.11.2026, 20:05"]}, ("text",), False),
        ({"title": "UPDATE: Clock", "text": "Five."}, ("title", "text"), False),
        ({"authors": ["Ada", "Bo"]}, ("authors",), True),
        ({"published_at": LATER}, ("published_at",), True),
        ({"published_at": None, "authors": []}, ("authors", "published_at"), True),
    ],
)
def test_fields_and_silence(changes: dict[str, object], fields: tuple[str, ...], is_silent: bool) -> None:
    found = compare(OLD, replace(OLD, **changes))  # type: ignore[arg-type]
    assert found.changed_fields == fields
    assert found.is_silent is is_silent


def test_a_note_that_was_there_before_is_no_notice_and_a_time_stated_for_the_first_time_is() -> None:
    noted = replace(OLD, text="Correction: three.\nThe bell rings.")
    assert compare(noted, replace(noted, text="Correction: three.\nThe bell is silent.")).is_silent
    assert not compare(replace(OLD, modified_at=None), replace(OLD, text="Five.")).is_silent


@pytest.mark.parametrize(
    "line",
    [
        "Correction, 14 November: an earlier version of this story said three.",
        "Update: the road is open again.",
        "UPDATE – road open",
        "Updated on 3 May 2026",
        "[Update 12:30] The bridge is closed.",
        "Editor's note: the name was misspelt.",
        "*An earlier version of this article gave the wrong day.",
        "The mayor spoke. An earlier version of this article said that he sang.",
        "Korrektur: In einer früheren Fassung hieß es anders.",
        "Aktualisiert am 4. Mai 2026, 12:00 Uhr",
        "Hinweis der Redaktion: Wir haben den Namen berichtigt.",
        "Mise à jour : le pont est ouvert.",
        "Cet article a été modifié le 4 mai.",
        "Corrección: eran nueve.",
        "Nota de la redacción: el nombre era otro.",
        "Aggiornamento ore 12",
        "Rättelse: I en tidigare version stod fel namn.",
        "Исправление: в заметке была ошибка",
        "تصحيح: ذكرنا اسما آخر",
        "訂正：本文の日付に誤りがありました。",
        "【追記】市は十日に再開した。",
        "更正：原文有误。",
        "정정: 앞서 쓴 날짜를 고칩니다",
    ],
)
def test_notes(line: str) -> None:
    assert is_note(line)


@pytest.mark.parametrize(
    "line",
    [
        "Update your browser before the storm arrives.",
        "The correction of the river took years.",
        "Updates to the tram are planned for May.",
        "Update 2.0 of the tide clock is out.",
        "Correction officers met on Monday.",
        "Die Korrektur der Lein dauerte neun Jahre.",
        "La corrección de la obra la hizo un burro.",
        "更新世の化石が見つかった",
        "Correction: " + "a long paragraph of its own " * 80,
    ],
)
def test_no_notes(line: str) -> None:
    assert not is_note(line)
