"""Asking: one SQL text in, columns and rows out, and what tables there are to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.allowed import OWNER, refuse_others
from warehouse.datadir import DataDir
from warehouse.ddl import create_schema, is_ducklake
from warehouse.errors import QueryError, UserError, WarehouseError
from warehouse.mistakes import explain
from warehouse.reading import REBUILD_HINT, first_line, has_warehouse, is_damage, live_file, reading
from warehouse.search_sql import offer_search, search_mistake
from warehouse.statements import statement
from warehouse.texts import moved_from, moved_words


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a query."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """DuckDB's type of each column."""
    rows: list[tuple[Any, ...]]
    is_cut: bool
    """Whether there were more rows than asked for."""


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column as `describe` shows it."""

    name: str
    type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One table or view as `describe` shows it."""

    name: str
    is_view: bool
    comment: str
    columns: tuple[ColumnInfo, ...]


@dataclass(frozen=True, slots=True)
class MacroInfo:
    """One table macro: it is read as `FROM name(parameters)`."""

    name: str
    parameters: tuple[str, ...]
    comment: str


def run_sql(
    datadir: DataDir,
    sql: str,
    *,
    row_limit: int | None = None,
    on_open: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None,
) -> QueryResult:
    """Run a query on the live warehouse; of several statements, the last one's answer.

    `on_open` is given the connection before it is asked, so that another thread can interrupt it. A warehouse that was
    replaced while it was asked and could not answer is asked once more: forgetting a page removes at once the files
    that the state before it names.

    Raises QueryError with DuckDB's message, WarehouseError where there is no warehouse to ask.
    """
    asked = live_file(datadir)
    try:
        return _ask(datadir, sql, row_limit, on_open)
    except UserError:
        if live_file(datadir) == asked:
            raise
        return _ask(datadir, sql, row_limit, on_open)


def _ask(
    datadir: DataDir, sql: str, row_limit: int | None, on_open: Callable[[duckdb.DuckDBPyConnection], None]
) -> QueryResult:
    with reading(datadir) as con, query_errors(con, sql):
        offer_search(con, datadir, sql)
        refuse_others(con, sql, OWNER)
        on_open(con)
        return fetch(execute(con, sql), row_limit)


def fetch(answer: duckdb.DuckDBPyConnection, row_limit: int | None) -> QueryResult:
    """The rows of an answer, up to a limit."""
    description = answer.description or []
    rows = answer.fetchall() if row_limit is None else answer.fetchmany(row_limit + 1)
    return QueryResult(
        columns=tuple(str(c[0]) for c in description),
        types=tuple(str(c[1]) for c in description),
        rows=rows[:row_limit],
        is_cut=row_limit is not None and len(rows) > row_limit,
    )


def execute(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run a query and give the connection with its unfetched answer. Raises QueryError for a text without one."""
    answer: duckdb.DuckDBPyConnection | None = con.execute(sql)
    if answer is None or answer.description is None:
        raise QueryError("there is no query in that text")
    return answer


@contextmanager
def query_errors(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[None]:
    """DuckDB's refusals as QueryError: one sentence, the line and the place, and the name that was probably meant."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise WarehouseError(f"the warehouse cannot be read ({first_line(error)}): {REBUILD_HINT}") from error
        if isinstance(error, duckdb.PermissionException) and (folder := moved_from(con)):
            raise WarehouseError(moved_words(folder)) from error
        message = str(error).strip()
        raise QueryError(search_mistake(message, sql) or mistake(con, sql, message)) from error
    except RuntimeError as error:
        if "interrupted" in str(error):  # DuckDB's way to pass on Ctrl-C
            raise KeyboardInterrupt from error
        raise


def mistake(con: duckdb.DuckDBPyConnection, sql: str, message: str) -> str:
    """What is wrong with a query, from DuckDB's message and the names in the database that was asked."""
    try:
        tables = {t.name: [c.name for c in t.columns] for t in describe_schema(con)}
        return explain(message, sql, tables, lambda: callable_names(con))
    except duckdb.Error:
        return message  # the connection answers nothing any more: an interrupt, a lack of memory


def callable_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all functions and macros that are words."""
    found = con.execute("SELECT DISTINCT function_name FROM duckdb_functions() ORDER BY 1").fetchall()
    return [name for (name,) in found if name.isidentifier()]


def describe(datadir: DataDir) -> tuple[TableInfo, ...]:
    """The tables and views with their columns and comments; before the first load, those that it will make."""
    with schema_of(datadir) as con:
        return describe_schema(con)


@contextmanager
def schema_of(datadir: DataDir) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to describe: the live warehouse, or before the first load an empty one."""
    if has_warehouse(datadir):
        with reading(datadir) as con:
            yield con
        return
    with duckdb.connect() as con:
        create_schema(con)
        yield con


_COLUMN_COMMENTS = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL"


def _declared(query: str) -> list[tuple[Any, ...]]:
    """What this code says of its tables and macros: a DuckLake keeps no comments of macros and of views' columns."""
    with duckdb.connect() as con:
        create_schema(con)
        return con.execute(query).fetchall()


def describe_macros(con: duckdb.DuckDBPyConnection) -> tuple[MacroInfo, ...]:
    """The table macros of an open database."""
    found = con.execute(statement("describe_macros")).fetchall()
    said = dict(_declared("SELECT function_name, comment FROM duckdb_functions()") if is_ducklake(con) else ())
    return tuple(MacroInfo(n, tuple(parameters), comment or said.get(n) or "") for n, parameters, comment in found)


def describe_schema(con: duckdb.DuckDBPyConnection) -> tuple[TableInfo, ...]:
    """The tables and views of an open database."""
    tables: dict[str, tuple[bool, str, list[ColumnInfo]]] = {}
    said = {(t, c): words for t, c, words in _declared(_COLUMN_COMMENTS)} if is_ducklake(con) else {}
    for table, is_view, comment, name, kind, is_nullable, words in con.execute(statement("describe")).fetchall():
        column = ColumnInfo(name, kind, is_nullable, words or said.get((table, name)) or "")
        tables.setdefault(table, (is_view, comment, []))[2].append(column)
    return tuple(TableInfo(name, view, comment, tuple(columns)) for name, (view, comment, columns) in tables.items())
