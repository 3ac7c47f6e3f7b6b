"""The headline among h1, JSON-LD, meta tags and the title element."""

import pytest

from transforms.titles import Candidate, choose_title, without_site

SITE = frozenset({"thetidewatercourier", "courier"})


@pytest.mark.parametrize(
    ("h1s", "others", "title"),
    [
        (["Bridge reopens"], ["Bridge reopens"], "Bridge reopens"),
        (["Bridge reopens"], ["Bridge reopens | The Tidewater Courier"], "Bridge reopens"),
        (["The Tidewater Courier", "Bridge reopens today"], ["Bridge reopens today"], "Bridge reopens today"),
        (["Local news", "Bridge reopens today"], ["News: Bridge reopens today"], "Bridge reopens today"),
        (
            ["Exclusive Bridge reopens after a decade"],
            ["Bridge reopens after a decade"],
            "Bridge reopens after a decade",
        ),
        ([], ["Bridge reopens - The Tidewater Courier"], "Bridge reopens"),
        (["Kettle Talk"], ["Which kettle descales best? - Kettle Talk"], "Which kettle descales best?"),
        (["Fields ¶"], ["Fields - Validation"], "Fields"),
        (["Menu", "Ten bridges that you must see"], ["Our ten favourite bridges"], "Our ten favourite bridges"),
        (["Ten bridges you must see"], ["Top ten bridges you should see"], "Ten bridges you must see"),
        (["A guide to the bridges of the bay"], ["Crossing water"], "A guide to the bridges of the bay"),
        (["News"], ["Crossing water"], "Crossing water"),
        ([], [], None),
    ],
)
def test_the_headline_is_found(h1s: list[str], others: list[str], title: str | None) -> None:
    chosen = choose_title(h1s, [Candidate("og:title", o) for o in others], SITE)
    assert (chosen.winner.value if chosen.winner else None) == title


def test_what_lost_is_kept() -> None:
    chosen = choose_title(
        ["Bridge reopens"], [Candidate("jsonld:headline", "Bridge reopens"), Candidate("og:title", "X!")], SITE
    )
    assert chosen.winner == Candidate("h1+jsonld:headline", "Bridge reopens")
    assert chosen.rejected == (Candidate("og:title", "X!"),)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Bridge - The Tidewater Courier", "Bridge"),
        ("The Tidewater Courier | Bridge - a story", "Bridge - a story"),
        ("Bridge - a story", "Bridge - a story"),
        ("Bridge", "Bridge"),
    ],
)
def test_the_sites_name_goes(title: str, bare: str) -> None:
    assert without_site(title, SITE) == bare
