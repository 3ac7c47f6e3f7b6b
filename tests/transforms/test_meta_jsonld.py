"""JSON-LD in the shapes that pages give it."""

import json

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.jsonld import read_jsonld
from transforms.jsonld_article import OwnNodes, address_key, own_nodes, squashed

ARTICLE = '{"@type": "NewsArticle", "headline": "Bridge reopens", "author": {"@type": "Person", "name": "Jane Roe"}}'


def own(*scripts: str, url: str = "https://courier.example/bridge", heading: str = "Bridge reopens") -> OwnNodes:
    tags = "".join(f'<script type="application/ld+json">{s}</script>' for s in scripts)
    tree = lxml.html.document_fromstring(f"<html><head>{tags}</head><body><p>x</p></body></html>")
    return own_nodes(read_jsonld(tree.iter("script")), frozenset({address_key(url)}), frozenset({squashed(heading)}))


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f'{{"@graph": [{{"@type": "WebSite", "name": "x"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        ARTICLE + ";",
        ARTICLE + "\n" + '{"@type": "WebSite"}',
        ARTICLE.replace("}}", "},}"),
        ARTICLE.replace("Bridge reopens", "Bridge\n reopens").replace("\n ", " \t"),
        ARTICLE.replace('"author"', '/* who */ "author"'),
        ARTICLE.replace('"headline"', '"articleBody": "He said "no" twice", "headline"'),
        ARTICLE[:-2],
        ARTICLE.replace("NewsArticle", "https://schema.org/NewsArticle"),
        ARTICLE.replace('"NewsArticle"', '["NewsArticle", "CreativeWork"]'),
    ],
)
def test_every_shape_gives_the_article(script: str) -> None:
    nodes = own(script)
    assert nodes.best is not None
    assert " ".join(str(nodes.best.data["headline"]).split()) == "Bridge reopens"
    assert "Jane Roe" in json.dumps(nodes.best.data["author"])


def test_of_several_articles_the_one_of_this_page_is_chosen() -> None:
    other = (
        '{"@type": "NewsArticle", "headline": "Other", "url": "https://courier.example/other", "datePublished": "2020"}'
    )
    mine = '{"@type": "NewsArticle", "headline": "Mine", "url": "https://www.courier.example/bridge/"}'
    nodes = own(f"[{other}, {mine}]", heading="Something else")
    assert nodes.best is not None
    assert nodes.best.data["headline"] == "Mine"


def test_the_shown_headline_decides_where_no_address_does() -> None:
    nodes = own(f'[{{"@type": "Article", "headline": "Other"}}, {ARTICLE}]')
    assert nodes.best is not None
    assert nodes.best.data["headline"] == "Bridge reopens"


def test_comments_and_lists_are_not_the_article() -> None:
    nodes = own('{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Other"}]}')
    assert nodes.best is None


def test_a_field_can_come_from_the_page_around_the_article() -> None:
    nodes = own(f'[{ARTICLE}, {{"@type": "WebPage", "datePublished": "2024-05-03"}}]')
    assert list(nodes.values("datePublished")) == [("datePublished", "2024-05-03")]


@pytest.mark.parametrize(
    "script",
    [
        '{"a":' * 100_000,
        "[" * 500_000,
        '{"@type": "Article", "author": ' + '{"name": ' * 900 + "1" + "}" * 901,
        "{" + "/*" * 300_000,
        '{"@type": "Article",' + ", " * 300_000,
        "",
        "null",
        "3",
        '"text"',
        '{"@type": 5, "@id": ["x"]}',
    ],
)
def test_hostile_scripts_are_survived(script: str) -> None:
    assert len(own(script).nodes) <= 8


def test_a_script_over_the_cap_is_read_from_its_head() -> None:
    people = ",".join(['{"@type": "Person", "name": "A B"}'] * 150_000)
    script = (
        '{"@type": "NewsArticle", "headline": "Bridge reopens", "datePublished": "2024-05-03", "author": ['
        + people
        + "]}"
    )
    assert len(script) > 5_000_000
    nodes = own(script)
    assert nodes.best is not None
    assert nodes.best.is_salvaged
    assert nodes.best.data["datePublished"] == "2024-05-03"


@given(st.text(alphabet='{}[]":, \\abAu@/*', max_size=200))
def test_no_text_raises(text: str) -> None:
    assert len(own(text.replace("<", "")).nodes) <= 8
