"""The fallbacks with their parts exchanged give what the libraries give."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from justext.core import ParagraphMaker, classify_paragraphs, revise_paragraph_classification
from lxml.html import HtmlElement, tostring
from trafilatura import external

from transforms import body_fallbacks
from transforms.guards import parse

PAGES = sorted(path for path in Path(__file__).parent.parent.rglob("*.html") if "<body" in path.read_text("utf-8"))[::3]
WORDS = ("the", "a", "at", "and", "that", "it", "is", "before", "says")
PIECES = (
    *("<p>", "</p>", "<div>", "</div>", "<br>", "<br><br>", "<a href='/x'>", "</a>", "<b>", "<select><option>", "<td>"),
    *(
        "<aside>",
        "</aside>",
        "<div class='Cookie-Banner'>",
        "<div id='footer' class='x'>",
        "<div class='x' id='footer'>",
    ),
    *(
        "The ferry sails at noon, and the board says that it is the last one before the winter. " * 3,
        "©",
        " \n ",
        "a\xa0b",
    ),
)


def parsed(markup: str) -> HtmlElement:
    tree, _ = parse(f"<html><body>{markup}</body></html>")
    assert tree is not None
    return tree


def assert_same(tree: HtmlElement) -> None:
    baseline = import_module("trafilatura.baseline")
    cleaned = body_fallbacks._baseline["basic_cleaning"](copy(tree))
    assert tostring(cleaned) == tostring(baseline.basic_cleaning(copy(tree)))
    ours, theirs = body_fallbacks._ParagraphMaker.make_paragraphs(cleaned), ParagraphMaker.make_paragraphs(cleaned)
    for paragraphs in (ours, theirs):
        classify_paragraphs(paragraphs, WORDS, 50, 150, 0.1, 0.2, 0.25, True)
        revise_paragraph_classification(paragraphs, 150)
    assert [(p.text, p.class_type, p.dom_path) for p in ours] == [(p.text, p.class_type, p.dom_path) for p in theirs]
    read, expected = body_fallbacks._external["try_readability"](copy(tree)), external.try_readability(copy(tree))
    assert tostring(read) == tostring(expected)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_page(page: Path) -> None:
    tree, _ = parse(page.read_text("utf-8"))
    assert tree is not None
    assert_same(tree)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=40)
def test_any_markup(markup: str) -> None:
    assert_same(parsed(markup))
