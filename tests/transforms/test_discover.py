from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover import feeds_of_page, links_of_page, parse_time, plausible, without_doctype

BASE = "https://harbour.example/news/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-03T08:30:00+01:00", datetime(2026, 11, 3, 7, 30, tzinfo=UTC)),
        ("2026-11-03T08:30Z", datetime(2026, 11, 3, 8, 30, tzinfo=UTC)),
        ("2026-11-03 08:30:00", datetime(2026, 11, 3, 8, 30, tzinfo=UTC)),
        ("2026-11-03", datetime(2026, 11, 3, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("Tue, 03 Nov 2026 08:30:00 +0100", datetime(2026, 11, 3, 7, 30, tzinfo=UTC)),
        ("03 Nov 2026 08:30 GMT", datetime(2026, 11, 3, 8, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-13-45", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_times(text: str | None, expected: datetime | None) -> None:
    assert parse_time(text) == expected


@given(st.text(max_size=70))
def test_times_never_raise(text: str) -> None:
    at = parse_time(text)
    assert at is None or at.tzinfo is UTC


def test_a_time_far_ahead_says_nothing() -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    assert plausible(datetime(2027, 1, 1, tzinfo=UTC), now) is None
    assert plausible(datetime(1970, 1, 1, tzinfo=UTC), now) is None
    assert plausible(now, now) == now


PAGE = """<html><head><base href="https://harbour.example/base/">
<link rel="alternate" type="application/rss+xml" href="/feed.xml"><link rel="stylesheet" href="x.css">
<link rel="alternate" hreflang="de" href="/de/">
<link rel="alternate" type="application/atom+xml; charset=utf-8" href="a.atom">
</head><body><a href="one#top">1</a><a href="one">again</a><a href="two.PDF">no</a><a rel="nofollow" href="three">no</a>
<a href="mailto:desk@harbour.example">no</a><a>no</a><area href="https://other.example/four?x.jpg"></body></html>"""


def test_feeds_of_a_page() -> None:
    assert feeds_of_page(PAGE, BASE) == ("https://harbour.example/feed.xml", "https://harbour.example/base/a.atom")


def test_links_of_a_page() -> None:
    urls = [link.url for link in links_of_page(PAGE, BASE)]
    assert urls == ["https://harbour.example/base/one", "https://other.example/four?x.jpg"]


def test_a_page_may_forbid_following() -> None:
    assert links_of_page(PAGE.replace("<head>", '<head><meta name="Robots" content="noindex, nofollow">'), BASE) == ()


@pytest.mark.parametrize("text", ["", " ", "\x00", "<", "plain"])
def test_pages_without_anything(text: str) -> None:
    assert feeds_of_page(text, BASE) == ()
    assert links_of_page(text, BASE) == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<rss/>", b"<rss/>"),
        (b'<!DOCTYPE rss SYSTEM "x.dtd"><rss/>', b"<rss/>"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss/>', b"<rss/>"),
        (b'<!DOCTYPE rss [<!ENTITY a "b"><rss/>', b'<!DOCTYPE rss [<!--ENTITY a "b"><rss/>'),
        (b"<rss><![CDATA[<b>]]></rss>", b"<rss><![CDATA[<b>]]></rss>"),
    ],
)
def test_without_doctype(body: bytes, expected: bytes) -> None:
    assert without_doctype(body) == expected
