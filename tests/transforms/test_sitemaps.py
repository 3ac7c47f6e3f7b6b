from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover import LINKS_MAX, Unreadable
from transforms.sitemaps import SitemapDocument, parse_sitemap

BASE = "https://harbour.example/sitemap.xml"
NEWS = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- by hand -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://harbour.example/ferry </loc><lastmod>2026-11-04</lastmod>
<image:image><image:loc>https://harbour.example/ferry.jpg</image:loc></image:image>
<news:news><news:publication_date>2026-11-03T08:30+01:00</news:publication_date></news:news></url>
<url><loc>/tide?a=1&amp;b=2</loc></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://harbour.example/s1.xml</loc><lastmod>2026-11-04T10:00:00Z</lastmod></sitemap>
<sitemap><loc>https://harbour.example/s2.xml.gz</loc></sitemap></sitemapindex>"""


def read(body: bytes) -> SitemapDocument:
    document = parse_sitemap(body, BASE)
    assert isinstance(document, SitemapDocument)
    return document


@pytest.mark.parametrize("body", [NEWS, gzip.compress(NEWS), b"\xef\xbb\xbf" + NEWS], ids=["plain", "gzip", "bom"])
def test_news_sitemap_keeps_both_dates(body: bytes) -> None:
    first, second = read(body).pages
    assert first.url == "https://harbour.example/ferry"
    assert first.published_at == datetime(2026, 11, 3, 7, 30, tzinfo=UTC)
    assert first.modified_at == datetime(2026, 11, 4, tzinfo=UTC)
    assert second.url == "https://harbour.example/tide?a=1&b=2"
    assert not read(body).is_salvaged


def test_index() -> None:
    document = read(INDEX)
    assert [s.url for s in document.sitemaps] == ["https://harbour.example/s1.xml", "https://harbour.example/s2.xml.gz"]
    assert document.pages == ()


def test_plain_list_and_feed_as_sitemap() -> None:
    assert len(read(b"https://harbour.example/a\r\nhttps://harbour.example/b\nnot a url\n").pages) == 2
    rss = b"<rss><channel><item><link>https://harbour.example/a</link></item></channel></rss>"
    assert [p.url for p in read(rss).pages] == ["https://harbour.example/a"]


@pytest.mark.parametrize(
    "body",
    [NEWS[: NEWS.index(b"<url><loc>/tide")], NEWS.replace(b"&amp;", b"&"), NEWS.replace(b"</lastmod>", b"</lastmood>")],
    ids=["cut", "ampersand", "wrong end tag"],
)
def test_malformed_sitemaps_are_salvaged(body: bytes) -> None:
    document = read(body)
    assert document.pages[0].url == "https://harbour.example/ferry"
    assert document.is_salvaged


def test_a_truncated_gzip_is_read_as_far_as_it_goes() -> None:
    many = b"".join(b"<url><loc>https://harbour.example/%d</loc></url>" % n for n in range(2_000))
    packed = gzip.compress(b"<urlset>" + many + b"</urlset>")
    assert len(read(packed[: len(packed) // 2]).pages) > 300


def test_more_than_the_protocol_allows_is_cut() -> None:
    body = b"<urlset>" + b"".join(b"<url><loc>https://h.example/%d</loc></url>" % n for n in range(LINKS_MAX + 10))
    document = read(body)
    assert len(document.pages) == LINKS_MAX
    assert document.is_cut


def test_an_entity_bomb_expands_to_nothing() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<!DOCTYPE urlset [<!ENTITY e0 "boom">{entities}]>'.encode() + NEWS.partition(b"-->")[2]
    started = time.process_time()
    document = read(body.replace(b"/tide", b"/&e11;"))
    assert time.process_time() - started < 5
    assert document.pages[0].url == "https://harbour.example/ferry"


@pytest.mark.parametrize("body", [b"", b" ", b"<html><p>no</html>", b"words", b"\x1f\x8bxx", b"<", b"<!-- open", b"<?"])
def test_what_is_no_sitemap_is_unreadable(body: bytes) -> None:
    assert isinstance(parse_sitemap(body, BASE), Unreadable)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: b"<urlset><url>" + t.encode("utf-8", "replace")))
def test_any_bytes_give_a_value(body: bytes) -> None:
    assert isinstance(parse_sitemap(body, BASE), SitemapDocument | Unreadable)
