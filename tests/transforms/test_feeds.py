from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.discover import Unreadable
from transforms.feeds import FeedDocument, parse_feed

BASE = "https://harbour.example/feeds/all.xml"
AT = datetime(2026, 11, 3, 7, 30, tzinfo=UTC)

RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Harbour</title><ttl>90</ttl>
<skipHours><hour>2</hour><hour>24</hour></skipHours>
<item><title>Ferry &amp; tide</title><link>https://harbour.example/ferry</link>
<pubDate>Tue, 03 Nov 2026 08:30:00 +0100</pubDate></item>
<item><title>Relative</title><link>/tide</link></item>
<item><title>Twice</title><link>https://harbour.example/ferry</link></item>
<item><title>Only a guid</title><guid isPermaLink="true">https://harbour.example/guid</guid></item>
<item><title>No address</title><guid isPermaLink="false">4711</guid></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>H</title><entry><title>A</title>
<link rel="self" href="https://harbour.example/self"/><link rel="alternate" href="../ferry"/>
<published>2026-11-03T07:30:00Z</published><updated>2026-11-04T07:30:00Z</updated></entry></feed>"""

RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://harbour.example/"><sy:updatePeriod>daily</sy:updatePeriod>
<sy:updateFrequency>4</sy:updateFrequency></channel>
<item rdf:about="https://harbour.example/ferry"><title>A</title><link>https://harbour.example/ferry</link>
<dc:date>2026-11-03T08:30:00+01:00</dc:date></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour",
        "items": [
            {
                "id": "1",
                "url": "https://harbour.example/ferry",
                "date_published": "2026-11-03T07:30:00Z",
                "content_text": "x",
            }
        ],
    }
).encode()


def read(body: bytes) -> FeedDocument:
    document = parse_feed(body, BASE)
    assert isinstance(document, FeedDocument)
    return document


def test_rss() -> None:
    document = read(RSS)
    assert [link.url.rsplit("/", 1)[1] for link in document.links] == ["ferry", "tide", "guid"]
    assert document.links[0].published_at == AT
    assert (document.ttl_s, document.skip_hours) == (5_400.0, {2, 0})
    assert (document.entry_count, document.is_salvaged) == (5, False)


@pytest.mark.parametrize("body", [ATOM, RDF, JSON], ids=["atom", "rdf", "json"])
def test_other_kinds(body: bytes) -> None:
    (link,) = read(body).links
    assert link.url == "https://harbour.example/ferry"
    assert link.published_at == AT


def test_a_frequency_counts_as_ttl() -> None:
    assert read(RDF).ttl_s == 21_600.0


@pytest.mark.parametrize(
    "body",
    [
        RSS.replace(b"&amp;", b"&"),
        RSS.replace(b"&amp;", b"&nbsp;"),
        RSS.replace(b"</title>", b"<b></title>", 1),
        RSS[: RSS.index(b"<item><title>Only")],
        b"\n\n" + RSS,
        RSS.replace(b"Ferry", b"F\xe4hre"),
        RSS.replace(b"Ferry", b"F\x00\x08rry"),
    ],
    ids=["ampersand", "nbsp", "unclosed", "cut", "space before", "latin-1", "control"],
)
def test_malformed_feeds_are_salvaged_and_say_so(body: bytes) -> None:
    document = read(body)
    assert {"https://harbour.example/ferry", "https://harbour.example/tide"} <= {link.url for link in document.links}
    assert document.is_salvaged


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"<html><body>Not found</body></html>", b"{}", b"\xff\xd8\xff\xe0JFIF", b"plain words"]
)
def test_what_is_no_feed_is_unreadable(body: bytes) -> None:
    document = parse_feed(body, BASE)
    assert isinstance(document, Unreadable) or not document.links


def test_an_entity_bomb_expands_to_nothing() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "boom">{entities}]>'.encode() + RSS.partition(b"?>")[2]
    started = time.process_time()
    document = read(body.replace(b"Ferry", b"&e11;"))
    assert time.process_time() - started < 5
    assert len(document.links) == 3


def test_a_local_file_is_never_read(tmp_path: object) -> None:
    body = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + RSS.partition(b"?>")[2].replace(
        b"/tide", b"/&x;"
    )
    assert all("hostname" not in link.url for link in read(body).links)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: b"<rss><channel>" + t.encode("utf-8", "replace")))
def test_any_bytes_give_a_value(body: bytes) -> None:
    assert isinstance(parse_feed(body, BASE), FeedDocument | Unreadable)


@pytest.mark.parametrize(
    ("body", "is_salvaged"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/a"}]}', False),
        ('\ufeff{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/a"}]}', False),
        ('{"items": [null, 5, {"url": "/a", "date_published": 7}]}', True),
        ('{"items": [{"url": "/a"},]}', True),
    ],
)
def test_a_json_feed_loses_no_good_item_for_an_odd_one(body: str, is_salvaged: bool) -> None:
    feed = parse_feed(body.encode(), "http://press.example/feed.json")
    assert not isinstance(feed, Unreadable)
    assert [link.url for link in feed.links] == ["http://press.example/a"]
    assert feed.is_salvaged is is_salvaged
