"""One search finds, in all words of a text, what all patterns, one after the other, would find in each."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.body_zones import _ZONES
from transforms.word_patterns import FirstOf

PATTERNS = ["(?:ads?|advert(?:s|ising)?)", r"(?:\w*caption|(?:photo|image)-legend)", "(?:s?hare|(?:no-)?ad)"]
ZONES = [pattern for _, pattern in _ZONES]
SOME, ALL_ZONES = FirstOf(PATTERNS), FirstOf(ZONES)
WORDS = [*re.findall("[a-z]+", " ".join(ZONES)), "éclair", "4you", "çcaption", "a2a", ""]


def plain(patterns: list[str], text: str) -> dict[int, int]:
    """Each pattern tried in turn at each word."""
    starts = [0, *(match.end() for match in re.finditer("[- \0]", text))]
    found = {
        start: next((n for n, p in enumerate(patterns) if re.match(f"{p}(?:[- \0]|$)", text[start:])), -1)
        for start in starts
    }
    return {start: number for start, number in found.items() if number >= 0}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ads", {0: 0}),
        ("ad", {0: 0}),
        ("no-ad", {0: 2, 3: 0}),
        ("photo-legend", {0: 1}),
        ("bildcaption", {0: 1}),
        ("çcaption", {0: 1}),
        ("hare", {0: 2}),
        ("share-now", {0: 2}),
        ("adverts-top", {0: 0}),
        ("big-ads wide\0share image\0legend", {4: 0, 13: 2}),
        ("address", {}),
        ("image legend", {}),
        ("", {}),
    ],
)
def test_the_first_pattern_that_each_word_begins(text: str, found: dict[int, int]) -> None:
    assert dict(SOME.found_in(text)) == found == plain(PATTERNS, text)


@pytest.mark.parametrize("pattern", ["ads?", "(?:a)|(?:b)", "(?:a"])
def test_what_is_no_group_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="group"):
        FirstOf([pattern])


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from("-- \0")), max_size=12))
def test_names_of_zones(words: list[tuple[str, str]]) -> None:
    text = "".join(word + sign for word, sign in words)
    assert dict(ALL_ZONES.found_in(text)) == plain(ZONES, text)
