"""Names from lists, by-lines and labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.authors import is_organisation, one_author, split_authors
from transforms.bylines import given_names, marked_names, placed_names, spoken_names

SPLIT = [
    ("Jane Roe", ["Jane Roe"]),
    ("By Jane Roe and Omar Bell", ["Jane Roe", "Omar Bell"]),
    ("Von Änne Österreich und Karl-Heinz Müller", ["Änne Österreich", "Karl-Heinz Müller"]),
    ("Par Zoé Petit et Luc Grand", ["Zoé Petit", "Luc Grand"]),
    ("Por Ana Pérez y Luis Gil", ["Ana Pérez", "Luis Gil"]),
    ("Иван Петров и Анна Белова", ["Иван Петров", "Анна Белова"]),
    ("山田太郎、鈴木花子", ["山田太郎", "鈴木花子"]),
    ("José Ortega y Gasset", ["José Ortega", "Gasset"]),  # known miss: a name with the word that joins names
    ("Jane Roe, MD; Omar Bell, PhD", ["Jane Roe, MD", "Omar Bell, PhD"]),
    ("Jane Roe, DVM, FACVB", ["Jane Roe, DVM, FACVB"]),
    ("Jane Roe, staff writer", ["Jane Roe"]),
    ("Jane Roe (AFP)", ["Jane Roe"]),
    ("Paula (Pam) Ghose", ["Paula (Pam) Ghose"]),
    ("Roe, Jane", ["Jane Roe"]),
    ("jane@courier.example Jane Roe", ["Jane Roe"]),
    ("JANE ROE", ["Jane Roe"]),
    ("Text: Лида Белова", ["Лида Белова"]),
    ("Jane Roe, Jane Roe", ["Jane Roe"]),
    ("https://social.example/janeroe", []),
    ("admin", []),
    ("{{author.name}}", []),
    ("page.head.extra.author", []),
    ("tide_watcher", ["tide_watcher"]),
    ("post_author", []),
    ("field_author_ref", []),
    ("Page", ["Page"]),
    ("Reviewed by Omar Bell", []),
    ("November 20", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "names"), SPLIT)
def test_a_text_splits_into_names(text: str, names: list[str]) -> None:
    assert list(split_authors(text)) == names


def test_a_capped_list_loses_the_name_that_was_cut() -> None:
    names = split_authors(", ".join(f"Person{n:03} Surname" for n in range(400)))
    assert names
    assert all(name.endswith("Surname") for name in names)


def test_a_newsroom_keeps_the_words_that_join_names() -> None:
    assert one_author("Food and Wine Magazine") == ("Food and Wine Magazine",)


@pytest.mark.parametrize(
    ("name", "is_one"), [("Reuters", True), ("The Courier Staff", True), ("IN-Redaktion", True), ("Jane Roe", False)]
)
def test_organisations_are_told_from_people(name: str, is_one: bool) -> None:
    assert is_organisation(name) is is_one


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Jane Roe", ["Jane Roe"]),
        ("By Jane Roe, The Texas Desk | May 3, 2024", ["Jane Roe", "The Texas Desk"]),
        ("3 May 2024 by Jane Roe", ["Jane Roe"]),
        ("This post was written by Jane Roe, head of marketing", ["Jane Roe"]),
        ("Written by Jane Roe Fact checked by Omar Bell", ["Jane Roe"]),
        ("by far the best kettle that we have seen.", []),
        ("Jane Roe", []),
        ("By using this site you agree to our terms", []),
    ],
)
def test_a_line_that_says_by_gives_names(line: str, names: list[str]) -> None:
    assert list(spoken_names(line)) == names


def test_marked_lines_need_no_by_but_must_look_like_names() -> None:
    assert marked_names("Jane Roe May 3, 2024") == ("Jane Roe",)
    assert marked_names("Jane has written about kettles for ten years and loves steam.") == ()
    assert given_names("crazy lenny") == ("crazy lenny",)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["By", "Jane Roe"], ["Jane Roe"]),
        (["Jane Roe | 3 May 2024"], ["Jane Roe"]),
        (["5 min read", "Jane Roe", "May 3, 2024"], ["Jane Roe"]),
        (["Jane Roe", "Kettles are hot."], []),
        (["Read More", "May 3, 2024"], []),
        (["2024年5月3日 09時30分 水城 千尋"], ["水城 千尋"]),
        (["2024年5月3日(金) 09:30 水城 千尋、榊原 湊"], ["水城 千尋", "榊原 湊"]),
        (["3 May 2024, 10:15 | Jane Roe"], ["Jane Roe"]),
        (["May 3, 2024 World News"], []),
        (["May 3, 2024 at the harbour"], []),
        (["Updated May 3, 2024"], []),
        (["New York, May 3, 2024"], []),
    ],
)
def test_a_name_can_be_known_by_its_place(lines: list[str], names: list[str]) -> None:
    assert list(placed_names(lines, lambda name: False)) == names


def test_a_portrait_makes_a_first_line_a_name() -> None:
    assert placed_names(["Jane Roe", "Kettles are hot."], lambda name: name == "Jane Roe") == ("Jane Roe",)


@given(st.text(max_size=400))
def test_names_are_clean(text: str) -> None:
    for name in split_authors(text):
        assert name == name.strip()
        assert 1 < len(name) <= 100
