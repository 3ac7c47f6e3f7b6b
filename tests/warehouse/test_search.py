from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_world import PRESS, ask, found_in, index_in_memory, index_press
from synthetic import START

from transforms.search_passage import hits_in, patterns
from transforms.search_query import And, Node, Not, Or, SearchSyntaxError, Words, parse
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.search import SearchError, SearchRequest, Sort, day_or_moment, search


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    datadir = DataDir.open(tmp_path_factory.mktemp("press") / "data", create=True)
    index_press(datadir)
    return datadir


FOUND = [
    ("heat", ["heat", "wave"]),
    ('"heat wave"', ["heat", "wave"]),
    ('"wave of visitors"', ["heat"]),
    ("heat sport", ["wave"]),
    ("heat -sport", ["heat"]),
    ("sport OR visitors", ["heat", "wave"]),
    ("visit*", ["heat"]),
    ("title:tide", ["undated"]),
    ('"harbour the"', []),  # the end of a title and the beginning of its text are no phrase
    ("zurich strasse", ["strasse"]),
    ("heisses", ["strasse"]),
    ("Strass", []),
    ("coeur", ["coeur"]),
    ("l'ete EVREUX", ["coeur"]),
    ("manana", ["nino"]),
    ("東京", ["kyoto", "tokyo"]),
    ("東京都", ["tokyo"]),
    ("京都", ["kyoto", "tokyo"]),
    ("京都 桜", ["kyoto"]),
    ("猫", ["tokyo"]),
    ("展", ["beijing", "tokyo"]),
    ("た", ["kyoto", "tokyo"]),
    ('"京都の桜"', ["kyoto"]),
    ("北京大学", ["beijing"]),
    ('"2026年结束"', ["beijing"]),
    ("서울", ["seoul"]),
    ("전시", ["seoul"]),
    ("ไทย", ["thai"]),
    ("หนังสือ", ["thai"]),
    ("المدرسه", ["arabic"]),
    ("احمد", ["arabic"]),
    ("елку", ["russian"]),
    ("библиотек*", ["russian"]),
    ("हिन्दी", ["hindi"]),
    ("οδοσ", ["greek"]),
    ("αθηνας", ["greek"]),
    ("nowhere", []),
]


@pytest.mark.parametrize(("query", "expected"), FOUND, ids=[f[0] for f in FOUND])
def test_a_query_finds_its_articles_in_any_language(pressed: DataDir, query: str, expected: list[str]) -> None:
    assert sorted(ask(pressed, query)) == sorted(expected)


def test_words_in_the_title_rank_higher(pressed: DataDir) -> None:
    assert ask(pressed, '"heat wave"') == ["heat", "wave"]
    assert ask(pressed, "wave applause OR tide")[0] in ("wave", "undated")


def test_a_hit_has_what_a_result_shows(pressed: DataDir) -> None:
    answer = search(pressed, SearchRequest(query="strasse"))
    [hit] = answer.hits
    assert answer.count == 1
    assert (hit.rank, hit.source, hit.language, hit.domain) == (1, "paper", "de", "news.example")
    assert (hit.url, hit.published_at) == ("https://news.example/strasse", START + timedelta(days=2))
    assert hit.title.marked() == "Neue **Straße** in Zürich"
    assert hit.snippet.marked() == "Der Bürgermeister eröffnet die **Straße**. Heißes Wetter."
    assert hit.score is not None
    assert hit.score > 0


FILTERED: list[tuple[str, dict[str, object], list[str]]] = [
    ("*", {"languages": ["ja", "ko"]}, ["seoul", "kyoto", "tokyo"]),
    ("展*", {"languages": ["ja"]}, ["tokyo"]),
    ("*", {"sources": ["diario"]}, ["nino"]),
    ("*", {"sources": ["diario", "shimbun"], "languages": ["ja"]}, ["kyoto", "tokyo"]),
    ("*", {"domains": ["old.example"]}, ["undated"]),
    ("*", {"published_to": START.date()}, ["heat"]),
    ("*", {"published_from": START.date() + timedelta(days=13)}, ["greek"]),
    (
        "*",
        {"published_from": START + timedelta(days=1), "published_to": START + timedelta(days=2)},
        ["strasse", "wave"],
    ),
    (
        "*",
        {"published_from": START + timedelta(days=1, microseconds=1), "published_to": START + timedelta(days=2)},
        ["strasse"],
    ),
    ("heat", {"published_from": date(2030, 1, 1)}, []),
    ("-heat", {"languages": ["en"]}, []),
]


