"""Whole pages: what of them is the text, what is kept beside it, and by which rule."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from transforms.extract import extract_page
from transforms.page import Extracted, ExtractOptions, Page

FIXTURES = Path(__file__).parent.parent / "fixtures" / "body"


def extracted(name: str) -> Extracted:
    url = f"https://press.example.org/{name}"
    page = Page(
        capture_id=name,
        url=url,
        final_url=url,
        source="test",
        captured_at=datetime(2026, 6, 1, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
        content_encoding=None,
        body=(FIXTURES / f"{name}.html").read_bytes(),
    )
    result = extract_page(page, ExtractOptions())
    assert isinstance(result, Extracted)
    return result


def stripped(result: Extracted) -> dict[str, str]:
    return {e.value: e.rule for e in result.evidence if e.field == "text"}


def test_a_body_in_several_containers_is_one_text() -> None:
    lines = extracted("split_body").article.text.split("\n")
    assert [line.split()[0] for line in lines] == ["The", "Some", "For", "The", "A", "On"]


def test_a_standfirst_is_the_description_where_the_page_states_none() -> None:
    article = extracted("split_body").article
    assert article.description == "Eleven months after the storm, islanders need no fishing boat any more."
    assert "islanders need no fishing boat" not in article.text


@pytest.mark.parametrize(
    "phrase",
    [
        "a slow knocking, as if someone were asking",
        "Built in the winter of 1998",
        "A wheel of oak",
        "which of the three goes first",
        "opens the house and explains the works",
    ],
)
def test_what_the_article_says_stays(phrase: str) -> None:
    assert phrase in extracted("furniture").article.text


@pytest.mark.parametrize(
    "phrase",
    [
        "Why the old mill turns at night",
        "4 min read",
        "The mill at Aubach in spring",
        "READ MORE",
        "Sign up for the Valley letter",
        "Image credit",
        "Jonas Ferber writes",
        "You may also like",
        "A tale of two councils",
        "lock keeper",
    ],
)
def test_what_stands_around_it_goes(phrase: str) -> None:
    assert phrase not in extracted("furniture").article.text


def test_a_caption_is_kept_with_its_picture() -> None:
    (caption,) = extracted("furniture").article.captions
    assert caption.text == "The mill at Aubach in spring. Photo: L. Brand"
    assert caption.image_url == "https://press.example.org/img/mill.jpg"


def test_what_a_rule_took_is_evidence_under_its_name() -> None:
    rules = stripped(extracted("zeitung_de"))
    assert rules["Stadtbad : Das Becken bleibt leer"] == "title_line"
    assert rules["Lesen Sie auch: Warum Freibäder so teuer sind"] == "pointer"
    assert rules["Jetzt abonnieren und keine Nachricht verpassen!"] == "appeal"


def test_german_text_is_only_its_paragraphs() -> None:
    article = extracted("zeitung_de").article
    assert [line.split()[0] for line in article.text.split("\n")] == ["Das", "Ursache", "Die"]
    assert article.language == "de"
    assert article.word_count == 64
