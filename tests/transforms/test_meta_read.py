"""Metadata of whole pages, and what it does to the tree: nothing."""

from datetime import UTC, date, datetime
from pathlib import Path

import lxml.html
import pytest

from transforms.metadata import Metadata, read_metadata
from transforms.page import Page
from transforms.schema import PageType, Precision

PAGES = Path(__file__).parent / "meta_pages"
CAPTURED = datetime(2026, 1, 1, tzinfo=UTC)


def page_at(url: str) -> Page:
    return Page(
        capture_id="c", url=url, final_url=url, source="s", captured_at=CAPTURED,
        content_type="text/html", content_encoding=None, body=b"",
    )  # fmt: skip


def read(html: str, url: str = "https://courier.example/a/story") -> Metadata:
    return read_metadata(lxml.html.document_fromstring(html), page_at(url))


def read_file(name: str, url: str) -> Metadata:
    return read((PAGES / name).read_text(encoding="utf-8"), url)


def test_a_news_page() -> None:
    got = read_file("news.html", "https://courier.example/news/harbour-bridge?ref=x")
    assert got.title == "Harbour bridge reopens after ten years"
    assert got.authors == ("Jane Roe", "Omar Bell")
    assert got.published_at == datetime(2024, 5, 3, 22, 30, tzinfo=UTC)
    assert got.published_date == date(2024, 5, 3)
    assert got.published_precision is Precision.SECOND
    assert got.modified_at == datetime(2024, 5, 4, 7, 15, tzinfo=UTC)
    assert got.declared_canonical_url == "https://courier.example/news/harbour-bridge"
    assert got.site_name == "The Tidewater Courier"
    assert got.description == 'Ferries stop on "day one".'
    assert got.tags == ("bridges", "harbour")
    assert got.section == "Local"
    assert got.image_url == "https://courier.example/img/bridge.jpg"
    assert got.is_free is False
    assert got.page_type is PageType.ARTICLE
    assert got.language == "en"
    assert (got.title_rule, got.authors_rule, got.published_rule) == (
        "h1+jsonld:headline", "jsonld:author", "jsonld:datePublished",
    )  # fmt: skip
    assert ("title", "og:title", "Harbour bridge reopens after ten years - The Tidewater Courier") in got.candidates
    assert not any("Wrong Person" in value or "Another story" in value for _, _, value in got.candidates)


def test_a_blog_without_structured_data() -> None:
    got = read_file("blog.html", "https://gartenpost.example/moos")
    assert got.title == "Warum Moos gewinnt"
    assert got.authors == ("Änne Österreich", "Karl-Heinz Müller")
    assert got.published_at == datetime(2023, 3, 4, 14, 5, tzinfo=UTC)
    assert got.published_precision is Precision.MINUTE
    assert got.published_rule == "near_heading"
    assert got.page_type is None


