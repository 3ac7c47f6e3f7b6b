"""DuckDB tables from the records: CREATE TABLE and a COMMENT for every table and column.

Derived, not written by hand, so that dataclass, Parquet and DuckDB cannot drift. No primary keys: on wide tables they
make a merge six times slower; uniqueness is checked before each publication instead (`warehouse.checks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b

import duckdb
import pyarrow as pa

from transforms.columns import ColumnSpec, columns_of
from transforms.schema import ArticleVersion, Capture
from warehouse.records import TABLES
from warehouse.statements import statement
from warehouse.table_spec import TableSpec

_SCALARS: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.uint32(): "UINTEGER",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}

VIEW_SOURCES = {"articles": ArticleVersion, "article_versions": ArticleVersion, "rejections": Capture}
"""Views whose columns are those of one record, and take its comments."""
MACROS = {
    "text_store": "Where the texts are: in the warehouse or in the lake",
    "lake_folder": "The lake folder whose files hold the texts; empty where the warehouse does",
    "tables_version": "Which declarations the tables were made from: others mean that the warehouse is made anew",
    "views_version": "Which declarations the views were made from: others mean that the next load makes them anew",
}
"""Macros that each stand for one text which the warehouse keeps about itself."""


_NOT_IN_DUCKLAKE = re.compile(r"COMMENT ON (?:COLUMN|MACRO)\b")


def duckdb_type(arrow_type: pa.DataType) -> str:
    """The DuckDB type of an Arrow type. Raises KeyError for one that no record uses."""
    if pa.types.is_list(arrow_type):
        return duckdb_type(arrow_type.value_type) + "[]"
    if pa.types.is_map(arrow_type):
        return f"MAP({duckdb_type(arrow_type.key_type)}, {duckdb_type(arrow_type.item_type)})"
    if pa.types.is_struct(arrow_type):
        fields = (arrow_type.field(i) for i in range(arrow_type.num_fields))
        return f"STRUCT({', '.join(f'{quoted(f.name)} {duckdb_type(f.type)}' for f in fields)})"
    return _SCALARS[arrow_type]


def is_ducklake(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the database that is asked and changed is a DuckLake, which knows less than DuckDB's own files.

    It has no CHECK and no compression by column, and no comments on macros and on columns of views.
    """
    query = "SELECT type = 'ducklake' FROM duckdb_databases() WHERE database_name = current_database()"
    return con.execute(query).fetchall() == [(True,)]


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """All tables, views, macros and comments in an empty database."""
    is_plain = is_ducklake(con)
    for table in TABLES:
        con.execute(create_table(table, is_plain=is_plain))
        for sentence in table_comments(table):
            con.execute(sentence)
    set_macro(con, "text_store", "warehouse")
    set_macro(con, "lake_folder", "")
    set_macro(con, "tables_version", _tables_version())
    refresh_views(con)


def schema_text() -> str:
    """All that `create_schema` makes depends on: another text, another schema."""
    tables = (sentence for table in TABLES for sentence in (create_table(table), *table_comments(table)))
    return "\n".join((*tables, *_views("versions"), repr(MACROS)))


def refresh_views(con: duckdb.DuckDBPyConnection, versions: str = "versions") -> None:
    """Views and macros as this version of the code has them, with comments on each of their columns.

    `versions` is the relation that gives versions with their texts. A macro remembers which version the views are of,
    so that a load that changes nothing about them spends no time on them.
    """
    views, comments = _views(versions)
    version = _hash(views + comments)
    if _macro(con, "views_version") == version:
        return
    if is_ducklake(con):
        for sentence in con.extract_statements(views):
            if not _NOT_IN_DUCKLAKE.match(sentence.query.strip()):
                con.execute(sentence)
        set_macro(con, "views_version", version)
        return
    con.execute(views)
    for view, record in VIEW_SOURCES.items():
        told = {c.name: c.comment for c in columns_of(record)}
        for name, *_ in con.execute(f"FROM {view} LIMIT 0").description or ():
            con.execute(f"COMMENT ON COLUMN {view}.{quoted(name)} IS {literal(told[name])}")
    set_macro(con, "views_version", version)


def _views(versions: str) -> tuple[str, str]:
    """The statements that make the views, and the comments on the columns of those that show one record."""
    comments = {(v, c.name): c.comment for v, record in VIEW_SOURCES.items() for c in columns_of(record)}
    views = (statement("views") + statement("marts/views")).replace("versions_with_text", versions)
    return views, repr(sorted(comments.items()))


