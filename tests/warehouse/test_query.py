from __future__ import annotations

import csv
import io
import json
import threading
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from synthetic import EXTRACTOR, NOW, Shown, put

from transforms.outcome import Outcome
from warehouse.datadir import DataDir
from warehouse.ddl import MACROS
from warehouse.errors import QueryError, UserError
from warehouse.export import ExportFormat, export
from warehouse.load import load
from warehouse.query import describe, describe_macros, run_sql, schema_of
from warehouse.records import SourceRow
from warehouse.status import status


def exported(datadir: DataDir, sql: str, file_format: ExportFormat) -> bytes:
    target = io.BytesIO()
    export(datadir, sql, file_format, target)
    assert not target.closed
    return target.getvalue()


def test_an_answer_has_columns_types_and_rows(loaded: DataDir) -> None:
    answer = run_sql(loaded, "SELECT version_number, valid_from, title FROM article_versions ORDER BY 1")
    assert answer.columns == ("version_number", "valid_from", "title")
    assert answer.types == ("BIGINT", "TIMESTAMP WITH TIME ZONE", "VARCHAR")
    assert [(r[0], r[1].isoformat()) for r in answer.rows] == [
        (1, "2026-10-30T08:00:00+00:00"),
        (2, "2026-10-30T08:03:00+00:00"),
    ]
    assert not answer.is_cut


def test_rows_can_be_limited_and_the_answer_says_so(loaded: DataDir) -> None:
    assert run_sql(loaded, "FROM range(3)", row_limit=3).is_cut is False
    cut = run_sql(loaded, "FROM range(3)", row_limit=2)
    assert (cut.rows, cut.is_cut) == ([(0,), (1,)], True)


