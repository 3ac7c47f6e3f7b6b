"""Forum threads and question pages: recognised, and their posts in order. Articles with comments are none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml.html import HtmlElement, document_fromstring

from transforms.forum import detect_forum

FIXTURES = Path(__file__).parent.parent / "fixtures" / "comments"
QUESTION = "The boiler of the Ostermouth ferry is from 1934. Does anybody know who has drawings of it?"
ANSWER = "The museum at Skarne has them, second cupboard on the left."


def tree_of(name: str) -> HtmlElement:
    return document_fromstring((FIXTURES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "authors"),
    [
        ("forum_phpbb.html", ["engineman", "tidewatcher"]),
        ("forum_discourse.html", ["engineman", "tidewatcher"]),
        ("forum_questions.html", [None, None]),
    ],
)
def test_posts_are_read_in_order(name: str, authors: list[str | None]) -> None:
    thread = detect_forum(tree_of(name))
    assert thread is not None
    assert [p.author for p in thread.posts] == authors
    assert [p.text for p in thread.posts] == [QUESTION, ANSWER]
    assert thread.text.index(QUESTION) < thread.text.index(ANSWER)
    assert "Keep the fires burning" not in thread.text
    assert "Which of the two" not in thread.text


def test_the_text_begins_with_the_first_post_and_names_those_who_answer() -> None:
    thread = detect_forum(tree_of("forum_phpbb.html"))
    assert thread is not None
    assert thread.text == f"{QUESTION}\ntidewatcher\nMon May 03, 2021 11:40 am\n{ANSWER}"


def test_a_post_keeps_its_time() -> None:
    thread = detect_forum(tree_of("forum_discourse.html"))
    assert thread is not None
    assert thread.posts[0].published_at == datetime(2021, 5, 3, 9, 15, tzinfo=UTC)
    assert thread.posts[0].printed_time == "May 3, 2021, 9:15am"


@pytest.mark.parametrize("name", sorted(p.name for p in FIXTURES.glob("*.html") if not p.name.startswith("forum")))
def test_an_article_with_comments_is_no_thread(name: str) -> None:
    assert detect_forum(tree_of(name)) is None


def test_detection_leaves_the_tree_alone() -> None:
    tree = tree_of("forum_phpbb.html")
    before = tree.text_content()
    detect_forum(tree)
    assert tree.text_content() == before
