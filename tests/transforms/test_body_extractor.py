"""The extractor with its parts exchanged gives what trafilatura gives, on every page that the tests have."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement
from trafilatura import bare_extraction, htmlprocessing, main_extractor, xpaths
from trafilatura.settings import Document, Extractor
from trafilatura.xml import xmltotxt

from transforms.body_extractor import main_pass, whole_cascade
from transforms.body_text import lines_of, text_of
from transforms.guards import parse
from transforms.normalize import clean_text

PAGES = sorted(
    path for path in Path(__file__).parent.parent.rglob("*.html") if "<body" in path.read_text("utf-8", "replace")
)
WORDS = (
    "Die Mühle steht still. ",
    "The eel came back to the harbour, and nobody saw it leave. " * 3,
    "Read more",
    " ",
    "",
)
OPENINGS = (
    *('<div class="entry-content">', "<article>", "<div>", "<p>", "<ul><li>", '<div class="sidebar">', "<blockquote>"),
    *('<div class="teaser-box">', '<a href="/x">', "<span>", '<p class="share">', '<section id="comments">', "<h2>"),
    *('<ol class="comment-list"><li>', "<table><tr><td>", '<div class="infinite-scroll">', "<br>", "<form>", "<b>"),
    *("<pre>", "<code>", "<th>", '<table><tr><td rowspan="2">'),
)

pages = st.lists(
    st.tuples(st.sampled_from(OPENINGS), st.sampled_from(WORDS), st.sampled_from(("", "</div>", "</p>", "</a>")))
)


def options() -> Extractor:
    return Extractor(output_format="python", comments=False, fast=False)


def extracted_alone(tree: HtmlElement) -> str:
    """What trafilatura's extractor finds by itself."""
    pruned = htmlprocessing.prune_unwanted_nodes(copy(tree), xpaths.RAW_TREE_PRUNE_XPATH)
    converted = htmlprocessing.convert_tags(htmlprocessing.tree_cleaning(pruned, options()), options())
    return str(xmltotxt(main_extractor.extract_content(converted, options())[0], False))


def extracted_whole(tree: HtmlElement) -> str:
    document = bare_extraction(tree, options=options())
    return (document.text or "") if isinstance(document, Document) else ""


def lines_in(text: str) -> list[str]:
    return [line for line in clean_text(text).split("\n") if line]


def assert_same(markup: str) -> None:
    tree, _ = parse(markup)
    if tree is None:
        return
    found = main_pass(tree)
    assert found.text == extracted_alone(tree)
    assert found.lines == lines_in(found.text)
    assert whole_cascade(tree, found) == whole_cascade(tree) == extracted_whole(tree)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_page_gives_the_text_that_the_library_gives(page: Path) -> None:
    assert_same(page.read_text("utf-8", "replace"))


@given(pages)
@settings(max_examples=60)
def test_any_markup_gives_the_text_that_the_library_gives(parts: list[tuple[str, str, str]]) -> None:
    assert_same(f"<html><body>{''.join(map(''.join, parts))}</body></html>")


@given(
    st.text(
        st.characters() | st.sampled_from("ab  &;#10\n\r\x1f\x85\xa0\xad\u200b\u2028\u2424\ufffc\u0301"), max_size=30
    )
)
def test_lines_are_those_of_the_cleaned_text(printed: str) -> None:
    assert lines_of(printed) == lines_in(text_of(printed))


def test_the_library_itself_is_left_as_it_is() -> None:
    assert all(hasattr(expression, "path") for expression in xpaths.OVERALL_DISCARD_XPATH + xpaths.BODY_XPATH)
    assert main_extractor.prune_unwanted_sections.__globals__ is vars(main_extractor)
