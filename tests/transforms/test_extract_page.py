"""The entry point: whole records, and that nothing but the page decides what they are."""

import gzip
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hostile_pages import STORY, WORDS, page

from transforms.extract import extract_page
from transforms.extractor import EXTRACTOR
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Page, Rejected
from transforms.schema import PageType

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").rglob("*.*"))
OPTIONS = ExtractOptions()


def page_of(body: bytes, content_type: str = "text/html", encoding: str | None = None, name: str = "a") -> Page:
    url = f"https://press.example.org/{name}"
    return Page(
        capture_id="c1",
        url=url,
        final_url=url,
        source="test",
        captured_at=datetime(2026, 6, 1, tzinfo=UTC),
        content_type=content_type,
        content_encoding=encoding,
        body=body,
    )


def fixture_pages() -> list[Page]:
    return [
        page_of(path.read_bytes(), "text/html" if path.suffix == ".html" else "text/plain", name=path.name)
        for path in FIXTURES
    ]


def test_a_record_is_whole() -> None:
    result = extract_page(page_of(page(STORY)), OPTIONS)
    assert isinstance(result, Extracted)
    article = result.article
    assert article.title == "A story about hills"
    assert article.text.count(WORDS) == 5
    assert (article.host, article.domain) == ("press.example.org", "example.org")
    assert article.page_type is PageType.ARTICLE
    assert article.language == "en"
    assert article.extractor == EXTRACTOR
    assert len(article.content_hash) == 32
    assert article.provenance.text is not None


def test_the_next_page_of_an_article_is_kept() -> None:
    result = extract_page(page_of(page(STORY, b'<p><a rel="next" href="/a?page=2">On</a></p>')), OPTIONS)
    assert isinstance(result, Extracted)
    assert result.article.next_page_url == "https://press.example.org/a?page=2"


def test_plain_text_is_a_document() -> None:
    body = b"The hills stay\n\nThe council met on Tuesday.\n\nThe mayor said that the hills would stay where they are."
    result = extract_page(page_of(body, "text/plain; charset=utf-8"), OPTIONS)
    assert isinstance(result, Extracted)
    assert result.article.title == "The hills stay"
    assert result.article.text.endswith("would stay where they are.")


def test_a_truncated_coding_is_read_as_far_as_it_goes() -> None:
    body = gzip.compress(page(STORY, os.urandom(2000).hex().encode()))
    result = extract_page(page_of(body[:-600], encoding="gzip"), OPTIONS)
    assert isinstance(result, Extracted)
    assert WORDS in result.article.text


@pytest.mark.parametrize(
    ("body", "encoding", "outcome"),
    [
        (b"not gzip at all", "gzip", Outcome.BAD_ENCODING),
        (b"x", "mystery", Outcome.BAD_ENCODING),
        (b"", None, Outcome.EMPTY),
    ],
)
def test_what_cannot_be_read_has_a_name(body: bytes, encoding: str | None, outcome: Outcome) -> None:
    result = extract_page(page_of(body, encoding=encoding), OPTIONS)
    assert isinstance(result, Rejected)
    assert result.outcome is outcome


def test_the_same_pages_in_any_order_give_the_same_records() -> None:
    pages = fixture_pages()
    first = {p.url: extract_page(p, OPTIONS) for p in pages}
    random.Random(7).shuffle(pages)
    assert {p.url: extract_page(p, OPTIONS) for p in pages} == first


@pytest.mark.slow
def test_other_processes_give_the_same_records() -> None:
    """Another hash seed changes the order of sets and of nothing that is kept."""
    code = (
        "from test_extract_page import *\n"
        "import hashlib\n"
        "print(hashlib.sha256(''.join(repr(extract_page(p, OPTIONS)) for p in fixture_pages()).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1


def test_with_pseudonyms_no_reader_is_named_anywhere() -> None:
    comments = "".join(
        f'<li class="comment" id="comment-{n}"><cite class="fn">{name}</cite>'
        f'<div class="comment-content"><p>{text}</p></div></li>'
        for n, (name, text) in enumerate([("Ada Fish", "Well said."), ("Bo Reed", "I agree with Ada Fish here.")])
    )
    section = f'<section id="comments"><h2>2 Comments</h2><ol class="commentlist">{comments}</ol></section>'
    html = f"<html><body><article><h1>Bell</h1>{STORY.decode()}</article>{section}</body></html>"
    open_, hidden = (
        extract_page(page_of(html.encode()), ExtractOptions(pseudonyms=hides, pseudonym_key="k"))
        for hides in (False, True)
    )
    assert isinstance(open_, Extracted)
    assert isinstance(hidden, Extracted)
    assert "Ada Fish" in repr(open_)
    assert len(hidden.comments) == 2
    assert "Ada Fish" not in repr(hidden)
    assert hidden.comments[0].author in hidden.comments[1].text


def test_binary_data_is_no_article() -> None:
    found = extract_page(page_of(bytes(range(256)) * 400), ExtractOptions())
    assert isinstance(found, Rejected)
    assert found.outcome is Outcome.NOT_HTML


def test_an_article_about_comments_keeps_its_heading() -> None:
    part = STORY.decode()
    html = f"<html><body><article><h1>How papers moderate</h1>{part}<h2>Comments</h2>{part}</article></body></html>"
    found = extract_page(page_of(html.encode()), ExtractOptions())
    assert isinstance(found, Extracted)
    assert "Comments" in found.article.text.split("\n")
