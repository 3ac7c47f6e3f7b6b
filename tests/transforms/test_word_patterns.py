"""One pattern a letter finds what all patterns, one after the other, would find."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.body_zones import _ZONES
from transforms.word_patterns import FirstOf

PATTERNS = ["(?:ads?|advert(?:s|ising)?)", r"(?:\w*caption|(?:photo|image)-legend)", "(?:s?hare|(?:no-)?ad)"]
ZONES = [pattern for _, pattern in _ZONES]
ALL_ZONES = FirstOf(ZONES, end="(?:-|$)")
WORDS = [*re.findall("[a-z]+", " ".join(ZONES)), "éclair", "4you", ""]


def plain(patterns: list[str], text: str) -> int | None:
    """Each pattern tried in turn."""
    return next((n for n, pattern in enumerate(patterns) if re.match(f"{pattern}(?:-|$)", text)), None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ads", 0),
        ("ad", 0),
        ("no-ad", 2),
        ("photo-legend", 1),
        ("bildcaption", 1),
        ("çcaption", 1),
        ("hare", 2),
        ("share-now", 2),
        ("adverts-top", 0),
        ("address", None),
        ("", None),
    ],
)
def test_the_first_pattern_that_matches(text: str, number: int | None) -> None:
    assert FirstOf(PATTERNS, end="(?:-|$)").number_at(text, 0) == number == plain(PATTERNS, text)


def test_it_is_asked_at_a_place() -> None:
    assert FirstOf(PATTERNS, end="(?:-|$)").number_at("big-ads", 4) == 0


@pytest.mark.parametrize("pattern", ["ads?", "(?:a)|(?:b)", "(?:a"])
def test_what_is_no_group_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="group"):
        FirstOf([pattern], end="$")


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("-".join))
def test_names_of_zones(text: str) -> None:
    assert ALL_ZONES.number_at(text, 0) == plain(ZONES, text)
