"""The container alone gives what the whole page gives, also where something around it has a say."""

from __future__ import annotations

from copy import copy

import pytest
from lxml.html import HtmlElement
from trafilatura import htmlprocessing, main_extractor, xpaths
from trafilatura.settings import Extractor
from trafilatura.xml import xmltotxt

from transforms import body_extractor
from transforms.body_extractor import main_pass
from transforms.body_frame import Frame, Unframed
from transforms.guards import parse

LINE = "The eel came back to the harbour before noon, and nobody of those who stood there saw it leave again. "
TEXT = f"<p>{LINE * 4}</p><p>{LINE * 5}</p><nav>Home</nav><div>A line in a division, which stands alone.</div>"
SHORT = f"<p>{LINE * 3}</p><p>{LINE}</p><div>A line in a division, which stands alone.</div>"
ARTICLE = f"<article>{TEXT}</article>"


def of_whole_page(tree: HtmlElement) -> str:
    options = Extractor(output_format="python", comments=False, fast=False)
    pruned = htmlprocessing.prune_unwanted_nodes(copy(tree), xpaths.RAW_TREE_PRUNE_XPATH)
    converted = htmlprocessing.convert_tags(htmlprocessing.tree_cleaning(pruned, options), options)
    return str(xmltotxt(main_extractor.extract_content(converted, options)[0], False))


def parsed(body: str) -> HtmlElement:
    tree, _ = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return tree


@pytest.mark.parametrize(
    ("body", "is_alone"),
    [
        pytest.param(ARTICLE, True, id="an article"),
        pytest.param(f"<nav>a</nav>{ARTICLE}<footer>b</footer>", True, id="with what is deleted around it"),
        pytest.param(f"<nav>a<nav>b</nav></nav>{ARTICLE}", True, id="after a pair, which ends the deleting"),
        pytest.param(f"{ARTICLE}<nav>a<nav>b</nav></nav>", True, id="before a pair"),
        pytest.param(f"<aside><nav>a<nav>b</nav></nav></aside>{ARTICLE}", True, id="after a pair that goes before"),
        pytest.param(
            f"<footer><nav>a<nav>b</nav></nav></footer><aside><aside></aside></aside>{ARTICLE}", True, id="two"
        ),
        pytest.param(f"<div>{ARTICLE}</div>", True, id="in a division, in which links count"),
        pytest.param(
            f"<article>{TEXT}<a href='/x'>A link of its own</a></article>", True, id="links that do not count"
        ),
        pytest.param(f"<div><article>{TEXT}<a href='/x'>A link of its own</a></article></div>", True, id="that count"),
        pytest.param(f"<aside>{ARTICLE}</aside><div class='post'>{TEXT}</div>", True, id="not the one that is deleted"),
        pytest.param(f"<article>{TEXT}<form>{LINE}</form></article>", True, id="a small form in it"),
        pytest.param(f"<article>{TEXT}<form>{LINE * 20}</form></article><p>{LINE * 40}</p>", False, id="a large form"),
        pytest.param(f"<article>{SHORT}</article>", True, id="few paragraphs, none around"),
        pytest.param(f"<article>{SHORT}</article><p>{LINE * 9}</p>", True, id="few paragraphs, enough around"),
        pytest.param(f"<article>{SHORT}</article><form><p>{LINE * 9}</p></form>", False, id="enough in a form"),
        pytest.param(f"<form>{ARTICLE}</form>", False, id="in a form"),
        pytest.param(f"<form class='post'>{LINE * 50}</form>{ARTICLE}", False, id="after a form that may be one"),
        pytest.param(f"<ul><li>{ARTICLE}</li></ul>", False, id="in a list"),
        pytest.param(f"<div class='infinite-scroll'>{ARTICLE}</div>", False, id="in what may be pruned"),
        pytest.param(f"<details class='post'>{TEXT}</details>{ARTICLE}", False, id="after what becomes a division"),
        pytest.param(f"<article><p>{LINE}</p></article><p>{LINE * 9}</p>", False, id="too little text"),
        pytest.param(f"<p>{LINE * 9}</p>", False, id="no container"),
    ],
)
def test_the_container_alone_or_the_whole_page(body: str, is_alone: bool) -> None:
    frame = body_extractor._frame_of(parsed(body))
    assert (isinstance(frame, Frame) and body_extractor._of_frame(frame) is not None) == is_alone
    assert main_pass(parsed(body)).text == of_whole_page(parsed(body))


def test_a_container_full_of_links_is_looked_into_on() -> None:
    links = "".join(f"<li><a href='/{n}'>{LINE[:40]}</a></li>" for n in range(8))
    tree = parsed(f"<div><div class='post'><ul>{links}</ul><ul>{links}</ul></div><p>{LINE * 9}</p></div>")
    assert main_pass(tree).text == of_whole_page(tree)


@pytest.mark.parametrize(
    ("body", "is_none"),
    [
        (f"<div>{TEXT}</div>", True),
        (f"<div>{TEXT}<nav><ul><li><a href='/x'>{LINE}</a></ul></nav></div><table><tr><td>{LINE}</table>", True),
        (f"<div>{TEXT}</div><nav class='post'>{LINE}</nav>", True),
        (f"<div>{TEXT}</div><table class='post'><tr><td>{LINE}</table>", False),
        (f"<div>{TEXT}</div><form class='post'>{LINE}</form>", False),
        (f"<div>{TEXT}</div><aside><article>{LINE}</article></aside>", False),
        (f"<div>{TEXT}</div><article></article>", False),
    ],
)
def test_a_page_of_no_container(body: str, is_none: bool) -> None:
    assert (body_extractor._frame_of(parsed(body)) is Unframed.NONE) == is_none
    assert main_pass(parsed(body)).text == of_whole_page(parsed(body))
