"""Patterns in small letters asked of texts in small letters: none may hold a capital, and places must agree."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import body_words, body_words_credits, body_words_tail, comments_words, correction_notes, marks, walls
from transforms.small_letters import small

_MODULES = (body_words, body_words_credits, body_words_tail, comments_words, correction_notes, marks, walls)
PATTERNS = [
    pytest.param(value, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in _MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern) and not value.flags & re.IGNORECASE
]
_NO_LETTERS = re.compile(r"\\.|\(\?P<\w+>")
"""Classes such as \\W, and names of groups."""


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_asked_of_small_letters_holds_no_capital(pattern: re.Pattern[str]) -> None:
    written = _NO_LETTERS.sub("", pattern.pattern)
    assert small(written) == written


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("Read MORE", "read more"),
        ("ÜBER Öl", "über öl"),
        ("İzmir’de", "İzmir’de"),
        ("ΣΧΌΛΙΑ", "σχόλια"),
        ("続き", "続き"),
    ],
)
def test_small_letters(text: str, lowered: str) -> None:
    assert small(text) == lowered


@given(st.text())
def test_each_letter_keeps_its_place(text: str) -> None:
    lowered = small(text)
    assert len(lowered) == len(text)
    assert [one.casefold() for one in lowered] == [one.casefold() for one in text]
