"""What an element's tag, state and names say that it holds, told for all elements of a page at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, fragment_fromstring

from transforms.body_zones import zones_of


def element_of(markup: str) -> HtmlElement:
    """The first element in a division."""
    return fragment_fromstring(f"<div id='faq'>{markup}</div>")[0]


CASES = [
    ("<div>", None),
    ("<nav class='share'>", "navigation"),
    ("<div class='share'>", "share"),
    ("<div class='article-body'>", None),
    ("<div class='entry authorBio wide'>", "author_box"),
    ("<div class='author_bio'>", "author_box"),
    ("<div class='c-author__bio'>", "author_box"),
    ("<div class='author--bio'>", "author_box"),
    ("<div class='prev--next'>", "navigation"),
    ("<div class='prev_.next'>", "navigation"),
    ("<div class='prev_-next'>", None),
    ("<div class='author\tbio'>", "author_box"),
    ("<div class='x\u00a0teaser'>", "related"),
    ("<div class='ads related-posts'>", "related"),
    ("<div class='bildcaption'>", "caption"),
    ("<div class='captions'>", None),
    ("<div class='AdsBanner'>", "advertisement"),
    ("<div class='adsbanner'>", None),
    ("<div id='related' data-type='share'>", "share"),
    ("<div role='navigation'>", "navigation"),
    ("<div title='share'>", None),
    ("<h2 id='related'>", None),
    ("<h2 class='related'>", "related"),
    (f"<div class='{'x' * 299} share'>", None),
    (f"<div class='{'x' * 294} share'>", "share"),
    (f"<div class='{'x' * 290}' id='share {'y' * 9} paywall'>", "share"),
    ("<p style='color: red; DISPLAY : none'>", "folded"),
    ("<p style='display: block'>", None),
    ("<p hidden>", "folded"),
    ("<p aria-hidden='true'>", "folded"),
    ("<p aria-hidden='false'>", None),
    ("<p class='sr-only'>", "folded"),
    ("<p class='share hidden'>", "share"),
    ("<p class='share' hidden>", "folded"),
]


@pytest.mark.parametrize(("markup", "rule"), CASES)
def test_one_element(markup: str, rule: str | None) -> None:
    assert zones_of([element_of(markup)]) == [rule]


@given(st.lists(st.sampled_from(CASES)))
def test_all_at_once(cases: list[tuple[str, str | None]]) -> None:
    assert zones_of([element_of(markup) for markup, _ in cases]) == [rule for _, rule in cases]


def test_hidden_where_nothing_opens_on_a_click() -> None:
    part, panel = fragment_fromstring("<div><p hidden>a</p><p class='Answer' style='display:none'>b</p></div>")
    assert zones_of([part, panel]) == ["hidden", "folded"]
