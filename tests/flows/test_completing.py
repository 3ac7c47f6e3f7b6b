from __future__ import annotations

import pytest

from flows.commands.completing import Names, completions

NAMES = Names(
    tables={"articles": ("article_id", "title", "text"), "comments": ("comment_id", "article_id", "author")},
    functions=("array_to_string", "avg", "count"),
    macros=("articles_as_of",),
    keywords=("AND", "AS", "FROM", "SELECT"),
)


@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        ("FROM art", "", ["articles", "articles_as_of("]),
        ("SELECT 1 FROM articles JOIN ", "", ["articles", "comments", "articles_as_of("]),
        ("SELECT ti", " FROM articles", ["title"]),
        ("SELECT ti", "", ["title"]),
        ("SELECT a.t", " FROM articles AS a", ["a.title", "a.text"]),
        ("SELECT c.", "\nFROM articles a\nJOIN comments c", ["c.comment_id", "c.article_id", "c.author"]),
        ("SELECT zz.t", " FROM articles AS a", []),
        ("SELECT articles.te", " FROM articles", ["articles.text"]),
        ("SELECT a", " FROM comments", ["article_id", "author", "articles", "and", "as", "array_to_string(", "avg("]),
        ("SELECT a", " FROM articles_as_of('2026-11-01')", ["articles", "article_id", "author", "and", "as"]),
        ("SEL", "", ["SELECT"]),
        ("sel", "", ["select"]),
        ("SELECT co", " FROM articles", ["comments", "count("]),
        ("SELECT nothing_like_it", "", []),
    ],
)
def test_what_fits_the_place_is_offered(before: str, after: str, offered: list[str]) -> None:
    found = completions(before, before + after, NAMES)
    assert found[: len(offered)] == offered
    assert bool(found) == bool(offered)