@pytest.mark.parametrize(("query", "filters", "expected"), FILTERED)
def test_filters(pressed: DataDir, query: str, filters: dict[str, object], expected: list[str]) -> None:
    assert ask(pressed, query, **filters) == expected


def test_newest_first_and_undated_last(pressed: DataDir) -> None:
    names = ask(pressed, "*", sort=Sort.NEWEST, limit=None)
    assert names == [s.url.rpartition("/")[2] for s in [*reversed(PRESS[:-1]), PRESS[-1]]]
    assert ask(pressed, "heat OR tide", sort=Sort.NEWEST) == ["wave", "heat", "undated"]


def test_the_limit_cuts_the_hits_and_not_the_count(pressed: DataDir) -> None:
    answer = search(pressed, SearchRequest(query="*", limit=4))
    assert (answer.count, len(answer.hits)) == (len(PRESS), 4)
    with pytest.raises(SearchError, match="1 or more"):
        search(pressed, SearchRequest(query="*", limit=0))


def test_mistakes_are_errors_of_one_line(pressed: DataDir) -> None:
    for query in ('"open', "author:x", "x " * 2_000):
        with pytest.raises(SearchError) as error:
            search(pressed, SearchRequest(query=query))
        assert "\n" not in str(error.value)


def test_nothing_is_loaded_yet(datadir: DataDir) -> None:
    with pytest.raises(WarehouseError, match="nothing is loaded"):
        search(datadir, SearchRequest(query="x"))


def test_an_index_that_must_not_be_written_is_searched(
    pressed: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
    copy = DataDir(Path(shutil.copytree(pressed.root, tmp_path / "copy")))
    for lock in copy.index.rglob("*.lock"):
        lock.unlink()  # what opening it makes
    before = sorted(p.name for p in copy.index.rglob("*"))
    assert ask(copy, "heat sport") == ["wave"]
    assert sorted(p.name for p in copy.index.rglob("*")) == before


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-11-20T14:00", datetime(2026, 11, 20, 14)),  # noqa: DTZ001 - taken for UTC later
        ("2026-11-20 14:00:00+00", datetime(2026, 11, 20, 14, tzinfo=UTC)),
    ],
)
def test_days_and_moments(text: str, moment: date) -> None:
    assert day_or_moment(text, "--from") == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "20.11.2026", ""])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(SearchError, match="--from is a day like"):
        day_or_moment(text, "--from")


def test_equal_scores_are_ordered_by_article_whatever_the_layout_of_the_index() -> None:
    texts = [(f"t{n % 3}", "same words here") for n in range(200)]
    answers = [found_in(index_in_memory(texts, commit_every=n), "same", limit=7) for n in (200, 17, 3)]
    assert answers == [list(range(7))] * 3


LETTERS = "ab東京ก"
DOCUMENTS = st.lists(st.text(st.sampled_from(LETTERS + "  "), max_size=12), min_size=1, max_size=12)
QUERIES = st.text(st.sampled_from(LETTERS + '  "*-'), min_size=1, max_size=8) | st.sampled_from(
    [
        "a OR 東",
        "(a OR b) 京",
        "-a",
        "a -b",
        '"a 東"',
        '"東 京"',
        '"東a"',
        '"a b"',
        "ab*",
        '"a b*"',
        "ก",
        "กก",
        '"京 東京"',
    ]
)


@settings(max_examples=150)
@given(DOCUMENTS, QUERIES)
def test_the_index_finds_what_looking_at_every_text_finds(texts: list[str], query: str) -> None:
    try:
        node = parse(query)
    except SearchSyntaxError:
        return
    index = index_in_memory([("", text) for text in texts])
    assert set(found_in(index, query)) == {n for n, text in enumerate(texts) if matches(node, text)}


def matches(node: Node, text: str) -> bool:
    match node:
        case Words():
            return bool(hits_in(text, patterns([node])))
        case Not(inner):
            return not matches(inner, text)
        case And(nodes):
            return all(matches(n, text) for n in nodes)
        case Or(nodes):
            return any(matches(n, text) for n in nodes)
        case _:
            return True
