"""A query's answer as CSV, JSON or Parquet, streamed: rows are not collected first.

Lists and structs become JSON inside a CSV field, and times ISO 8601 in UTC, so that every reader can take them apart.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from io import TextIOWrapper
from typing import Any, BinaryIO

import duckdb
import pyarrow.parquet as pq

from warehouse.allowed import OWNER, refuse_others
from warehouse.datadir import DataDir
from warehouse.errors import QueryError
from warehouse.query import execute, query_errors
from warehouse.reading import reading
from warehouse.search_sql import offer_search

ROWS_AT_ONCE = 10_000


class ExportFormat(StrEnum):
    """What a query's answer can be written as."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


def export(datadir: DataDir, sql: str, file_format: ExportFormat, target: BinaryIO) -> int:
    """Write the answer to a query to an open binary file, standard output included, and return the number of rows.

    Raises QueryError with DuckDB's message, WarehouseError where there is no warehouse to ask.
    """
    with reading(datadir) as con, query_errors(con, sql):
        offer_search(con, datadir, sql)
        refuse_others(con, sql, OWNER)
        return write_answer(con, sql, file_format, target)


def write_answer(con: duckdb.DuckDBPyConnection, sql: str, file_format: ExportFormat, target: BinaryIO) -> int:
    """The same over any connection. Raises DuckDB's own errors."""
    if file_format is ExportFormat.PARQUET:
        return _write_parquet(con, sql, target)
    answer = execute(con, sql)
    columns = [str(c[0]) for c in answer.description or []]
    text = TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    try:
        return _WRITERS[file_format](text, columns, _rows(answer))
    finally:
        text.flush()
        text.detach()


def _rows(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := answer.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _write_parquet(con: duckdb.DuckDBPyConnection, sql: str, target: BinaryIO) -> int:
    relation = con.sql(sql)
    if relation is None:
        raise QueryError("there is no query in that text")
    count = 0
    with (
        relation.to_arrow_reader(ROWS_AT_ONCE) as batches,
        pq.ParquetWriter(target, batches.schema, compression="zstd", compression_level=3) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _write_csv(text: TextIOWrapper, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        count += 1
    return count


def _write_json(text: TextIOWrapper, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    text.write("[")
    count = 0
    for row in rows:
        text.write((",\n" if count else "\n") + _object(columns, row))
        count += 1
    text.write("\n]\n")
    return count


def _write_jsonl(text: TextIOWrapper, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    count = 0
    for row in rows:
        text.write(_object(columns, row) + "\n")
        count += 1
    return count


_WRITERS: dict[ExportFormat, Callable[[TextIOWrapper, list[str], Iterator[tuple[Any, ...]]], int]] = {
    ExportFormat.CSV: _write_csv,
    ExportFormat.JSON: _write_json,
    ExportFormat.JSONL: _write_jsonl,
}


def _object(columns: list[str], row: tuple[Any, ...]) -> str:
    return json.dumps(dict(zip(columns, map(_plain, row), strict=True)), ensure_ascii=False)


def _cell(value: Any) -> Any:
    plain = _plain(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, list | dict) else plain


def _plain(value: Any) -> Any:
    """A value as JSON has it: no NaN, which JSON does not know, and no precision lost where text can keep it."""
    match value:
        case None | bool() | int() | str():
            plain: Any = value
        case float():
            plain = value if math.isfinite(value) else None
        case datetime() | date() | time():
            plain = value.isoformat()
        case list() | tuple():
            plain = [_plain(v) for v in value]
        case dict():
            plain = {str(k): _plain(v) for k, v in value.items()}
        case bytes() | bytearray():
            plain = value.hex()
        case Decimal():
            plain = float(value)
        case _:
            plain = str(value)
    return plain
