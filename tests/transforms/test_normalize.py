"""Text in its stored form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.fingerprint import content_hash, word_count
from transforms.language import language_of
from transforms.normalize import clean_line, clean_text


@pytest.mark.parametrize(
    ("given_text", "line"),
    [
        ("  a \t b\u00a0c  ", "a b c"),
        ("e\u0301", "é"),
        ("zero\u200bwidth", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("nul\x00 and \x1b escape", "nul and escape"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍👧", "👩‍👧"),
    ],
)
def test_clean_line(given_text: str, line: str) -> None:
    assert clean_line(given_text) == line


def test_clean_text_keeps_paragraphs() -> None:
    assert clean_text("one\r\n\r\n two \u2028three\n\x00\n") == "one\ntwo\nthree"


@given(st.text())
def test_cleaning_is_idempotent_and_storable(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Don't count twenty-two as two.", 5),
        ("町の議会", 4),
        ("서울 시청 앞", 3),
        ("สวัสดี", 4),
        ("Ein Wort 和 zwei", 4),
    ],
)
def test_word_count(text: str, words: int) -> None:
    assert word_count(text) == words


@given(st.lists(st.text(max_size=20), min_size=2, max_size=4))
def test_values_do_not_run_together_in_the_hash(values: list[str]) -> None:
    values = [clean_line(v) for v in values]
    joined = ["".join(values[:2]), *values[2:]]
    one, other = content_hash("t", values, None, "x"), content_hash("t", joined, None, "x")
    assert one != other


def test_hash_ignores_nothing_that_makes_a_version() -> None:
    base = content_hash("title", ["A"], None, "text")
    assert len({base, content_hash("Title", ["A"], None, "text"), content_hash("title", ["B"], None, "text")}) == 3
    assert base == content_hash("title", ["A"], None, "text")


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Das Stadtbad wird in diesem Sommer nicht mehr öffnen, teilte die Verwaltung am Dienstag mit.", "en", "de"),
        ("Too short", "nl", "nl"),
        ("Too short", None, None),
        ("x " * 200, "sv", "sv"),
    ],
)
def test_language(text: str, declared: str | None, language: str | None) -> None:
    assert language_of(text, declared) == language
