import re

import pytest

from demo.articles import Site, article_in, edition_at, last_edition, load_sites
from demo.expected import expected_articles
from demo.markup import blocks_of, paragraphs_of, sentences_of, to_html

SITES = load_sites()
BY_SITE = pytest.mark.parametrize("site", SITES, ids=lambda s: s.id)


def test_the_press_is_a_small_press_in_several_languages() -> None:
    assert len(SITES) >= 6
    assert {s.language.partition("-")[0] for s in SITES} == {"en", "de", "fr", "ar", "ja", "es"}
    assert {s.feed_format for s in SITES} == {"rss", "atom", "json"}


@BY_SITE
def test_a_site_has_its_articles_on_paths_of_their_own(site: Site) -> None:
    first = [a for a in site.articles if a.edition == 1]
    assert 6 <= len(first) <= 10
    paths = [a.path for a in site.articles] + [e.path for e in site.extras]
    assert len(paths) == len(set(paths))


@BY_SITE
def test_articles_have_zones_and_precede_their_edition_and_their_comments(site: Site) -> None:
    for article in site.articles:
        assert article.published.utcoffset() is not None
        assert article.published <= edition_at(article.edition), article.path
        for remark in article.remarks:
            assert article.published < remark.at <= edition_at(max(remark.edition, article.edition)), remark.id
        for change in article.changes:
            assert change.modified is None or article.published < change.modified <= edition_at(change.edition)


@BY_SITE
def test_remarks_have_ids_of_their_own_and_answer_earlier_ones(site: Site) -> None:
    ids = [r.id for a in site.articles for r in a.remarks]
    assert len(ids) == len(set(ids))
    for article in site.articles:
        known: set[str | None] = {None}
        for remark in article.remarks:
            assert remark.reply_to in known
            known.add(remark.id)


@BY_SITE
def test_the_words_fit_the_charset_of_the_site(site: Site) -> None:
    for article in site.articles:
        whole = " ".join([article.title, article.standfirst, article.body, *(r.text for r in article.remarks)])
        if article.agency:  # a wire story brings its own quotation marks: character references, as papers do
            whole = whole.translate(dict.fromkeys(map(ord, "“”–"), None))
        whole.encode(site.charset)


def test_articles_are_of_a_readable_length() -> None:
    for row in expected_articles(last_edition()):
        text = " ".join(row.paragraphs)
        size = len(text) / 2 if row.language == "ja" else len(text.split())
        assert 85 <= size <= 500, row.path


def test_every_change_finds_the_words_that_it_replaces() -> None:
    changed = [a for s in SITES for a in s.articles if a.changes]
    assert any(c.modified and c.note for a in changed for c in a.changes), "one announced"
    assert any(c.replace and not c.modified for a in changed for c in a.changes), "one silent"
    for article in changed:
        assert article_in(article, last_edition())


def test_a_change_whose_words_are_missing_is_an_error() -> None:
    article = next(a for s in SITES for a in s.articles if any(c.replace for c in a.changes))
    once = article_in(article, last_edition())
    assert once is not None
    with pytest.raises(KeyError, match="replaces words"):
        article_in(once, last_edition())


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("One. Two? Three!", ("One.", "Two?", "Three!")),
        ("It cost 3.50 crowns. “Why?” she asked.", ("It cost 3.50 crowns.", "“Why?”", "she asked.")),
        ("橋は曲がった。「なぜ」と聞いた。", ("橋は曲がった。", "「なぜ」と聞いた。")),
        ("وقال: نعم. ثم سكت.", ("وقال: نعم.", "ثم سكت.")),
        ("No end", ("No end",)),
    ],
)
def test_sentences(paragraph: str, sentences: tuple[str, ...]) -> None:
    assert sentences_of(paragraph) == sentences


def test_markup_and_its_words() -> None:
    body = "A *quick* [link](@relay/x).\n\n## Head\n\n* one\n* two\n\n!! Shown\n\n[[newsletter]]\n\n> Said & done."
    assert [b.kind for b in blocks_of(body)] == ["paragraph", "heading", "list", "picture", "box", "quote"]
    assert paragraphs_of(body) == ("A quick link.", "Head", "one", "two", "Said & done.")
    page = to_html(body, picture=lambda c: f"<i>{c}</i>", box=lambda n: f"<b>{n}</b>", resolve=lambda t: t.upper())
    assert '<em>quick</em> <a href="@RELAY/X">link</a>' in page
    assert "<ul><li>one</li><li>two</li></ul>" in page
    assert re.search(r"<i>Shown</i>\s*<b>newsletter</b>\s*<blockquote><p>Said &amp; done.</p></blockquote>", page)
