"""The marts: kept by each load, and the same as counted from the whole."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic import NOW, START, Shown, World, fetch, put, query, rows

from transforms.outcome import Outcome
from transforms.url import article_id
from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.rebuild import rebuild

B = "The ferry is gone. " * 10
DAY = 24 * 60

COUNTED_ANEW = {
    "domain_links": """
        SELECT CAST(date_trunc('month', linked_date) AS DATE), from_domain, domain, count(*), count(DISTINCT article_id)
        FROM links GROUP BY ALL ORDER BY ALL""",
    "source_days": """
        SELECT source, CAST(captured_at AT TIME ZONE 'UTC' AS DATE), count(*),
          count(*) FILTER (outcome = 'new'), count(*) FILTER (outcome = 'changed'),
          count(*) FILTER (outcome = 'unchanged'),
          count(*) FILTER (outcome NOT IN ('new', 'changed', 'unchanged', 'revisit'))
        FROM captures GROUP BY ALL ORDER BY ALL""",
}
KEPT = {
    "domain_links": "FROM domain_links ORDER BY ALL",
    "source_days": """
        SELECT source, day_date, capture_count, new_count, changed_count, unchanged_count, rejected_count
        FROM source_days WHERE capture_count > 0 ORDER BY ALL""",
}


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1_000), order=st.permutations(range(4)), cuts=st.sets(st.integers(1, 3)))
def test_kept_by_loads_in_any_order_they_are_as_counted_anew(
    empty_template: Path, seed: int, order: list[int], cuts: set[int]
) -> None:
    world = World(seed, pages=6, captures=30, batches=4)
    with tempfile.TemporaryDirectory() as folder:
        datadir = DataDir.open(Path(shutil.copytree(empty_template, Path(folder) / "data")), create=True)
        for number, batch in enumerate(order):
            world.put(datadir, batch)
            if number in cuts:
                load(datadir, run_id="r", now=NOW)
        load(datadir, run_id="r", now=NOW)
        for mart, counted in COUNTED_ANEW.items():
            assert query(datadir.warehouse, KEPT[mart]) == query(datadir.warehouse, counted)
        in_loads = rows(datadir.warehouse)
        rebuild(datadir, run_id="r", now=NOW)
        assert rows(datadir.warehouse) == in_loads


def test_a_day_of_a_source(ready: DataDir) -> None:
    revisit = Shown(minute=5, rejected=Outcome.REVISIT)
    late = Shown(url="https://news.example/b", minute=DAY, title="Tram")
    put(
        ready,
        "b",
        [Shown(), Shown(minute=2, text=B), Shown(minute=3, rejected=Outcome.EXTRACT_EMPTY), revisit, late],
        [fetch(), fetch(minute=1, outcome=Outcome.DNS), fetch(minute=DAY)],
    )
    load(ready, run_id="r", now=NOW)
    [first, second] = query(
        ready.warehouse,
        """SELECT day_date, capture_count, new_count, changed_count, unchanged_count, rejected_count, revisit_count,
             version_count, word_count, dated_share, authored_share, latency_count, latency_median_s,
             capture_outcomes, fetch_count, fetch_outcomes, verdicts
           FROM source_days ORDER BY day_date""",
    )
    day_s = 86_400.0  # the made-up articles are published a day before the first capture
    outcomes = {"changed": 1, "extract_empty": 1, "new": 1, "revisit": 1}
    fetched = {"captured": 1, "dns": 1}
    assert first == (
        *(date(2026, 10, 30), 4, 1, 1, 0, 1, 1),
        *(2, 80, 1.0, 1.0, 1, day_s, outcomes, 2, fetched, []),
    )
    assert second == (
        *(date(2026, 10, 31), 1, 1, 0, 0, 0, 0),
        *(1, 40, 1.0, 1.0, 1, 2 * day_s, {"new": 1}, 1, {"captured": 1}, []),
    )


def test_a_capture_that_comes_late_changes_the_day_of_another(ready: DataDir) -> None:
    put(ready, "a", [Shown(minute=DAY)])
    load(ready, run_id="r", now=NOW)
    put(ready, "b", [Shown(minute=0)])
    load(ready, run_id="r", now=NOW)
    found = query(
        ready.warehouse, "SELECT new_count, unchanged_count, latency_count FROM source_days ORDER BY day_date"
    )
    assert found == [(1, 0, 1), (0, 1, 0)]


def test_revisits_are_counted_apart_from_rejections(ready: DataDir) -> None:
    put(
        ready,
        "a",
        [Shown(), Shown(minute=5, rejected=Outcome.REVISIT), Shown(minute=6, rejected=Outcome.EXTRACT_EMPTY)],
    )
    load(ready, run_id="r", now=NOW)
    counts = "new_count, changed_count, unchanged_count, rejected_count, revisit_count"
    assert query(ready.warehouse, f"SELECT {counts} FROM loads WHERE run_id = 'r'") == [(1, 0, 0, 1, 1)]
    assert query(ready.warehouse, "SELECT outcome FROM rejections") == [("extract_empty",)]


# links

OTHER = "https://other.example/x"


def test_links_are_those_of_the_newest_version_and_lead_to_articles_once_they_are_there(ready: DataDir) -> None:
    put(ready, "a", [Shown(links=[OTHER, "https://far.example/"]), Shown(minute=9, text=B, links=[OTHER])])
    load(ready, run_id="r", now=NOW)
    asked = "SELECT url, from_domain, is_internal, target_article_id FROM links ORDER BY position"
    assert query(ready.warehouse, asked) == [(OTHER, "news.example", False, None)]
    assert query(ready.warehouse, "SELECT count(*) FROM version_links") == [(3,)]
    put(ready, "b", [Shown(url=OTHER, title="Other", text="Quite another text. " * 9, minute=20)])
    load(ready, run_id="r", now=NOW)
    assert query(ready.warehouse, asked) == [(OTHER, "news.example", False, article_id(OTHER))]
    assert query(ready.warehouse, "SELECT from_domain, to_domain, link_count, article_count FROM domain_links") == [
        ("news.example", "other.example", 1, 1)
    ]


def test_a_link_finds_the_article_that_its_page_was_merged_into(ready: DataDir) -> None:
    printed = OTHER + "?print=1"
    put(ready, "a", [Shown(links=[printed]), Shown(url=printed, title="Tram", minute=3, canonical=OTHER)])
    load(ready, run_id="r", now=NOW)
    found = "SELECT target_article_id FROM links"
    assert query(ready.warehouse, found) == [(article_id(printed),)]
    put(ready, "b", [Shown(url=OTHER, title="Tram", minute=5)])
    load(ready, run_id="r", now=NOW)
    assert query(ready.warehouse, found) == [(article_id(OTHER),)]


@pytest.mark.parametrize("now_links", [[], ["https://far.example/"], [OTHER, OTHER]])
def test_links_that_are_gone_are_no_longer_counted(ready: DataDir, now_links: list[str]) -> None:
    put(ready, "a", [Shown(links=[OTHER, "https://far.example/"])])
    load(ready, run_id="r", now=NOW)
    put(ready, "b", [Shown(minute=9, text=B, links=now_links)])
    load(ready, run_id="r", now=NOW)
    assert query(ready.warehouse, KEPT["domain_links"]) == query(ready.warehouse, COUNTED_ANEW["domain_links"])
    assert query(ready.warehouse, "SELECT sum(link_count)::INTEGER FROM domain_links") == [(len(now_links) or None,)]


# views


@pytest.fixture
def busy(ready: DataDir) -> DataDir:
    gone = fetch("https://news.example/a", minute=60, outcome=Outcome.HTTP_4XX, status=410, capture_id=None)
    came_back = replace(gone, url="https://news.example/b")
    comments = [("1", "So"), ("2", "No")]
    put(
        ready,
        "a",
        [
            Shown(comments=comments),
            Shown(url="https://news.example/b", title="Tram", text=B, minute=1),
            Shown(url="https://news.example/b", title="Tram", text=B, minute=90),
        ],
        [gone, came_back, fetch("https://news.example/b", minute=90)],
    )
    load(ready, run_id="r", now=NOW)
    return ready


def test_what_was_taken_down_and_stayed_down(busy: DataDir) -> None:
    found = query(busy.warehouse, "SELECT url, title, last_captured_at, gone_at, status FROM takedowns")
    at = START + timedelta(minutes=60)
    assert found == [("https://news.example/a", "Ferry returns to the harbour", START, at, 410)]


def test_comment_threads_and_days(busy: DataDir) -> None:
    threads = "SELECT title, comment_count, thread_count, author_count, first_seen_at FROM comment_threads"
    assert query(busy.warehouse, threads) == [("Ferry returns to the harbour", 2, 2, 1, START)]
    assert query(busy.warehouse, "FROM comment_days") == [("paper", START.date(), 2, 0, 1, 1)]


def test_languages_and_topics_by_day(busy: DataDir) -> None:
    day = date(2026, 10, 29)
    assert query(busy.warehouse, "FROM language_days") == [(day, "en", 2, 1, 80)]
    assert query(busy.warehouse, "FROM topic_days") == [(day, "en", "tag", "harbour", 2, 80)]
