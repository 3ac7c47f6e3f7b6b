"""Rows as they are written to the lake: cast, checked, sorted, divided into files by table and month.

The same rows, in any order, give the same files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from transforms.columns import arrow_schema, columns_of
from transforms.outcome import VERSION_OUTCOMES
from transforms.schema import RECORDS

_ORDER: dict[str, tuple[str, ...]] = {
    "captures": ("captured_at", "warc_file", "warc_offset"),
    "articles": ("host", "published_at", "capture_id"),
    "comments": ("article_id", "capture_id", "position", "comment_id"),
    "evidence": ("capture_id", "position"),
    "links": ("capture_id", "position"),
    "signatures": ("capture_id",),
    "fetches": ("fetched_at", "source", "url"),
}
_UNIQUE: dict[str, tuple[str, ...]] = {
    "captures": ("capture_id",),
    "articles": ("capture_id",),
    "comments": ("capture_id", "comment_id"),
    "evidence": ("capture_id", "position"),
    "links": ("capture_id", "position"),
    "signatures": ("capture_id",),
}
_TIMESTAMP = pa.timestamp("us", tz="UTC")
_TIME = {"captures": "captured_at", "articles": "captured_at", "comments": "seen_at", "fetches": "fetched_at"}


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table and month: what becomes one file."""

    table: str
    month: str
    rows: pa.Table


def parts_of(tables: Mapping[str, pa.Table]) -> list[Part]:
    """The files that the tables become, keyed by the lake's table names.

    Each table is cast to its declared schema and sorted; empty ones give no file, a capture that stands in them twice
    is kept once. Raises ValueError where the tables contradict each other or the schema.
    """
    prepared = _prepare(tables)
    return [part for name in sorted(prepared) for part in _by_month(name, prepared)]


def _prepare(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables as they are written: cast, checked, without repeated captures, sorted."""
    unknown = tables.keys() - RECORDS.keys()
    if unknown:
        raise ValueError(f"the lake has no table {', '.join(sorted(unknown))}")
    prepared = {name: _checked(name, table) for name, table in tables.items() if table.num_rows}
    captures, articles = prepared.get("captures"), prepared.get("articles")
    claimed = set()
    if captures is not None:
        shows_article = pc.is_in(captures["outcome"], pa.array([o.value for o in VERSION_OUTCOMES]))
        claimed = set(captures.filter(shows_article)["capture_id"].to_pylist())
    held = set(articles["capture_id"].to_pylist()) if articles is not None else set()
    if claimed != held:
        one = sorted(claimed ^ held)[0]
        raise ValueError(f"capture {one} is in articles or has an article's outcome, but not both")
    return prepared


def _checked(name: str, table: pa.Table) -> pa.Table:
    record = RECORDS[name]
    for spec in columns_of(record):
        if not spec.is_nullable and table[spec.name].null_count:
            raise ValueError(f"{name}.{spec.name} may not be null")
    table = table.select([c.name for c in columns_of(record)]).cast(arrow_schema(record))
    table = table.sort_by([(column, "ascending") for column in _ORDER[name]])
    keys = [table[column].to_pylist() for column in _UNIQUE.get(name, ())]
    if keys and len(set(zip(*keys, strict=True))) < table.num_rows:
        first = {key: row for row, key in reversed(list(enumerate(zip(*keys, strict=True))))}
        table = table.take(pa.array(sorted(first.values())))
    return table


def _by_month(name: str, tables: Mapping[str, pa.Table]) -> list[Part]:
    months = _months(name, tables)
    if len(different := set(months)) == 1:
        return [Part(name, different.pop(), tables[name])]
    column = pa.array(months)
    return [Part(name, month, tables[name].filter(pc.equal(column, month))) for month in sorted(different)]


def _months(name: str, tables: Mapping[str, pa.Table]) -> Sequence[str]:
    """The month that each row is kept under; evidence and links have no time and take their capture's."""
    if name in _TIME:
        return _months_of(tables[name][_TIME[name]])
    captures = tables.get("captures", pa.table({"capture_id": [], "captured_at": pa.array([], _TIMESTAMP)}))
    month_of = dict(zip(captures["capture_id"].to_pylist(), _months_of(captures["captured_at"]), strict=True))
    named = tables[name]["capture_id"].to_pylist()
    if missing := set(named) - month_of.keys():
        raise ValueError(f"{name} names capture {min(missing)}, which the batch does not hold")
    return [month_of[key] for key in named]


def _months_of(times: pa.ChunkedArray) -> Sequence[str]:
    """Year and month of each time; looked at one by one only where they are not all in one."""
    ends = [_month(time) for time in pc.min_max(times).as_py().values() if time is not None]
    if len(set(ends)) == 1:
        return ends[:1] * len(times)
    return [_month(time) for time in times.to_pylist()]


def _month(time: datetime) -> str:
    return f"{time.year:04}-{time.month:02}"
