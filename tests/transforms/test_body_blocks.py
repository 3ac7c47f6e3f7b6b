"""The blocks of a page: what divides its text, what is no text, and where each block stands."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from transforms.body_blocks import key_of, keys_of, read_blocks


def no_zones(elements: Sequence[HtmlElement]) -> list[str | None]:
    return [None] * len(elements)


def classes(elements: Sequence[HtmlElement]) -> list[str | None]:
    return [element.get("class") for element in elements]


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("", []),
        ("a", ["a"]),
        ("<p>a <b>b</b> <i>c<u>d</u></i></p> e", ["a b cd", "e"]),
        ("a<br>b<hr>c", ["a", "b", "c"]),
        ("<div>a<p>b</p>c</div>d", ["a", "b", "c", "d"]),
        ("<p>a<script>x</script>b<svg><g><text>x</text></g></svg>c</p>", ["abc"]),
        ("a<!-- x -->b", ["ab"]),
        ("<p> </p><p>…</p><p>\u00a0</p>", []),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", ["a", "b", "c"]),
        ("<noscript><p>a</p></noscript><p>b</p>", ["b"]),
        ("<span>a<div>b</div>c</span>d", ["a", "b", "cd"]),
    ],
)
def test_what_divides_text(markup: str, texts: list[str]) -> None:
    tree = document_fromstring(f"<html><body>{markup} </body></html>")
    assert [block.text for block in read_blocks(tree, no_zones)] == texts


def test_where_a_block_stands() -> None:
    tree = document_fromstring(
        "<body><h2>a <a>bc</a></h2><ul class='x'><li><div>d</div><a><em>e f</em></a></li></ul>"
        "<p class='y'>g<section class='z'>h</section></p><a><div class='w'>i</div></a></body>"
    )
    assert [
        (b.text, b.element.tag, b.tag, b.link_chars, [zone.rule for zone in b.zones])
        for b in read_blocks(tree, classes)
    ] == [
        ("a bc", "h2", "h2", 2, []),
        ("d", "div", "li", 0, ["x"]),
        ("e f", "li", "li", 3, ["x"]),
        ("g", "p", "p", 0, ["y"]),
        ("h", "section", "div", 0, ["y", "z"]),
        ("i", "div", "div", 1, ["w"]),
    ]


def plain_blocks(element: HtmlElement) -> list[str]:
    """The texts of blocks, by a walk that calls itself."""

    def marked(one: HtmlElement) -> str:
        if one.tag in ("script", "br"):
            return "|" if one.tag == "br" else ""
        inner = (one.text or "") + "".join(marked(child) + (child.tail or "") for child in one)
        return inner if one.tag in ("a", "b") else f"|{inner}|"

    return [" ".join(text.split()) for text in marked(element).split("|") if key_of(text)]


TREES = st.recursive(
    st.sampled_from(("", " ", "x", "y z ", "<br>", "<script>s</script>", "-", "<b></b>")),
    lambda inner: st.tuples(st.sampled_from(("div", "li", "a", "b")), st.lists(inner, max_size=4)).map(
        lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>w"
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.lists(TREES, max_size=3).map("".join))
def test_any_tree(markup: str) -> None:
    tree = document_fromstring(f"<html><body><div>{markup}</div></body></html>")
    assert [block.text for block in read_blocks(tree, no_zones)] == plain_blocks(tree.find("body"))


@given(st.lists(st.text(st.characters(exclude_characters="\0"))))
def test_keys_of_many_texts(texts: list[str]) -> None:
    letters = ["".join(c for c in text if c.isalnum()).casefold() for text in texts]
    assert keys_of(texts) == [key_of(text) for text in texts] == letters