def test_a_thread_is_its_first_post() -> None:
    got = read_file("thread.html", "https://kettle.example/threads/kettle.12/")
    assert got.page_type is PageType.FORUM
    assert got.authors == ("steamfan",)
    assert got.published_at == datetime(2022, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert got.next_page_url == "https://kettle.example/threads/kettle.12/page-2"


@pytest.mark.parametrize("name", ["news.html", "blog.html", "thread.html"])
def test_the_tree_stays_as_it_was_and_the_answer_is_the_same(name: str) -> None:
    tree = lxml.html.document_fromstring((PAGES / name).read_text(encoding="utf-8"))
    before = lxml.html.tostring(tree)
    first = read_metadata(tree, page_at("https://courier.example/x"))
    assert lxml.html.tostring(tree) == before
    assert read_metadata(tree, page_at("https://courier.example/x")) == first


HEAD = "<html><head>%s</head><body><h1>Bridge reopens today</h1>%s<p>text</p></body></html>"


def test_a_day_is_not_passed_off_as_a_minute() -> None:
    got = read(HEAD % ('<meta property="article:published_time" content="2024-05-03">', ""))
    assert got.published_at == datetime(2024, 5, 3, tzinfo=UTC)
    assert (got.published_date, got.published_precision) == (date(2024, 5, 3), Precision.DAY)


def test_the_printed_day_is_kept_where_utc_has_another() -> None:
    meta = '<meta property="article:published_time" content="2024-05-04T02:41:00Z">'
    got = read(HEAD % (meta, "<p>May 3, 2024</p>"))
    assert got.published_at == datetime(2024, 5, 4, 2, 41, tzinfo=UTC)
    assert got.published_date == date(2024, 5, 3)


@pytest.mark.parametrize(
    ("line", "at", "rule"),
    [
        (  # the zone is in the element alone
            '<time datetime="2024-05-03T09:30:00+02:00">3 May 2024, 09:30</time>',
            datetime(2024, 5, 3, 7, 30, tzinfo=UTC),
            "time",
        ),
        (  # and so is the hour
            'Jane Roe, <time datetime="2024-05-03T23:30:00Z">4 May 2024</time>',
            datetime(2024, 5, 3, 23, 30, tzinfo=UTC),
            "time",
        ),
        (  # a day says less than the hour that is shown
            '<time datetime="2024-05-03">3 May 2024, 09:30</time>',
            datetime(2024, 5, 3, 9, 30, tzinfo=UTC),
            "near_heading",
        ),
        (  # another day's stamp is not this line's
            '<time datetime="2024-03-01T10:00:00Z">3 May 2024</time>',
            datetime(2024, 5, 3, tzinfo=UTC),
            "near_heading",
        ),
        (
            '3 May 2024, 09:30 CEST <time datetime="2024-05-03T10:00:00Z">3 May 2024</time>',
            datetime(2024, 5, 3, 7, 30, tzinfo=UTC),
            "near_heading",
        ),
    ],
)
def test_a_printed_date_is_read_from_its_own_stamp_where_that_says_more(line: str, at: datetime, rule: str) -> None:
    got = read(HEAD % ("", f"<p>{line}</p>"))
    assert (got.published_at, got.published_rule) == (at, rule)


def test_a_date_of_change_is_not_one_of_publication() -> None:
    meta = '<meta property="article:published_time" content="2020-01-02T03:04:05Z">'
    got = read(HEAD % (meta, "<p>Updated May 3, 2024</p>"))
    assert got.published_date == date(2020, 1, 2)


@pytest.mark.parametrize("stamp", ["2031-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "not a date", ""])
def test_impossible_stamps_give_no_time(stamp: str) -> None:
    got = read(HEAD % (f'<meta property="article:published_time" content="{stamp}">', ""))
    assert (got.published_at, got.published_date, got.published_precision) == (None, None, None)


def test_a_by_line_wins_over_the_sites_own_name() -> None:
    html = HEAD % (
        '<meta property="og:site_name" content="The Courier"><meta name="author" content="The Courier">',
        "%s",
    )
    assert read(html % "<p>By Jane Roe</p>").authors == ("Jane Roe",)
    assert read(html % "").authors == ("The Courier",)


def test_a_site_that_says_whose_it_is_names_its_author() -> None:
    assert read(HEAD % ('<meta property="og:site_name" content="Jane Roe\'s blog">', "")).authors == ("Jane Roe",)
    assert read(HEAD % ('<meta property="og:site_name" content="Jane Roe">', "")).authors == ()


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        ('<span class="post-author">Jane Roe</span>', ("Jane Roe",)),
        ('<div class="elementor-widget"><h4 class="author-box__name">jane roe</h4></div>', ("jane roe",)),
        ('<footer class="entry-footer"><a rel="author" href="/x">Jane Roe</a></footer>', ("Jane Roe",)),
        ('<footer><a rel="author" href="/x">Jane Roe</a></footer>', ()),
        ('<div class="related"><span class="author">Jane Roe</span></div>', ()),
        ('<div id="comments"><span class="comment-author">Jane Roe</span></div>', ()),
        (
            '<p>Said <a href="/profile/jane-roe">Jane Roe</a> of the harbour office, and went on at length.</p>',
            (),
        ),
    ],
)
def test_markup_of_this_article_counts_and_no_other(markup: str, authors: tuple[str, ...]) -> None:
    assert read(HEAD % ("", f"<section>{'<p>words</p>' * 20}</section>{markup}")).authors == authors


def test_organisations_are_named_apart() -> None:
    got = read(HEAD % ('<meta name="author" content="Jane Roe, Reuters">', ""))
    assert (got.authors, got.organisations) == (("Jane Roe", "Reuters"), ("Reuters",))


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ('<link rel="canonical" href="/b">', "https://courier.example/b"),
        ('<link rel="canonical" href="//other.example/b">', "https://other.example/b"),
        ('<link rel="canonical" href="https://[bad">', None),
        ('<link rel="canonical" href="javascript:x">', None),
        ('<meta property="og:url" content="https://courier.example/c">', "https://courier.example/c"),
        ("", None),
    ],
)
def test_the_declared_canonical_is_absolute_or_missing(link: str, canonical: str | None) -> None:
    assert read(HEAD % (link, "")).declared_canonical_url == canonical


@pytest.mark.parametrize(
    ("href", "is_next"),
    [
        ("/a/story/2", True),
        ("/a/story?page=2", True),
        ("/a/story-2.html", True),
        ("/a/another-story", False),
        ("/a/story", False),
    ],
)
def test_only_pages_of_the_same_article_are_next(href: str, is_next: bool) -> None:
    assert (read(HEAD % (f'<link rel="next" href="{href}">', "")).next_page_url is not None) is is_next


@pytest.mark.parametrize(
    "html",
    [
        HEAD % ('<meta name="author" content="%s">' % ("Jane Roe, " * 50_000), ""),
        HEAD % ('<meta name="author" content="Jane Roe">' * 20_000, ""),
        HEAD % ("", '<div itemprop="author" class="author">' * 5_000),
        HEAD % ("", "<time>x</time>" * 50_000),
        HEAD % ("", '<a href="/author/x">By x</a>' * 20_000),
        HEAD % ("", "<p " + " ".join(f"a{n}=1" for n in range(3_000)) + ">x</p>"),
        HEAD % ("<title>" + "x " * 500_000 + "</title>", "<b>x" * 20_000),
        "<p>\udcff</p>".encode("utf-8", "replace").decode(),
        "<html></html>",
    ],
)
def test_hostile_pages_give_bounded_fields(html: str) -> None:
    got = read(html)
    assert len(got.authors) <= 30
    assert len(got.candidates) <= 200
    assert all(len(value) <= 300 for _, _, value in got.candidates)
    assert len(got.title or "") <= 2_000


def test_lone_surrogates_do_not_come_through() -> None:
    ld = '<script type="application/ld+json">{"@type": "Article", "headline": "Bridge \\ud800 is open now"}</script>'
    got = read(f"<html><head>{ld}</head><body><p>x</p></body></html>")
    assert got.title is not None
    got.title.encode("utf-8")
