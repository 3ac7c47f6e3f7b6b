"""Readers' comments in markup: found with what the page gives, and taken out, never at the article's cost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml.html import HtmlElement, document_fromstring

from transforms.comments import find_comments, strip_comments, take_comments
from transforms.page import Page

FIXTURES = Path(__file__).parent.parent / "fixtures" / "comments"
IDA, PER = "I took that boat to school every day.", "Eleven million is a lot."


def tree_of(name: str) -> HtmlElement:
    return document_fromstring((FIXTURES / name).read_text(encoding="utf-8"))


def page_of(captured_at: datetime = datetime(2024, 1, 1, tzinfo=UTC)) -> Page:
    return Page(
        capture_id="c",
        url="https://gazette.example/ferry",
        final_url="https://gazette.example/ferry",
        source="gazette",
        captured_at=captured_at,
        content_type="text/html",
        content_encoding=None,
        body=b"",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "classic_nested.html",
            [
                (
                    "101",
                    "Ida Holm",
                    datetime(2021, 5, 3, 7, 15, tzinfo=UTC),
                    None,
                    IDA + "\nGood to hear that it stays.",
                ),
                (
                    "103",
                    "Per Lund",
                    datetime(2021, 5, 4, 6, 2, tzinfo=UTC),
                    0,
                    "Eleven million is a lot of money for a school bus.",
                ),
                ("102", "Käthe B.", datetime(2021, 5, 3, 9, 40, tzinfo=UTC), None, "Thank you for writing about it!"),
            ],
        ),
        (
            "block_theme.html",
            [
                ("7", "Ida Holm", datetime(2023, 1, 5, 10, tzinfo=UTC), None, IDA),
                ("8", "Per Lund", datetime(2023, 1, 6, 12, 30, tzinfo=UTC), None, PER),
            ],
        ),
        (
            "twenty_ten.html",
            [
                ("21", "Ida Holm", datetime(2021, 5, 3, 9, 15, tzinfo=UTC), None, IDA),
                ("22", "Per Lund", datetime(2021, 5, 3, 11, 40, tzinfo=UTC), 0, PER),
            ],
        ),
        (
            "microdata.html",
            [
                ("9001", "Ida Holm", datetime(2021, 5, 3, 9, 15, tzinfo=UTC), None, IDA),
                ("9002", "Per Lund", datetime(2021, 5, 3, 11, 40, tzinfo=UTC), None, PER),
            ],
        ),
        (
            "json_ld.html",
            [
                ("#c1", "Ida Holm", datetime(2021, 5, 3, 9, 15, tzinfo=UTC), None, IDA),
                ("#c2", "Per Lund", datetime(2021, 5, 3, 11, 40, tzinfo=UTC), 0, PER),
            ],
        ),
        (
            "unnamed.html",
            [
                (
                    None,
                    "Ida Holm",
                    datetime(2021, 5, 3, 9, 15, tzinfo=UTC),
                    None,
                    "Ik nam die boot elke dag naar school.",
                ),
                (
                    None,
                    "Per Lund",
                    datetime(2021, 5, 3, 11, 40, tzinfo=UTC),
                    None,
                    "Elf miljoen is veel geld voor een boot.",
                ),
                (None, "Käthe", datetime(2021, 5, 4, 8, 2, tzinfo=UTC), None, "Bedankt voor het bericht!"),
            ],
        ),
        (
            "body_with_signature.html",
            [
                ("31", "Ida Holm", datetime(2021, 5, 3, 9, 15, tzinfo=UTC), None, IDA),
                ("32", "Per Lund", datetime(2021, 5, 3, 11, 40, tzinfo=UTC), None, PER),
            ],
        ),
        (
            "two_names_only.html",
            [
                (
                    "k1",
                    "Ida Holm",
                    datetime(2021, 5, 3, 9, 15, tzinfo=UTC),
                    None,
                    "Ik nam die boot elke dag naar school.",
                ),
                ("k2", "Per Lund", datetime(2021, 5, 3, 11, 40, tzinfo=UTC), 0, "Elf miljoen is veel geld."),
                ("k3", None, datetime(2021, 5, 4, 8, 2, tzinfo=UTC), None, "Bedankt!"),
            ],
        ),
        (
            "unnamed_times.html",
            [
                (
                    "41",
                    "磯の鯵",
                    datetime(2021, 5, 3, 21, 15, tzinfo=UTC),
                    None,
                    "毎日あの船で学校に通いました。",
                ),
                (
                    "42",
                    "岬の鳶",
                    datetime(2021, 5, 4, 8, 2, tzinfo=UTC),
                    None,
                    "一億は高い。2021年5月1日には半分でした。",
                ),
            ],
        ),
        (
            "unnamed_links.html",
            [
                ("51", "ida_holm", None, None, IDA),
                ("52", "Per Lund", None, None, "@ida_holm " + PER),
                ("53", None, None, None, "@perlund It is."),
            ],
        ),
        ("hosted_disqus.html", [("55", "Ida Holm", None, None, IDA)]),
    ],
)
def test_comments_are_found_with_all_that_the_page_gives(name: str, expected: list[tuple[object, ...]]) -> None:
    found = find_comments(tree_of(name), page_of())
    assert [(c.own_id, c.author, c.published_at, c.parent_index, c.text) for c in found] == expected
    assert [c.position for c in found] == list(range(len(found)))


@pytest.mark.parametrize("name", sorted(p.name for p in FIXTURES.glob("[bchtmu]*.html") if "all_named" not in p.name))
def test_stripping_takes_the_section_and_leaves_the_article(name: str) -> None:
    tree = tree_of(name)
    stripped = strip_comments(tree)
    left = " ".join(tree.text_content().split())
    assert "harbour office" in left
    assert "Ostermouth Gazette" in left
    for gone in (
        "school every day",
        "naar school",
        "Leave a Reply",
        "Pingback",
        "thoughts on",
        "reacties",
        "Kommentare",
    ):
        assert gone not in left
    assert all(piece.rule.startswith("comment_") and piece.text for piece in stripped)


@pytest.mark.parametrize("name", ["about_comments.html", "all_named_comment.html", "json_ld.html"])
def test_what_is_no_comment_section_stays_whole(name: str) -> None:
    tree = tree_of(name)
    before = tree.text_content()
    assert strip_comments(tree) == ()
    assert tree.text_content() == before


def test_taking_is_finding_and_stripping_in_one() -> None:
    taken = take_comments(tree_of("classic_nested.html"), page_of())
    assert taken.comments == find_comments(tree_of("classic_nested.html"), page_of())
    assert taken.stripped == strip_comments(tree_of("classic_nested.html"))


def test_finding_leaves_the_tree_alone() -> None:
    tree = tree_of("classic_nested.html")
    before = tree.text_content()
    find_comments(tree, page_of())
    assert tree.text_content() == before


def test_a_time_after_the_capture_is_no_time() -> None:
    # a day of slack: a local time printed without its zone may run ahead of UTC
    found = find_comments(tree_of("block_theme.html"), page_of(datetime(2023, 1, 4, 12, tzinfo=UTC)))
    assert [c.published_at for c in found] == [datetime(2023, 1, 5, 10, tzinfo=UTC), None]
