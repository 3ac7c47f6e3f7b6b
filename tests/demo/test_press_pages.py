from html.parser import HTMLParser

import lxml.html
import pytest
from press_client import ask

from demo.articles import Site, last_edition, load_sites
from demo.expected import expected_articles
from demo.pages import shown_date
from demo.press import Fault, Press

SITES = {site.id: site for site in load_sites()}
VOID = {"meta", "link", "img", "br", "input"}


class Balance(HTMLParser):
    """Raises AssertionError where a tag closes another one than the last that was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag, self.getpos()


def words_of(page: str) -> str:
    tree = lxml.html.document_fromstring(page)
    for element in tree.xpath("//script | //style"):
        element.drop_tree()
    return " ".join(tree.text_content().split())


@pytest.mark.parametrize("edition", [1, 2, last_edition()])
def test_the_gold_stands_in_the_pages(press: Press, edition: int) -> None:
    press.edition = edition
    for row in expected_articles(edition):
        words = words_of(ask(press.origin(row.site) + row.path).text(SITES[row.site].charset))
        for piece in (row.title, row.first_sentence, row.last_sentence, *row.paragraphs, *row.comment_texts):
            assert " ".join(piece.split()) in words, row.path
        for piece in (*row.authors, *row.comment_authors, *row.captions, row.note):
            assert piece in words, row.path
        # comments come after the article and in the order that the gold gives
        places = [words.index(text) for text in (row.last_sentence, *row.comment_texts)]
        assert places == sorted(places)


@pytest.mark.parametrize("site", SITES.values(), ids=lambda s: s.id)
def test_boilerplate_of_the_gold_is_really_printed(press: Press, site: Site) -> None:
    pages = [ask(press.origin(r.site) + r.path) for r in expected_articles(1) if r.site == site.id]
    printed = " ".join(words_of(p.text(site.charset)) for p in pages)
    for phrase in site.boilerplate:
        assert phrase in printed


@pytest.mark.parametrize("site", SITES.values(), ids=lambda s: s.id)
def test_html_is_balanced_and_asks_for_nothing_elsewhere(press: Press, site: Site) -> None:
    press.edition = last_edition()
    for path in ("/", *(r.path for r in expected_articles(press.edition) if r.site == site.id)):
        page = ask(press.origin(site.id) + path).text(site.charset)
        checker = Balance()
        checker.feed(page)
        assert checker.stack == []
        tree = lxml.html.document_fromstring(page)
        for source in tree.xpath("//img/@src | //link[@rel='stylesheet']/@href | //script/@src"):
            assert source.startswith("/pictures/")
            assert ask(press.origin(site.id) + source).headers["content-type"] == "image/svg+xml"


def test_charsets_are_declared_where_the_site_says(press: Press) -> None:
    japanese = ask(press.origin("shionagi") + "/news/20261110-neko.html")
    assert japanese.headers["content-type"] == "text/html"
    assert b"charset=Shift_JIS" in japanese.body
    assert "灯台の猫" in japanese.text("shift_jis")
    spanish = ask(press.origin("alisio") + "/noticias/volcan-avisa")
    assert spanish.headers["content-type"] == "text/html; charset=iso-8859-1"
    assert b"charset" not in spanish.body
    assert "El volcán avisa con tres días" in spanish.text("iso-8859-1")


@pytest.mark.parametrize("site", SITES.values(), ids=lambda s: s.id)
def test_times_are_in_the_markup_with_their_zone_or_nowhere(press: Press, site: Site) -> None:
    article = next(a for a in site.articles if a.edition == 1 and not (a.is_walled or a.is_disallowed))
    page = ask(press.origin(site.id) + article.path).text(site.charset)
    assert (article.published.isoformat() in page) == site.is_zoned
    assert shown_date(site, article.published) in page
    assert ("application/ld+json" in page) == site.is_jsonld


def test_arabic_pages_run_from_right_to_left(press: Press) -> None:
    tree = lxml.html.document_fromstring(ask(press.origin("marsa") + "/akhbar/2026/11/manara").text())
    assert (tree.get("dir"), tree.get("lang")) == ("rtl", "ar")
    assert "١١ نوفمبر ٢٠٢٦" in tree.text_content()


def test_canonical_links(press: Press) -> None:
    def declared(site: str, path: str) -> list[str]:
        page = ask(press.origin(site) + path).text(SITES[site].charset)
        return list(lxml.html.document_fromstring(page).xpath("//link[@rel='canonical']/@href"))

    own = "/2026/11/05/dredging/"
    tracked = own + "?utm_source=rss&utm_medium=feed&utm_campaign=early-tide"
    assert declared("saltmere", tracked) == [press.origin("saltmere") + own]
    assert declared("alisio", "/noticias/volcan-avisa") == [press.origin("alisio") + "/"]
    assert declared("shionagi", "/news/20261110-neko.html") == []


def test_the_wall_shows_no_article(press: Press) -> None:
    page = ask(press.origin("alisio") + "/especial/regata-360").text("iso-8859-1")
    assert words_of(page).count(" ") < 15


def test_a_relaunch_keeps_the_words_and_none_of_the_markup(press: Press) -> None:
    row = next(r for r in expected_articles(1) if r.site == "grauwalden" and r.comment_texts)
    before = ask(press.origin(row.site) + row.path).text()
    press.faults[row.site] = Fault(is_redesigned=True)
    after = ask(press.origin(row.site) + row.path).text()
    assert "wp-block-post-content" in before
    assert "wp-block" not in after.replace("wp-block-comments", "")
    for piece in (row.first_sentence, row.last_sentence, *row.comment_texts):
        assert piece in words_of(after)
