from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.url import article_id
from warehouse.identity import Sighting, canonical_key, merge

START = datetime(2026, 11, 1, tzinfo=UTC)


def seen(
    page: str, canonical: str | None = None, *, title: int | None = 1, text: int | None = 1, day: int = 0
) -> Sighting:
    return Sighting(page, canonical, title, text, START + timedelta(days=day))


@pytest.mark.parametrize(
    ("final_url", "declared", "counts_as"),
    [
        ("https://www.paper.example/a?print=1", "https://www.paper.example/a", "https://www.paper.example/a"),
        ("https://m.example.com/a", "https://www.example.com/a", "https://www.example.com/a"),
        ("http://127.0.0.1:8001/a?p=1", "http://127.0.0.1:8001/a", "http://127.0.0.1:8001/a"),
        ("http://127.0.0.1:8001/a?p=1", "http://127.0.0.1:8002/a", None),  # another server
        ("https://paper.example/a?print=1", "/a", "https://paper.example/a"),
        ("http://paper.example/a", "https://paper.example/a", "https://paper.example/a"),
        ("https://paper.example/a", "https://paper.example/a", None),  # itself
        ("https://paper.example/a", "https://paper.example/a?utm_source=x#top", None),  # itself, normalised
        ("https://paper.example/a", "https://paper.example/", None),  # the home page
        ("https://paper.example/a", "https://paper.example", None),
        ("https://paper.example/a", "https://paper.example/index.html", None),
        ("https://paper.example/a", "https://sister.example/a", None),  # syndication
        ("https://one.co.uk/a", "https://two.co.uk/a", None),  # a public suffix is no domain
        ("https://paper.example/a", "http://[broken", None),
        ("https://paper.example/a", "", None),
        ("file:///home/x/a.html", "https://paper.example/a", None),
    ],
)
def test_which_declarations_may_count(final_url: str, declared: str, counts_as: str | None) -> None:
    assert canonical_key(final_url, declared) == (article_id(counts_as) if counts_as else None)


@pytest.mark.parametrize(
    ("name", "sightings", "articles"),
    [
        ("alone", [seen("a")], {"a": "a"}),
        ("declared page never seen", [seen("a", "c")], {"a": "a"}),
        ("agree in both", [seen("a", "c"), seen("c")], {"a": "c", "c": "c"}),
        ("agree in title", [seen("a", "c", text=2), seen("c")], {"a": "c", "c": "c"}),
        ("agree in text", [seen("a", "c", title=2), seen("c")], {"a": "c", "c": "c"}),
        ("agree in nothing", [seen("a", "c", title=2, text=2), seen("c")], {"a": "a", "c": "c"}),
        (
            "nothing is no agreement",
            [seen("a", "c", title=None, text=None), seen("c", title=None, text=None)],
            {"a": "a", "c": "c"},
        ),
        ("no declaration, no merging", [seen("a"), seen("c")], {"a": "a", "c": "c"}),
        ("two that declare a page never seen", [seen("a", "c", day=2), seen("b", "c", day=1)], {"a": "b", "b": "b"}),
        (
            "all declare a section front",
            [seen("a", "s", title=1, text=1), seen("b", "s", title=2, text=2), seen("s", title=3, text=3)],
            {"a": "a", "b": "b", "s": "s"},
        ),
        ("a chain", [seen("a", "b"), seen("b", "c"), seen("c")], {"a": "b", "b": "b", "c": "b"}),
        ("each names the other", [seen("a", "b", day=2), seen("b", "a", day=1)], {"a": "b", "b": "b"}),
        (
            "agreed once, before an edit",
            [seen("a", "c"), seen("c", title=5, text=5), seen("c", day=3)],
            {"a": "c", "c": "c"},
        ),
        ("the canonical page first seen later", [seen("a", "c"), seen("c", day=9)], {"a": "c", "c": "c"}),
    ],
)
def test_merging(name: str, sightings: list[Sighting], articles: dict[str, str]) -> None:
    assert merge(sightings) == articles


KEYS = st.sampled_from("abcdef")
SIGHTINGS = st.lists(
    st.builds(
        Sighting,
        KEYS,
        st.none() | KEYS,
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 2),
        st.integers(0, 3).map(lambda n: START + timedelta(days=n)),
    ),
    max_size=12,
)


@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_the_order_of_sightings_and_repeats_change_nothing(sightings: list[Sighting], rng: random.Random) -> None:
    shuffled = sightings + rng.sample(sightings, len(sightings) // 2)
    rng.shuffle(shuffled)
    assert merge(shuffled) == merge(sightings)


@given(SIGHTINGS, SIGHTINGS)
def test_more_sightings_never_take_pages_apart(some: list[Sighting], more: list[Sighting]) -> None:
    before, after = merge(some), merge(some + more)
    together = [(a, b) for a in before for b in before if before[a] == before[b]]
    assert all(after[a] == after[b] for a, b in together)


@given(SIGHTINGS)
def test_an_article_is_named_by_one_of_its_pages(sightings: list[Sighting]) -> None:
    articles = merge(sightings)
    assert set(articles) == {s.page_key for s in sightings}
    assert all(articles[key] == key for key in articles.values())
