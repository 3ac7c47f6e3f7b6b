"""One of DuckDB's messages in, one sentence and the place out. The messages are DuckDB's own, met in this process."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.mistakes import explain

TABLES = {"articles": ["article_id", "title", "source", "captions"], "comments": ["comment_id", "article_id", "author"]}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE TABLE articles (article_id TEXT, title TEXT, source TEXT, captions STRUCT(image_url TEXT))")
    con.execute("CREATE TABLE comments (comment_id TEXT, article_id TEXT, author TEXT)")
    return con


@pytest.mark.parametrize(
    ("sql", "says", "line", "place"),
    [
        ("SELECT titel FROM articles", "no column titel in articles; did you mean title?", 1, "titel"),
        ("SELECT a.titel FROM articles AS a", "no column titel in articles; did you mean title?", 1, "a.titel"),
        ("SELECT title\nFROM articles\nWHERE sorce = 'x'", "did you mean source?", 3, "sorce"),
        ("SELECT * EXCLUDE (titel) FROM articles", "did you mean title?", 1, "titel"),
        ("SELECT auhtor FROM articles JOIN comments USING (article_id)", "in articles or comments", 1, "auhtor"),
        ('SELECT 1 FROM articles WHERE source = "de"', "a text stands in single quotes: 'de'", 1, '"de"'),
        ("SELECT '日本語', titel FROM articles", "did you mean title?", 1, "titel"),
        ("SELECT titel FROM (SELECT 1 AS title)", "no column titel; did you mean title?", 1, "titel"),
        ("FROM artikles", "no table artikles; did you mean articles?", 1, "artikles"),
        ("FROM zzz", "no table zzz", 1, "zzz"),
        ("SELECT lenght(title) FROM articles", "no function lenght; did you mean length?", 1, "lenght(title)"),
        ("SELECT captions.imag FROM articles", "no field imag there; it has image_url", 1, "imag"),
        ("SELEC 1", "syntax error at SELEC; did you mean SELECT?", 1, "SELEC"),
        ("SELECT count(*\nFROM articles", "a ( is not closed", 2, "FROM"),
        ("SELECT ')' , , 1", "syntax error at ,", 1, ","),
        ("SELECT title + 1 FROM articles", "and 41 more", 1, "+"),
        ("SELECT date_trunc('foo', now())", 'specifier "foo" not recognized', 1, "foo"),
    ],
)
def test_a_mistake_is_named_and_placed(
    con: duckdb.DuckDBPyConnection, sql: str, says: str, line: int, place: str
) -> None:
    with pytest.raises(duckdb.Error) as caught:
        con.execute(sql).fetchall()
    sentence, _, where = explain(str(caught.value), sql, TABLES, lambda: ["length", "left"]).partition("\n\nLINE ")
    assert says in sentence
    shown, carets = where.splitlines()
    assert shown.startswith(f"{line}: ")
    assert carets.strip() == "^" * len(place)
    before = shown[: shown.rindex(place)]
    assert len(carets) - len(place) == len("LINE ") + len(before) + sum(c > "\u2e80" for c in before)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT list_transform(['-> x'], a -> a || '!')", "write lambda a: …, without ->"),
        ("SELECT list_reduce([1, 2], (a, b)->a + b)", "write lambda a, b: …, without ->"),
        ("SELECT list_filter([j -> '$.a'], a -> a > 1) FROM (SELECT '{}'::JSON AS j)", "write lambda a: …, without ->"),
    ],
)
def test_a_function_with_an_arrow(con: duckdb.DuckDBPyConnection, sql: str, says: str) -> None:
    with pytest.raises(duckdb.Error) as caught:
        con.execute(sql)
    assert explain(str(caught.value), sql, TABLES, list) == says


def test_a_message_that_is_not_known_is_kept() -> None:
    assert explain("Out of Range Error: too much\nof it", "SELECT 1", TABLES, list) == "too much\nof it"


def test_a_long_line_is_shown_around_the_place() -> None:
    sql = "SELECT " + "1, " * 200 + "captions.imag FROM articles"
    message = 'Binder Error: Could not find key "imag" in struct\n\nCandidate Entries: "image_url"'
    where = explain(message, sql, TABLES, list).split("\n\n")[1]
    shown, carets = where.splitlines()
    assert shown[len(carets) - 4 : len(carets)] == "imag"
    assert len(shown) < 130
