"""Dataclass, Parquet and DuckDB have the same columns, types, nullability and comments."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from synthetic import Shown, fetch, put, tables

from transforms.columns import arrow_schema, columns_of
from transforms.outcome import CAPTURE_OUTCOMES, FETCH_OUTCOMES
from transforms.schema import RECORDS, Article, ArticleVersion
from warehouse.datadir import DataDir
from warehouse.ddl import create_schema, create_table, duckdb_type, is_current_layout, literal, table_comments
from warehouse.manifest import Manifest
from warehouse.records import TABLES, TableSpec


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    create_schema(con)
    return con


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_each_table_is_its_record(con: duckdb.DuckDBPyConnection, table: TableSpec) -> None:
    found = con.execute(
        "SELECT column_name, is_nullable, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [table.name],
    ).fetchall()
    assert found == [(c.name, c.is_nullable, c.comment) for c in table.columns]
    types = con.sql(f"FROM {table.name}").to_arrow_table().schema.types
    assert types == [c.arrow_type for c in table.columns]


@pytest.mark.parametrize("name", RECORDS)
def test_each_parquet_file_is_its_record(name: str, datadir: DataDir) -> None:
    put(datadir, "b", [Shown(comments=[("1", "Well said")], links=["https://other.example/b"])], [fetch()])
    [entry] = [e for e in Manifest.read(datadir).entries if e.table == name]
    schema = pq.read_schema(datadir.lake / entry.path)
    declared = arrow_schema(RECORDS[name])
    assert schema.names == declared.names
    assert schema.types == declared.types
    assert [f.nullable for f in schema] == [f.nullable for f in declared]
    assert [f.metadata[b"comment"] for f in schema] == [f.metadata[b"comment"] for f in declared]


def test_every_table_view_and_column_has_a_comment(con: duckdb.DuckDBPyConnection) -> None:
    bare = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL AND NOT internal UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal UNION ALL "
        "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
    ).fetchall()
    assert bare == []


def test_articles_has_all_of_a_version_but_the_span(con: duckdb.DuckDBPyConnection) -> None:
    names = [c[0] for c in con.execute("FROM articles").description or []]
    assert names == [
        c.name for c in columns_of(ArticleVersion) if c.name not in {"valid_from", "valid_to", "is_current"}
    ]
    assert {c.name for c in columns_of(Article)} < set(names)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE captures ADD COLUMN mood VARCHAR",
        "ALTER TABLE captures DROP COLUMN detail",
        "DROP TABLE evidence",
        "CREATE TABLE moods (mood VARCHAR)",
        "CREATE OR REPLACE MACRO tables_version() AS 'of other checks'",
        "DROP MACRO tables_version",
    ],
)
def test_another_layout_is_noticed(con: duckdb.DuckDBPyConnection, change: str) -> None:
    assert is_current_layout(con)
    con.execute(change)
    assert not is_current_layout(con)


@pytest.mark.parametrize(
    ("table", "allowed"), [("captures", CAPTURE_OUTCOMES), ("fetches", FETCH_OUTCOMES)], ids=lambda v: str(v)[:8]
)
def test_the_last_gate_knows_exactly_the_outcomes(table: str, allowed: frozenset[str]) -> None:
    [check] = [c for t in TABLES if t.name == table for c in t.checks if c.startswith("outcome")]
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t (outcome VARCHAR, CHECK ({check}))")
    con.executemany("INSERT INTO t VALUES (?)", [[o.value] for o in allowed])  # type: ignore[attr-defined]
    with pytest.raises(duckdb.ConstraintException):
        con.execute("INSERT INTO t VALUES ('invented')")


def test_not_null_is_a_gate(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.ConstraintException):
        con.execute("INSERT INTO batches (batch_id, digest) VALUES ('b', 'd')")


@pytest.mark.parametrize(
    ("arrow", "sql"),
    [
        (pa.string(), "VARCHAR"),
        (pa.timestamp("us", tz="UTC"), "TIMESTAMP WITH TIME ZONE"),
        (pa.list_(pa.string()), "VARCHAR[]"),
        (pa.list_(pa.struct([pa.field("a", pa.int64())])), 'STRUCT("a" BIGINT)[]'),
    ],
)
def test_types(arrow: pa.DataType, sql: str) -> None:
    assert duckdb_type(arrow) == sql


def test_quotes_in_comments_are_kept() -> None:
    assert literal("a site's name") == "'a site''s name'"
    statements = [create_table(TABLES[0]), *table_comments(TABLES[0])]
    assert len(statements) == 2 + len(TABLES[0].columns)


def test_synthetic_tables_fit_the_records() -> None:
    assert {name: t.schema.names for name, t in tables([]).items()} == {
        name: [c.name for c in columns_of(r)] for name, r in RECORDS.items()
    }
