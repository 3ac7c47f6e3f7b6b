from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalize import clean_text
from transforms.search_passage import best_passage, marked_line, patterns
from transforms.search_query import SearchSyntaxError, parse, wanted
from transforms.search_terms import fold

MARKED = [
    ("zurich", "In Zürich und ZÜRICH, nicht Zürichsee", "In **Zürich** und **ZÜRICH**, nicht Zürichsee"),
    ("strasse", "Die Straße, die STRASSE", "Die **Straße**, die **STRASSE**"),
    ("coeur", "Le cœur bat", "Le **cœur** bat"),
    ("heat wav*", "Heat, waves, heatwave, wav", "**Heat**, **waves**, heatwave, **wav**"),
    ('"heat wave"', "heat wave; heat, wave; wave heat", "**heat wave**; **heat, wave**; wave heat"),
    ("東京", "東京都庁と京都", "**東京**都庁と京都"),
    ("京都", "東京都庁と京都", "東**京都**庁と**京都**"),
    ("猫", "黒猫が来た", "黒**猫**が来た"),
    ("서울", "서울에서", "**서울**에서"),
    ("ไทย", "ภาษาไทยง่าย", "ภาษา**ไทย**ง่าย"),
    ("المدرسة", "إلى المُدَرِّسَةُ اليوم", "إلى **المُدَرِّسَةُ** اليوم"),
    ("елка", "Новая ёлка", "Новая **ёлка**"),
    ('"tokyo 東京"', "Tokyo東京タワー", "**Tokyo東京**タワー"),
    ("don't", "They don’t know", "They **don’t** know"),
    ("a b", "a b ab", "**a** **b** ab"),
    ("a -b", "a b", "**a** b"),
]


@pytest.mark.parametrize(("query", "text", "marked"), MARKED, ids=[m[0] for m in MARKED])
def test_words_are_marked_as_they_are_written(query: str, text: str, marked: str) -> None:
    assert marked_line(text, patterns(wanted(parse(query)))).marked() == marked


def test_the_passage_is_where_most_of_the_words_stand() -> None:
    text = "The dam held. " * 30 + "Then the river rose over the dam. " + "The dam held. " * 30
    passage = best_passage(text, patterns(wanted(parse("river dam"))), letters=80)
    assert "**river** rose over the **dam**" in passage.marked()
    assert passage.text.startswith("…")
    assert passage.text.endswith("…")
    assert len(passage.text) <= 82


def test_a_passage_begins_at_a_sentence_and_does_not_cut_words() -> None:
    text = (
        "One two three four. " * 10
        + "A new sentence names the harbour and goes on for quite some time after that. " * 3
    )
    passage = best_passage(text, patterns(wanted(parse("harbour"))), letters=60)
    assert passage.text.startswith("…A new sentence names the harbour")
    assert passage.text.rstrip("…").split()[-1] in text.split()


def test_without_a_hit_the_passage_is_the_beginning() -> None:
    assert best_passage("First words. " * 40, (), letters=30).text == "First words. First words.…"


def test_lines_become_one_line() -> None:
    assert best_passage("one\ntwo", patterns(wanted(parse("two")))).marked() == "one **two**"


@given(
    st.text(st.sampled_from("abé œ東京.\n\u0301ß ไม่"), max_size=400),
    st.sampled_from(["a", "ab", "e", "oe", "東", "東京", "ss", "a b", '"a b"', "b*", "ไ"]),
    st.integers(10, 60),
)
def test_marks_lie_in_the_passage_in_order_and_hold_what_was_asked(text: str, query: str, letters: int) -> None:
    try:
        found = patterns(wanted(parse(query)))
    except SearchSyntaxError:
        return
    passage = best_passage(clean_text(text), found, letters=letters)
    done = 0
    for start, end in passage.marks:
        assert done <= start < end <= len(passage.text)
        done = end
    for start, end in passage.marks:
        assert any(p.search(fold(passage.text[start:end])) for p in found)
