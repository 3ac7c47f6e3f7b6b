"""Links inside the text, and none of the page's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transforms.extract import extract_page
from transforms.links import target_key
from transforms.page import Extracted, ExtractOptions, Page
from transforms.schema import Link
from transforms.url import article_id

FIXTURES = Path(__file__).parents[1] / "fixtures" / "links"
URL = "https://courier.example/2026/11/bridge"


def links_of(markup: str | bytes, url: str = URL) -> tuple[Link, ...]:
    page = Page(
        capture_id="c" * 32,
        url=url,
        final_url=url,
        source="courier",
        captured_at=datetime(2026, 11, 20, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
        content_encoding=None,
        body=markup if isinstance(markup, bytes) else markup.encode(),
    )
    found = extract_page(page, ExtractOptions())
    assert isinstance(found, Extracted)
    return found.links


@pytest.mark.parametrize("name", ["paper", "blog"])
def test_a_page_with_links_everywhere_gives_those_of_its_text(name: str) -> None:
    found = links_of((FIXTURES / f"{name}.html").read_bytes())
    expected = (FIXTURES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{link.url} | {link.text}" for link in found] == expected
    assert [link.position for link in found] == list(range(len(found)))
    assert all(link.target_key == int(article_id(link.url)[:15], 16) for link in found)


PARAGRAPH = (
    "<p>The council said on Monday that the bridge will open to carts {} in spring, without a toll or a queue.</p>"
)


def with_link(link: str) -> str:
    text = PARAGRAPH.format(link) + PARAGRAPH.format("and mules") * 3
    return f"<html><body><article><h1>Bridge</h1>{text}</article></body></html>"


@pytest.mark.parametrize(
    ("link", "flags"),
    [
        ('<a href="https://relay.example/a">as said</a>', (False, False, False)),
        ('<a href="https://relay.example/a" rel="noopener NoFollow">as said</a>', (True, False, False)),
        ('<a href="https://relay.example/a" rel="sponsored ugc">as said</a>', (False, True, True)),
    ],
)
def test_what_the_page_says_of_a_link(link: str, flags: tuple[bool, ...]) -> None:
    [found] = links_of(with_link(link))
    assert (found.is_nofollow, found.is_sponsored, found.is_ugc) == flags
    assert (found.url, found.host, found.domain) == ("https://relay.example/a", "relay.example", "relay.example")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#note">as said</a>',
        f'<a href="{URL}?utm_source=self#top">as said</a>',
        '<a href="mailto:clerk@courier.example">as said</a>',
        '<a href="javascript:void(0)">as said</a>',
        '<a href="https://[broken">as said</a>',
        '<a href="https://relay.example/a"><img src="/a.png" alt=""></a>',
        '<a name="here">as said</a>',
        f'<a href="https://relay.example/{"a" * 3000}">as said</a>',
    ],
)
def test_what_is_no_link_to_another_page(link: str) -> None:
    assert links_of(with_link(link)) == ()


@pytest.mark.parametrize(
    ("url", "base", "is_inside"),
    [
        ("https://courier.example/a", URL, True),
        ("https://www.example.org/a", "https://example.org/b", True),
        ("https://courier.example:8443/a", URL, False),
        ("http://courier.example/a", URL, True),
        ("https://relay.example/a", URL, False),
        ("http://127.0.0.1:8602/a", "http://127.0.0.1:8601/b", False),
        ("https://relay.example/a", "file:///tmp/page.html", False),
    ],
)
def test_what_stays_on_its_site(url: str, base: str, is_inside: bool) -> None:
    [found] = links_of(with_link(f'<a href="{url}">as said</a>'), base)
    assert found.is_internal is is_inside


def test_a_hostile_page_gives_a_bounded_number() -> None:
    many = "".join(f'<a href="https://x.example/{n}">word{n}</a> ' for n in range(2_000))
    found = links_of(with_link(many))
    assert len(found) <= 300
    assert all(len(link.text) <= 300 for link in found)


def test_the_key_of_a_target_is_the_start_of_its_article_id() -> None:
    assert f"{target_key(URL):015x}" == article_id(URL)[:15]
