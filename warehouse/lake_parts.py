"""Rows as they are written to the lake: cast, checked, sorted, divided into files by table and month.

The same rows, in any order, give the same files.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    keys = zip(*(table[column].to_pylist() for column in _UNIQUE.get(name, ())), strict=True)
    first = {key: row for row, key in reversed(list(enumerate(keys)))}
    if first and len(first) < table.num_rows:
        table = table.take(pa.array(sorted(first.values())))
    return table


def _by_month(name: str, tables: Mapping[str, pa.Table]) -> list[Part]:
    months = pa.array([f"{t.year:04}-{t.month:02}" for t in _times(name, tables)])
    return [Part(name, m, tables[name].filter(pc.equal(months, m))) for m in sorted(set(months.to_pylist()))]


def _times(name: str, tables: Mapping[str, pa.Table]) -> list[datetime]:
    """The time that decides each row's partition; evidence and links have none and take their capture's."""
    if name in _TIME:
        return list(tables[name][_TIME[name]].to_pylist())
    captures = tables.get("captures", pa.table({"capture_id": [], "captured_at": []}))
    at = dict(zip(captures["capture_id"].to_pylist(), captures["captured_at"].to_pylist(), strict=True))
    named = tables[name]["capture_id"].to_pylist()
    if missing := set(named) - at.keys():
        raise ValueError(f"{name} names capture {min(missing)}, which the batch does not hold")
    return [at[key] for key in named]
