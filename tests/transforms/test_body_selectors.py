"""Tables stand for the extractor's expressions: both must select the same elements, whatever the attributes say."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import XPath
from lxml.html import HtmlElement, document_fromstring
from trafilatura import xpaths

from transforms.body_selectors import Choice, First, Selection, Together

LISTS: dict[str, list[XPath]] = {
    "overall": xpaths.OVERALL_DISCARD_XPATH,
    "teasers": xpaths.TEASER_DISCARD_XPATH,
    "captions": xpaths.DISCARD_IMAGE_ELEMENTS,
    "raw": xpaths.RAW_TREE_PRUNE_XPATH,
    "comments": xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
}
WORDS = (
    *(
        "share",
        "sharing",
        "social-bar",
        "viral",
        "newsletter",
        "cookie",
        "my-cookie",
        "tags",
        "sidebar",
        "author",
        "byline",
    ),
    *(
        "footer",
        "nav",
        "Navigation",
        "menu",
        "bar",
        "related",
        "teaser",
        "Teaser",
        "caption",
        "meta",
        "widget",
        "ad",
        "-ad-",
    ),
    *(
        "comments",
        "comment-list",
        "comments-title",
        "commentary",
        "Comments",
        "reply-12",
        "akismet",
        "hidden",
        "hide-print",
    ),
    *(
        "post",
        "entry",
        "entry-content",
        "article-body",
        "articleBody",
        "content",
        "content-main",
        "main",
        "Main-Content",
    ),
    *(
        "page-content",
        "fulltext",
        "FullText",
        "story",
        "text",
        "article ",
        "primary",
        "infinite-scroll",
        "mvp-post-add-box",
    ),
    *(
        "elementor-share-buttons",
        "true",
        "display:none",
        "display: none",
        "navigation",
        "MostPopularStories",
        "x",
        "",
        "é",
    ),
)
NAMES = ("class", "id", "style", "role", "itemprop", "aria-hidden", "data-component", "data-lp-replacement-content")
TAGS = ("div", "p", "span", "section", "article", "main", "aside", "ul", "ol", "item", "list", "details", "h1", "a")

values = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join) | st.text("abcé -_", max_size=6)
attributes = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=4, unique_by=lambda pair: pair[0])
"""In any order: of two attributes in a union, XPath looks at the one that the page wrote first."""
elements = st.tuples(st.sampled_from(TAGS), attributes)
trees = st.recursive(
    st.lists(elements.map(lambda named: (named, ())), max_size=4),
    lambda inner: st.lists(st.tuples(elements, inner), max_size=4),
    max_leaves=16,
)


def markup(tree: object) -> str:
    return "".join(
        f"<{tag} {written(named)}>w{markup(inner)}</{tag}>"
        for (tag, named), inner in tree  # type: ignore[attr-defined]
    )


def written(named: list[tuple[str, str]]) -> str:
    return " ".join(f'{name}="{escape(value)}"' for name, value in named)


def parsed(text: str) -> HtmlElement:
    return document_fromstring(f"<html><body><div>{text}</div></body></html>")


@given(trees)
def test_the_same_elements_are_selected(tree: object) -> None:
    page = parsed(markup(tree))
    for expressions in LISTS.values():
        expected = {element for expression in expressions for element in expression(page)}
        found = SELECTIONS[id(expressions)](page)
        assert set(found) == expected
        assert len(found) == len(expected) or not SELECTIONS[id(expressions)].is_read


@given(trees)
def test_the_same_element_is_the_first(tree: object) -> None:
    page = parsed(markup(tree))
    for expression, first in zip(xpaths.BODY_XPATH, FIRSTS, strict=True):
        assert list(first(page)[:1]) == expression(page)[:1]


SELECTIONS = {id(expressions): Selection(expressions) for expressions in LISTS.values()}
FIRSTS = [First(expression) for expression in xpaths.BODY_XPATH]
WHOLE = [Selection(expressions) for expressions in LISTS.values() if Selection(expressions).is_whole]
TOGETHER = Together(WHOLE)
CHOICE = Choice(FIRSTS)


@pytest.mark.parametrize("name", LISTS)
def test_every_expression_of_the_library_is_read(name: str) -> None:
    assert Selection(LISTS[name]).is_read


def test_every_choice_of_a_body_is_read() -> None:
    assert all(first.is_read for first in FIRSTS)


@pytest.mark.parametrize(
    "expression",
    [
        ".//div[not(@class)]",
        ".//*[self::div or self::p][@class='a' and @id='b']",
        ".//*[self::div][@class='a' or count(p) > 1]",
        ".//*[contains(@class, 'a') or contains(text(), 'b')]",
        ".//*[self::div][@class='a'][.//p]",
        "//div[@class='a']",
        ".//*[self::div][contains(translate(@class, 'AB', 'a'), 'a')]",
    ],
)
def test_an_expression_of_another_form_is_evaluated_as_it_stands(expression: str) -> None:
    page = parsed("<div class='a' id='b'><p>b</p><p class='xA'>c</p></div><div>d</div><div class='a'>e</div>")
    assert set(Selection([XPath(expression)])(page)) == set(XPath(expression)(page))


@pytest.mark.parametrize("expression", ["(.//div[2])[1]", "(//p)[1]", ".//*[self::p][@class][2]", ".//p"])
def test_a_first_element_of_another_form_is_evaluated_as_it_stands(expression: str) -> None:
    page = parsed("<div><p>b</p><p class='x'>c</p><p class='y'>c</p></div><div><p>d</p></div>")
    assert list(First(XPath(expression))(page)[:1]) == XPath(expression)(page)[:1]


def test_long_values_are_judged_and_not_kept() -> None:
    select = Selection(LISTS["overall"])
    page = parsed(f"<div class='{'x' * 5_000} footer'>a</div><div class='{'x' * 5_000}'>b</div>")
    assert [element.text for element in select(page)] == ["a"]


@given(trees)
@settings(max_examples=30)
def test_selections_made_together_are_what_each_makes(tree: object) -> None:
    page = parsed(markup(tree))
    walk = TOGETHER.walk()
    for number, selection in enumerate(WHOLE):
        assert walk.part(number)(page) == selection(page)


@given(trees)
@settings(max_examples=30)
def test_a_choice_tells_what_each_expression_selects_first(tree: object) -> None:
    page = parsed(markup(tree))
    matches = list(CHOICE.matches(page))
    for number, expression in enumerate(xpaths.BODY_XPATH):
        assert [element for element, bits in matches if bits >> number & 1][:1] == expression(page)[:1]