def test_of_several_statements_the_last_answers(loaded: DataDir) -> None:
    assert run_sql(loaded, "SELECT 1; SELECT 2").rows == [(2,)]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("selec 1", "LINE 1: selec 1\n        ^"),
        ("SELECT title,\n  tite\nFROM articles", "LINE 2:   tite"),
        ("SELECT titel FROM articles", "no column titel in articles; did you mean title?"),
        ("FROM artikles", "no table artikles; did you mean articles?"),
        ("", "no query"),
        ("-- nothing", "no query"),
        ("CREATE TABLE mine (i INT)", "read-only"),
        ("DELETE FROM captures", "read-only"),
        ("COPY captures TO '/tmp/x.csv'", "a query writes no file"),
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("SELECT * FROM read_text('/etc/passwd')", "disabled by configuration"),
        ("ATTACH '/tmp/other.duckdb'", "ATTACH statements are not for asking"),
        ("INSTALL httpfs", "LOAD statements are not for asking"),
        ("SET enable_external_access = true", "while database is running"),
    ],
)
def test_what_is_refused_says_why(loaded: DataDir, sql: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_sql(loaded, sql)
    assert says in str(caught.value)
    with pytest.raises(UserError):
        exported(loaded, sql, ExportFormat.PARQUET)


@pytest.mark.parametrize("before", ["", "EXPLAIN ANALYZE ", "EXPLAIN /* */ ANALYZE ", "SELECT 1; ", "PREPARE x AS "])
def test_no_statement_overwrites_the_open_warehouse(loaded: DataDir, before: str) -> None:
    # DuckDB alone lets this pass in a read-only session without external access
    whole = loaded.warehouse.read_bytes()
    attack = f"{before}COPY (SELECT 1) TO '{loaded.warehouse}' (FORMAT csv, USE_TMP_FILE false)"
    for ask in (run_sql, lambda datadir, sql: exported(datadir, sql, ExportFormat.PARQUET)):
        with pytest.raises(QueryError):
            ask(loaded, attack)
    assert loaded.warehouse.read_bytes() == whole


def test_queries_at_once_in_one_process_and_beside_a_load(loaded: DataDir) -> None:
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(10):
                assert run_sql(loaded, "SELECT count(*) FROM captures").rows[0][0] in {2, 3}
        except Exception as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    put(loaded, "c", [Shown(minute=9)])
    assert load(loaded, run_id="r", now=NOW).counts == {"changed": 1}
    for asker in askers:
        asker.join()
    assert failures == []
    assert run_sql(loaded, "SELECT count(*) FROM captures").rows == [(3,)]


VALUES = """
SELECT 1 AS n, NULL AS nothing, 'a "b", ü' AS text, ['x', NULL] AS list, {'a': [1]} AS struct, true AS yes,
  TIMESTAMPTZ '2026-11-20 12:00:00.5+01' AS at, DATE '2026-11-20' AS day, 1.50::DECIMAL(4, 2) AS price,
  'nan'::DOUBLE AS nan, map {'k': 1} AS map, '\\xAA'::BLOB AS blob
"""
PLAIN = {
    "n": 1,
    "nothing": None,
    "text": 'a "b", ü',
    "list": ["x", None],
    "struct": {"a": [1]},
    "yes": True,
    "at": "2026-11-20T11:00:00.500000+00:00",
    "day": "2026-11-20",
    "price": 1.5,
    "nan": None,
    "map": {"k": 1},
    "blob": "aa",
}


def test_json_and_jsonl(loaded: DataDir) -> None:
    assert json.loads(exported(loaded, VALUES, ExportFormat.JSON)) == [PLAIN]
    assert json.loads(exported(loaded, VALUES, ExportFormat.JSONL)) == PLAIN
    assert json.loads(exported(loaded, "FROM range(0)", ExportFormat.JSON)) == []


def test_csv_can_be_taken_apart_again(loaded: DataDir) -> None:
    [row] = csv.DictReader(io.StringIO(exported(loaded, VALUES, ExportFormat.CSV).decode()))
    assert row["text"] == PLAIN["text"]
    assert json.loads(row["list"]) == PLAIN["list"]
    assert json.loads(row["struct"]) == PLAIN["struct"]
    assert (row["yes"], row["nothing"], row["at"]) == ("true", "", PLAIN["at"])


def test_parquet_has_the_columns_own_types(loaded: DataDir) -> None:
    table = pq.read_table(io.BytesIO(exported(loaded, "FROM articles", ExportFormat.PARQUET)))
    assert table.num_rows == 1
    assert str(table.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert table["authors"].to_pylist() == [["Ada Quill", "Bo Lin"]]


def test_an_export_counts_its_rows(loaded: DataDir) -> None:
    for file_format in ExportFormat:
        assert export(loaded, "FROM range(25000)", file_format, io.BytesIO()) == 25_000


def test_tables_are_described_before_and_after_the_first_load(datadir: DataDir, loaded: DataDir) -> None:
    assert describe(datadir) == describe(loaded)
    first = describe(loaded)[0]
    assert (first.name, first.is_view) == ("articles", True)
    assert first.columns[0].name == "article_id"
    assert all(t.comment and all(c.comment for c in t.columns) for t in describe(loaded))


def test_every_macro_has_a_comment(datadir: DataDir, loaded: DataDir) -> None:
    for place in (datadir, loaded):
        with schema_of(place) as con:
            assert [(m.name, m.parameters) for m in describe_macros(con)] == [("articles_as_of", ("moment",))]
            assert describe_macros(con)[0].comment.startswith("The articles as they had been captured")
            own = con.execute(
                "SELECT function_name, comment FROM duckdb_functions() "
                "WHERE NOT internal AND function_type = 'macro' ORDER BY 1"
            ).fetchall()
            assert own == sorted(MACROS.items())


def test_status_counts_what_is_there_and_what_waits(loaded: DataDir) -> None:
    paper = SourceRow(source="paper", kind="feed", urls=[], include=[], exclude=[])
    put(loaded, "c", [Shown(minute=7, source="blog", rejected=Outcome.EXTRACT_EMPTY)])
    load(loaded, run_id="run-2", now=NOW, sources=[paper])
    put(loaded, "b", [replace(Shown(minute=3), extractor=EXTRACTOR + ".1")])
    put(loaded, "d", [Shown(minute=8)])
    found = status(loaded)
    assert [(s.source, s.kind, s.capture_count, s.article_count, s.rejected_count) for s in found.sources] == [
        ("blog", None, 1, 0, 1),
        ("paper", "feed", 2, 1, 0),
    ]
    assert [run.run_id for run in found.loads if run.batch_count] in (["run-2", "run-1"], ["run-1", "run-2"])
    assert found.captures == {"changed": 1, "extract_empty": 1, "new": 1}
    assert (found.article_count, found.version_count, found.comment_count) == (1, 2, 1)
    assert (found.waiting_batches, found.replaced_batches) == (1, 1)
    assert found.sizes["warehouse"] == loaded.warehouse.stat().st_size
    assert found.sizes["lake"] > 0
