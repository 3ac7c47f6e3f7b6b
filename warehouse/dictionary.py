"""The data dictionary: every table, column and outcome as Markdown, from the declarations themselves.

`python -m warehouse.dictionary > docs/data-dictionary.md` writes it; a test holds the file to the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import duckdb

from transforms.outcome import CAPTURE_OUTCOMES, DESCRIPTIONS, FETCH_OUTCOMES
from warehouse.ddl import create_schema
from warehouse.query import MacroInfo, TableInfo, describe_macros, describe_schema


def data_dictionary() -> str:
    """The whole dictionary, in Markdown."""
    with duckdb.connect() as con:
        create_schema(con)
        tables, macros = describe_schema(con), describe_macros(con)
    return "\n".join(_lines(tables, macros)) + "\n"


def _lines(tables: tuple[TableInfo, ...], macros: tuple[MacroInfo, ...]) -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Made from the declarations by `python -m warehouse.dictionary`; do not edit. Times are UTC."
    for macro in macros:
        yield f"`FROM {macro.name}({', '.join(macro.parameters)})`: {macro.comment}."
    yield "[tables.svg](tables.svg) draws what refers to what; [connect.md](connect.md) says how to open the file."
    for table in tables:
        yield ""
        yield f"## {table.name}"
        yield ""
        yield f"{table.comment}.{' A view.' if table.is_view else ''}"
        yield ""
        yield "| column | type | |"
        yield "| --- | --- | --- |"
        for column in table.columns:
            is_optional = column.is_nullable and not table.is_view
            kind = column.type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") + (", or null" if is_optional else "")
            yield f"| {column.name} | {kind} | {column.comment} |"
    for heading, outcomes in (("fetches.outcome", FETCH_OUTCOMES), ("captures.outcome", CAPTURE_OUTCOMES)):
        yield ""
        yield f"## {heading}"
        yield ""
        yield "| outcome | |"
        yield "| --- | --- |"
        yield from (f"| {o.value} | {text} |" for o, text in DESCRIPTIONS.items() if o in outcomes)


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
