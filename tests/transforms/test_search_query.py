from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.search_query import DEPTH_MAX, All, And, Node, Not, Or, SearchSyntaxError, Words, parse, wanted


def w(*parts: str, prefix: bool = False, field: str | None = None) -> Words:
    return Words(parts, prefix, field)


PARSED: list[tuple[str, Node]] = [
    ("flood", w("flood")),
    ("Flood DAM", And((w("flood"), w("dam")))),
    ("flood AND dam", And((w("flood"), w("dam")))),
    ('"heat wave"', w("heat", "wave")),
    ("„heat wave“", w("heat", "wave")),
    ("«vague de chaleur»", w("vague", "de", "chaleur")),
    ("「東京都」", w("東京都")),
    ("東京都 猫", And((w("東京都"), w("猫")))),
    ("don't COVID-19", And((w("don", "t"), w("covid", "19")))),
    ("flood OR dam river", Or((w("flood"), And((w("dam"), w("river")))))),
    ("(flood OR dam) river", And((Or((w("flood"), w("dam"))), w("river")))),
    ("or and not", And((w("or"), w("and"), w("not")))),
    ("flood -dam", And((w("flood"), Not(w("dam"))))),
    ("flood NOT dam", And((w("flood"), Not(w("dam"))))),
    ('-"heat wave"', Not(w("heat", "wave"))),
    ("-(a b)", Not(And((w("a"), w("b"))))),
    ("riv*", w("riv", prefix=True)),
    ('"heat wav*"', w("heat", "wav", prefix=True)),
    ("東京*", w("東京")),
    ("*", All()),
    ("title:flood", w("flood", field="title")),
    ('TITLE:"heat wave"', w("heat", "wave", field="title")),
    ("title: flood", w("flood", field="title")),
    ("-title:flood", Not(w("flood", field="title"))),
    ("10:30", w("10", "30")),
    ("Paris: flood", And((w("paris"), w("flood")))),
    ("flood – dam & river", And((w("flood"), w("dam"), w("river")))),
    ("well-known", w("well", "known")),
    ("a - b", And((w("a"), w("b")))),
]


@pytest.mark.parametrize(("query", "tree"), PARSED, ids=[p[0] for p in PARSED])
def test_what_a_query_means(query: str, tree: Node) -> None:
    assert parse(query) == tree


MISTAKES = [
    ("", "the query holds no word to search for"),
    ("  – ", "the query holds no word to search for"),
    ('flood "heat', 'the quote " is not closed, at character 7'),
    ("(a b", "the ( is not closed, at character 1"),
    ("a b)", "nothing opens the ), at character 4"),
    ("()", "the query holds no word"),
    ("a OR", "OR needs a word on both sides, at character 3"),
    ("OR a", "OR needs a word on both sides, at character 1"),
    ("a OR OR b", "OR needs a word on both sides, at character 3"),
    ("a AND", "AND needs a word on both sides, at character 3"),
    ("NOT", "NOT needs a word behind it, at character 1"),
    ("wo*d", "* stands only at the end of a word or a phrase, at character 3"),
    ('"he* wave"', "* stands only at the end of a word or a phrase, at character 4"),
    ("author:quill", "there is no field author, only title (quote the words to search for them), at character 1"),
    ("https://news.example", "there is no field https"),
    ("title:-flood", "title: needs a word or a phrase behind it, at character 1"),
    ("title:(a b)", "title: needs a word or a phrase behind it, at character 1"),
    ("a 🎉", "🎉 holds no letter or digit, and nothing else is searched, at character 3"),
    ('"…"', "holds no letter or digit"),
    ("(" * (DEPTH_MAX + 1) + "a" + ")" * (DEPTH_MAX + 1), "parentheses stand in each other"),
]


@pytest.mark.parametrize(("query", "problem"), MISTAKES, ids=[m[0][:20] for m in MISTAKES])
def test_a_mistake_is_named_with_its_place(query: str, problem: str) -> None:
    with pytest.raises(SearchSyntaxError) as error:
        parse(query)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_what_must_not_occur_is_not_shown() -> None:
    assert wanted(parse('a -b (c OR "d e") -(f g)')) == (w("a"), w("c"), w("d", "e"))


@given(st.text(st.sampled_from('ab東 "()-*:ORANDtitle“”«»'), max_size=40) | st.text(max_size=40))
def test_any_text_is_a_query_or_a_mistake(text: str) -> None:
    with suppress(SearchSyntaxError):
        assert parse(text)
