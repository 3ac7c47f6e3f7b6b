"""From sources to SQL over the demo press, edition after edition, held against its gold, while a reader asks."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from whole_way import EDITIONS, Way

from demo.access import count_conditional
from demo.expected import Expected, expected_articles, expected_fetches
from demo.press import Press
from flows.runs import open_run
from flows.stages import run_rebuild
from flows.steps import direct_steps


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_url_ends_in_the_outcome_that_it_should(way: Way, edition: int) -> None:
    since = edition - 1 if edition > 1 else None
    expected = expected_fetches(edition, since=since)
    if since:
        # a day later what is no page is not asked for again
        asked = {"captured", "not_modified", "robots_denied", "http_4xx"}
        expected = tuple(f for f in expected if f.fetch in asked)
    gold = Counter((f.site, f.fetch, f.capture) for f in expected)
    if edition == 3:
        gold["montorvelle", "http_4xx", None] = 1  # a page that no sitemap names any more, found gone by its revisit
    assert Counter(way.outcomes[edition]) == gold


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_counts_balance(way: Way, edition: int) -> None:
    report = way.reports[edition]
    assert report.is_balanced
    assert report.problems == ()
    assert report.discovered_count == sum(c.count for c in report.fetches) > 40


def test_a_reader_is_never_locked_out_and_never_sees_half_a_load(way: Way) -> None:
    assert way.reader["bad"] == []
    assert way.reader["reads"] > 20
    assert len(way.reader["loads_seen"]) >= 2


def _article_key(expected: Expected, press: Press) -> str:
    return press.origin(expected.site) + expected.path


@pytest.fixture(scope="module")
def articles(way: Way) -> dict[str, dict[str, Any]]:
    columns = "final_url, title, authors, published_at, published_precision, language, page_type, text, article_id"
    names = columns.split(", ")
    return {row[0]: dict(zip(names, row, strict=True)) for row in way.ask(f"SELECT {columns} FROM articles")}


def _current(
    expected: tuple[Expected, ...], articles: dict[str, dict[str, Any]], press: Press
) -> list[tuple[Expected, dict[str, Any]]]:
    return [(e, articles[_article_key(e, press)]) for e in expected if _article_key(e, press) in articles]


@pytest.fixture(scope="module")
def pairs(way: Way, articles: dict[str, dict[str, Any]]) -> list[tuple[Expected, dict[str, Any]]]:
    found = _current(expected_articles(EDITIONS[-1]), articles, way.press)
    assert len(found) > 45
    return found


def test_titles(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [
        (e.site, e.title, a["title"]) for e, a in pairs if " ".join(e.title.split()) != " ".join(a["title"].split())
    ]
    assert wrong == []


def test_authors(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [(e.site, e.path, e.authors, a["authors"]) for e, a in pairs if list(e.authors) != a["authors"]]
    assert wrong == []


def test_times_with_their_zone(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [
        (e.site, e.path, e.published_at, a["published_at"])
        for e, a in pairs
        if e.is_zoned and e.published_at != a["published_at"]
    ]
    assert wrong == []


def test_languages_and_page_types(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [
        (e.site, e.path, a["language"], a["page_type"])
        for e, a in pairs
        if (e.language, e.page_type) != (a["language"], a["page_type"])
    ]
    assert wrong == []


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_texts_are_whole(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [(e.site, e.path, p) for e, a in pairs for p in e.paragraphs if _flat(p) not in _flat(a["text"])]
    assert wrong == []


def test_texts_hold_no_comment_and_no_boilerplate(pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    wrong = [(e.site, e.path, phrase) for e, a in pairs for phrase in e.forbidden if _flat(phrase) in _flat(a["text"])]
    assert wrong == []


def test_comments_are_kept_apart(way: Way, pairs: list[tuple[Expected, dict[str, Any]]]) -> None:
    kept: dict[str, set[tuple[str, str]]] = {}
    for article_id, author, text in way.ask("SELECT article_id, author, text FROM comments"):
        kept.setdefault(article_id, set()).add((author, _flat(text)))
    wrong = [
        (e.site, e.path, author, text)
        for e, a in pairs
        for author, text in zip(e.comment_authors, e.comment_texts, strict=True)
        if (author, _flat(text)) not in kept.get(a["article_id"], set())
    ]
    assert wrong == []


def test_revisits_were_conditional(way: Way) -> None:
    entries = way.press.log.entries()
    assert count_conditional([e for e in entries if e.edition == 1]) == 0
    later = [e for e in entries if e.edition > 1 and e.status == 304]
    assert len(later) > 60
    assert count_conditional(later) == len(later)


def test_the_crawl_delay_is_kept(way: Way) -> None:
    gaps = way.ask(
        """WITH asked AS (
               SELECT run_id, attempt.at AS asked_at FROM fetches, unnest(attempts) AS u(attempt)
               WHERE source = 'montorvelle' AND kind <> 'robots'),
           pairs AS (SELECT asked_at, lag(asked_at) OVER (PARTITION BY run_id ORDER BY asked_at) AS earlier FROM asked)
           SELECT min(epoch(asked_at) - epoch(earlier)) FROM pairs"""
    )
    assert gaps[0][0] >= 1.0


def test_changes_are_versions_with_spans(way: Way) -> None:
    spans = way.ask(
        """SELECT article_id, list(version_number ORDER BY version_number), count(*) FILTER (is_current)
           FROM article_versions GROUP BY article_id"""
    )
    assert all(numbers == list(range(1, len(numbers) + 1)) and current == 1 for _, numbers, current in spans)
    assert sum(len(numbers) > 1 for _, numbers, _ in spans) >= 3


def test_the_story_that_three_sites_print_is_one(way: Way) -> None:
    found = way.ask(
        """SELECT a.source, s.is_first, s.is_embedding
           FROM story_articles AS s JOIN articles AS a USING (article_id)
           WHERE story_id = (SELECT story_id FROM stories WHERE starts_with(title, 'Saltmere ferry to sail'))
           ORDER BY s.appeared_at"""
    )
    assert found == [("saltmere", True, False), ("alisio", False, False), ("relay", False, False)]


def test_the_queries_in_the_readme_have_answers(way: Way) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", readme, re.DOTALL)
    assert len(queries) >= 5
    assert [q for q in queries if not way.ask(q)] == []


HASHES = "SELECT md5(string_agg(t::VARCHAR, '|' ORDER BY t::VARCHAR)) FROM (FROM {}) AS t"
TABLES = ("captures", "article_versions", "comments", "evidence", "fetches")


def test_rebuilt_from_captures_it_is_the_same(way: Way) -> None:
    before = [way.ask(HASHES.format(table)) for table in TABLES]
    run = open_run(data_dir=way.data, shard_pages=7)
    with direct_steps(run, is_forced=True, is_rebuild=True) as steps:
        run_rebuild(run, steps)
    assert [way.ask(HASHES.format(table)) for table in TABLES] == before
