"""Names searched all at once: nothing that a pattern finds is left out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import comments_markup, forum_posts, marks
from transforms.name_index import NameIndex, Words, any_of


@pytest.mark.parametrize(
    ("names", "beginnings", "found"),
    [
        ([], ("com",), []),
        (["a"], ("com",), []),
        (["col", "Post-Comments", "co mment", "news__comment"], ("com",), ["Post-Comments", "news__comment"]),
        (["co", "mments"], ("com",), []),
        (["amd", "m d", "MD-6", "m", "d"], ("md",), ["amd", "MD-6"]),
        (
            ["vf-x", "vf", "K-post", "İpost", "é post\ud800"],
            ("vf-", "pos"),
            ["vf-x", "K-post", "İpost", "é post\ud800"],
        ),
    ],
)
def test_names_that_hold_a_beginning(names: list[str], beginnings: tuple[str, ...], found: list[str]) -> None:
    assert NameIndex(names).having(any_of(*beginnings)) == found


@pytest.mark.parametrize("beginning", ["", "c", "comm", "Com", "c1x"])
def test_what_is_no_beginning_is_refused(beginning: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        any_of(beginning)


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (comments_markup._HINT, comments_markup._WORDS),
        (forum_posts._HINT, forum_posts._WORDS),
        (marks._HINT, marks._WORDS),
    ],
)
@given(data=st.data())
def test_every_name_that_a_rule_means_is_found(pattern: re.Pattern[str], rule: Words, data: st.DataObject) -> None:
    name = data.draw(st.from_regex(pattern)).replace("\0", "")
    index = NameIndex(["first", name, "last"])
    assert name in index.having(rule) or pattern.search(name) is None
