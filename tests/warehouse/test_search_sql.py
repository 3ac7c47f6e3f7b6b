from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import duckdb
import pytest
from search_world import PRESS, index_press

from warehouse import search_sql
from warehouse.datadir import DataDir
from warehouse.errors import QueryError
from warehouse.export import ExportFormat, export
from warehouse.query import run_sql
from warehouse.reading import reading
from warehouse.search_sql import offer_search


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    datadir = DataDir.open(tmp_path_factory.mktemp("press") / "data", create=True)
    index_press(datadir)
    return datadir


ANSWERED: list[tuple[str, list[tuple[object, ...]]]] = [
    (
        "SELECT rank, title FROM search('heat') JOIN articles USING (article_id) ORDER BY rank",
        [(1, "Heat wave over the harbour"), (2, "A wave of applause")],
    ),
    ("SELECT count(*), count(score), count(snippet) FROM search('*')", [(len(PRESS), 0, len(PRESS))]),
    (
        "SELECT snippet FROM search('\"heat wave\" sport')",
        [("The **heat wave** was named in passing. **Sport** everywhere.",)],
    ),
    ("SELECT count(*) FROM search('*', source := 'shimbun')", [(2,)]),
    ("SELECT count(*) FROM search('*', source := ['shimbun', 'diario'], language := ['ja', 'es'])", [(3,)]),
    ("SELECT count(*) FROM search('tide', domain := 'old.example')", [(1,)]),
    ("SELECT count(*) FROM search('*', published_from := DATE '2026-11-01', published_to := '2026-11-02')", [(2,)]),
    ("SELECT count(*) FROM search('*', published_to := TIMESTAMPTZ '2026-10-31 08:00:00+00')", [(2,)]),
    (
        "SELECT article_id = (SELECT max_by(article_id, published_at) FROM articles) "
        "FROM search('*', top := 1, sort := 'newest')",
        [(True,)],
    ),
    ("SELECT count(*) FROM search('heat') AS a JOIN search('applause') AS b USING (article_id)", [(1,)]),
    (
        "SELECT w, (SELECT count(*) FROM search(w)) FROM (VALUES ('heat'), ('東京'), ('nowhere')) AS t(w) ORDER BY w",
        [("heat", 2), ("nowhere", 0), ("東京", 2)],
    ),
    ("WITH hits AS (FROM search('heat')) SELECT count(*) FROM hits", [(2,)]),
    ("SELECT count(*) FROM search('it''s; DROP TABLE articles; --')", [(0,)]),
    ("SELECT 'search(' || 1", [("search(1",)]),
]


@pytest.mark.parametrize(("sql", "rows"), ANSWERED, ids=[a[0][:60] for a in ANSWERED])
def test_search_is_a_table(pressed: DataDir, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert run_sql(pressed, sql).rows == rows


REFUSED = [
    ("FROM search('\"open')", 'the quote " is not closed, at character 1 of the query'),
    ("FROM search('author:x')", "there is no field author"),
    ("FROM search(NULL)", "search needs a text"),
    ("FROM search(7)", "search needs a text"),
    ("FROM search('x', top := 0)", "1 or more"),
    ("FROM search('x', top := 'many')", "top is the number of hits"),
    ("FROM search('x', sort := 'oldest')", "sort is relevance or newest"),
    ("FROM search('x', source := [])", "source is an empty list"),
    ("FROM search('x', source := [1])", "source is a text or a list of texts"),
    ("FROM search('x', published_from := 'soon')", "published_from is a day like"),
    ("FROM search('x', lang := 'en')", "search has no filter lang; did you mean language?"),
    ("FROM search('x', mood => 'glad')", "search has no filter mood; it has source, language, domain, published_from"),
    ("FROM search('a') JOIN search('lang := ', lang := lower('EN')) USING (article_id)", "no filter lang;"),
    ("FROM search()", "search needs a query"),
    ("FROM search( /* of what? */ )", "search needs a query"),
    ("FROM search(language := 'en')", "search needs a query"),
    ("FROM search('x', query := 'y')", "search takes one query, and by name source"),
]


@pytest.mark.parametrize(("sql", "problem"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_mistake_is_one_line(pressed: DataDir, sql: str, problem: str) -> None:
    with pytest.raises(QueryError) as error:
        run_sql(pressed, sql)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert "Python exception" not in str(error.value)


def test_a_missing_index_is_said(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    name = index_press(datadir)
    (datadir.index / name / "meta.json").unlink()
    with pytest.raises(QueryError, match=r"the search index cannot be used: .*`broadsheet load`"):
        run_sql(datadir, "FROM search('heat')")


def test_it_is_exported_like_any_query(pressed: DataDir) -> None:
    target = BytesIO()
    export(pressed, "SELECT rank, snippet FROM search('applause')", ExportFormat.JSONL, target)
    assert json.loads(target.getvalue()) == {"rank": 1, "snippet": PRESS[1].text}


def test_connections_of_one_process_can_both_search(pressed: DataDir) -> None:
    with reading(pressed) as one, reading(pressed) as other:
        for con in (one, other):
            offer_search(con, pressed, "FROM search('heat')")
        assert [c.execute("SELECT count(*) FROM search('heat')").fetchall() for c in (one, other)] == [[(2,)]] * 2


def test_only_the_best_hits_have_a_snippet(pressed: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_sql, "SNIPPETS_MAX", 3)
    answer = run_sql(
        pressed, "SELECT count(*), count(snippet), max(rank) FILTER (snippet IS NOT NULL) FROM search('*')"
    )
    assert answer.rows == [(len(PRESS), 3, 3)]


def test_a_plain_connection_has_no_search(pressed: DataDir) -> None:
    with duckdb.connect(str(pressed.warehouse), read_only=True) as con, pytest.raises(duckdb.CatalogException):
        con.execute("FROM search('heat')")
