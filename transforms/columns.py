"""Columns from records: how a dataclass becomes an Arrow schema and rows become an Arrow table.

Kept apart from `transforms.schema`, so that the records read as a plain list of what a row is.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

import pyarrow as pa

from transforms.column import UInt32


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a record: name, Arrow type, whether it may be null, and its comment."""

    name: str
    arrow_type: pa.DataType
    is_nullable: bool
    comment: str


@cache
def columns_of(record: type) -> tuple[ColumnSpec, ...]:
    """The columns of a record in the order of their declaration."""
    hints = typing.get_type_hints(record)
    specs = []
    for declared in dataclasses.fields(record):
        inner, is_nullable = _without_none(hints[declared.name])
        specs.append(ColumnSpec(declared.name, _arrow_type(inner), is_nullable, declared.metadata["comment"]))
    return tuple(specs)


@cache
def arrow_schema(record: type) -> pa.Schema:
    """The Arrow schema of a record, comments in each field's metadata under `comment`."""
    return pa.schema(
        pa.field(c.name, c.arrow_type, nullable=c.is_nullable, metadata={"comment": c.comment})
        for c in columns_of(record)
    )


def to_table(record: type, rows: Iterable[Any]) -> pa.Table:
    """An Arrow table of records. Raises pyarrow.ArrowInvalid where a value does not fit its column."""
    listed = list(rows)
    schema = arrow_schema(record)
    return pa.Table.from_arrays([_array(listed, column) for column in schema], schema=schema)


def _array(rows: list[Any], column: pa.Field) -> pa.Array:
    values = map(attrgetter(column.name), rows)
    # Arrow takes all but records in records as they are, and a look at each value of each row costs more than Arrow.
    return pa.array([_plain(value) for value in values] if _has_records(column.type) else list(values), column.type)


def _has_records(arrow_type: pa.DataType) -> bool:
    return pa.types.is_struct(arrow_type) or (pa.types.is_list(arrow_type) and _has_records(arrow_type.value_type))


_SCALARS: dict[Any, pa.DataType] = {
    UInt32: pa.uint32(),
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def _without_none(hint: Any) -> tuple[Any, bool]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return inner[0], len(inner) < len(typing.get_args(hint))
    return hint, False


def _arrow_type(hint: Any) -> pa.DataType:
    if typing.get_origin(hint) is list:
        return pa.list_(_arrow_type(typing.get_args(hint)[0]))
    if typing.get_origin(hint) is dict:
        return pa.map_(*map(_arrow_type, typing.get_args(hint)))
    if dataclasses.is_dataclass(hint):
        return pa.struct([pa.field(c.name, c.arrow_type) for c in columns_of(typing.cast(type, hint))])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return pa.string()
    return _SCALARS[hint]


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value