def set_macro(con: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    """Let one of our macros stand for a text, with its comment, which a replacement would lose."""
    con.execute(f"CREATE OR REPLACE MACRO {name}() AS {literal(text)}")
    if not is_ducklake(con):
        con.execute(f"COMMENT ON MACRO {name} IS {literal(MACROS[name])}")


def drop_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Drop all tables, views and macros of a DuckLake's schema `main`, to be made anew; other schemas stay."""
    own = "database_name = current_database() AND schema_name = 'main'"
    for kind, query in {
        "VIEW": f"SELECT view_name FROM duckdb_views() WHERE {own}",
        "TABLE": f"SELECT table_name FROM duckdb_tables() WHERE {own}",
        "MACRO": f"SELECT function_name FROM duckdb_functions() WHERE {own} AND function_type = 'macro'",
        "MACRO TABLE": f"SELECT function_name FROM duckdb_functions() WHERE {own} AND function_type = 'table_macro'",
    }.items():
        for (name,) in con.execute(query).fetchall():
            con.execute(f"DROP {kind} {quoted(name)}")


def broken_checks(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What in a DuckLake breaks the CHECK of a table, which DuckDB's own files refuse by themselves."""
    if is_ducklake(con):
        for table in (t for t in TABLES if t.checks):
            broken = ", ".join(f"count(*) FILTER (WHERE NOT ({check}))" for check in table.checks)
            [counts] = con.execute(f"SELECT {broken} FROM {quoted(table.name)}").fetchall()
            for check, count in zip(table.checks, counts, strict=True):
                if count:
                    yield f"{table.name}: {count} rows break {check}"


def create_table(table: TableSpec, *, is_plain: bool = False) -> str:
    """The CREATE TABLE statement of one table; `is_plain` without what a DuckLake does not know."""
    parts = [_declaration(c, is_long=c.name in table.zstd and not is_plain) for c in table.columns]
    parts += [] if is_plain else [f"CHECK ({check})" for check in table.checks]
    return f"CREATE TABLE {quoted(table.name)} (\n  " + ",\n  ".join(parts) + "\n)"


def table_comments(table: TableSpec) -> Iterator[str]:
    """The COMMENT statements of one table and its columns."""
    yield f"COMMENT ON TABLE {quoted(table.name)} IS {literal(table.comment)}"
    for c in table.columns:
        yield f"COMMENT ON COLUMN {quoted(table.name)}.{quoted(c.name)} IS {literal(c.comment)}"


def empty_relation(record: type) -> str:
    """A SELECT with the columns of a record, typed as declared, and no rows."""
    columns = (f"CAST(NULL AS {duckdb_type(c.arrow_type)}) AS {quoted(c.name)}" for c in columns_of(record))
    return f"SELECT {', '.join(columns)} LIMIT 0"


def is_current_layout(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the database has exactly the declared tables, columns and checks."""
    # without duckdb_tables(), which asks a DuckLake's catalog twice for each table
    found = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() AS c "
        "ANTI JOIN duckdb_views() AS v "
        "ON (v.database_name, v.schema_name, v.view_name) = (c.database_name, c.schema_name, c.table_name) "
        "WHERE database_name = current_database() AND schema_name = 'main'"
    ).fetchall()
    declared = {(t.name, c.name) for t in TABLES for c in t.columns}
    return set(found) == declared and _macro(con, "tables_version") == _tables_version()


def _tables_version() -> str:
    return _hash("\n".join(create_table(t) for t in TABLES))


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _macro(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """The text that a macro of ours stands for; None where the database has no such macro, or not yet committed.

    In a file it is called: duckdb_functions() lists every function there is, which takes 25 ms.
    """
    if is_ducklake(con):
        query = "SELECT macro_definition FROM duckdb_functions() WHERE function_name = ?"
        found = con.execute(query, [name]).fetchall()
        return str(found[0][0]).strip("'") if found else None
    with con.cursor() as asking:  # a name that is not there would end the transaction of `con`
        try:
            return str(asking.execute(f"SELECT {name}()").fetchall()[0][0])
        except duckdb.CatalogException:
            return None


def quoted(name: str) -> str:
    """An SQL identifier: some column names are also SQL words."""
    return f'"{name}"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _declaration(spec: ColumnSpec, *, is_long: bool) -> str:
    parts = [quoted(spec.name), duckdb_type(spec.arrow_type)]
    if is_long:
        parts.append("USING COMPRESSION zstd")
    if not spec.is_nullable:
        parts.append("NOT NULL")
    return " ".join(parts)
