"""From found comments to rows: keys that no sort order changes, and pseudonyms."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.comments_found import FoundComment, to_comments
from transforms.page import ExtractOptions, Page
from transforms.pseudonyms import pseudonym

PAGE = Page(
    capture_id="capture",
    url="https://gazette.example/ferry",
    final_url="https://gazette.example/ferry",
    source="gazette",
    captured_at=datetime(2024, 1, 1, tzinfo=UTC),
    content_type="text/html",
    content_encoding=None,
    body=b"",
)
FOUND = (
    FoundComment(position=0, text="Good.", author="Ida", published_at=datetime(2021, 5, 3, tzinfo=UTC)),
    FoundComment(position=1, text="Bad.", author="Per", parent_index=0),
    FoundComment(position=2, text="Good.", author="Ida", published_at=datetime(2021, 5, 4, tzinfo=UTC)),
    FoundComment(position=3, text="Anything", own_id="77"),
)


def rows(found: tuple[FoundComment, ...], **options: object) -> dict[str, str]:
    made = to_comments(found, "article", PAGE, ExtractOptions(**options))  # type: ignore[arg-type]
    return {c.comment_id: f"{c.author} {c.text} {c.published_at}" for c in made}


@given(st.randoms(use_true_random=False))
def test_another_order_on_the_page_changes_no_key(rng: random.Random) -> None:
    order = list(range(len(FOUND)))
    rng.shuffle(order)
    shuffled = tuple(replace(FOUND[i], position=n, parent_index=None) for n, i in enumerate(order))
    assert rows(shuffled) == rows(tuple(replace(c, parent_index=None) for c in FOUND))


def test_an_answer_names_its_parent_and_its_article() -> None:
    made = to_comments(FOUND, "article", PAGE, ExtractOptions())
    assert made[1].parent_id == made[0].comment_id
    assert {c.article_id for c in made} == {"article"}
    assert {c.seen_at for c in made} == {PAGE.captured_at}


def test_the_same_words_twice_are_two_comments() -> None:
    twice = (FOUND[0], replace(FOUND[0], position=1))
    assert len(rows(twice)) == 2


def test_the_page_s_own_id_is_scoped_by_the_article() -> None:
    here = to_comments(FOUND[3:], "article", PAGE, ExtractOptions())
    edited = to_comments((replace(FOUND[3], text="Edited"),), "article", PAGE, ExtractOptions())
    there = to_comments(FOUND[3:], "another", PAGE, ExtractOptions())
    assert here[0].comment_id == edited[0].comment_id != there[0].comment_id


def test_ids_that_the_page_gives_twice_are_no_keys() -> None:
    twins = (replace(FOUND[0], own_id="1"), replace(FOUND[1], own_id="1", parent_index=None))
    assert len({c.comment_id for c in to_comments(twins, "article", PAGE, ExtractOptions())}) == 2


def test_pseudonyms_replace_names_and_change_no_key() -> None:
    named, hidden = rows(FOUND), rows(FOUND, pseudonyms=True, pseudonym_key="secret")
    assert named.keys() == hidden.keys()
    assert not any("Ida" in value or "Per" in value for value in hidden.values())


@pytest.mark.parametrize(("one", "other"), [("Ida  Holm", "ida holm"), ("Ｉｄａ", "Ida")])
def test_spellings_of_one_name_share_a_pseudonym(one: str, other: str) -> None:
    assert pseudonym(one, "key") == pseudonym(other, "key") != pseudonym(one, "another key")


@given(st.text(min_size=1), st.text())
def test_a_pseudonym_never_shows_the_name(name: str, key: str) -> None:
    made = pseudonym(name, key)
    assert made.startswith("reader-")
    assert len(made) == len("reader-") + 12
