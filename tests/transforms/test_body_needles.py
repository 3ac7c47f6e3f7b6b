"""The joint search finds what the patterns find, one after the other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura import xpaths

from transforms.body_needles import Words
from transforms.body_selectors import First, Selection

LISTS = [xpaths.OVERALL_DISCARD_XPATH, xpaths.TEASER_DISCARD_XPATH, xpaths.RAW_TREE_PRUNE_XPATH]
RULES = [rule for expressions in LISTS for rule in Selection(expressions).rules]
RULES += [rule for expression in xpaths.BODY_XPATH for rule in First(expression).rules or ()]
OF_LIBRARY = [c.pattern for rule in RULES if rule for c in rule.conditions if c.pattern]
ALL = Words(OF_LIBRARY)


def one_by_one(patterns: list[str], text: str) -> bool:
    return any(re.search(pattern, text) is not None for pattern in patterns)


@pytest.mark.parametrize(
    "pattern", ["a|bc", "^a|b$", "(?:^| )ad-|x", "(?:a|(?:b|c)d)e", "[)|(]x", r"\(a|\|b", "(?:a)?b|(?:c)+"]
)
@pytest.mark.parametrize(
    "text", ["", "a", "xa", "bc", "x ad-", "ad-", "-ad-", "bde", "ae", "be", ")x", "|x", "(a", "|b", "b", "cc"]
)
def test_alternatives_groups_and_beginnings(pattern: str, text: str) -> None:
    assert Words([pattern]).are_in(text) == one_by_one([pattern], text)


@given(st.lists(st.sampled_from(re.findall(r"[\w ^-]+", " ".join(OF_LIBRARY))), max_size=4).map("".join))
@settings(max_examples=60)
def test_the_library_s_own_words(text: str) -> None:
    assert ALL.are_in(text) == one_by_one(OF_LIBRARY, text)
