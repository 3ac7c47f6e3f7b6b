"""What the Tab key offers while SQL is typed: the names that fit the place, out of those that the warehouse has."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from warehouse.datadir import DataDir
from warehouse.query import callable_names, describe_macros, describe_schema
from warehouse.reading import reading

_AFTER_FROM = re.compile(r"\b(?:from|join|describe|summarize|table)\s+\w*$", re.IGNORECASE)
_ALIAS = re.compile(r"\b(?:from|join)\s+(\w+)(?:\([^)]*\))?(?:\s+(?:as\s+)?(\w+))?", re.IGNORECASE)
_WORD = re.compile(r"(?:(\w+)\.)?(\w*)$")


@dataclass(frozen=True, slots=True)
class Names:
    """What can be named in a query."""

    tables: dict[str, tuple[str, ...]]
    """Tables, views and their columns."""
    functions: tuple[str, ...]
    macros: tuple[str, ...]
    """Table macros of the warehouse: they stand where a table does."""
    keywords: tuple[str, ...]


def names_in(datadir: DataDir) -> Names:
    """The names in the newest warehouse. Raises WarehouseError where there is none."""
    with reading(datadir) as con:
        return names_of(con)


def names_of(con: duckdb.DuckDBPyConnection) -> Names:
    """The names in an open database."""
    keywords = con.execute("SELECT upper(keyword_name) FROM duckdb_keywords() ORDER BY 1").fetchall()
    return Names(
        tables={t.name: tuple(c.name for c in t.columns) for t in describe_schema(con)},
        functions=tuple(callable_names(con)),
        macros=tuple(m.name for m in describe_macros(con)),
        keywords=tuple(word for (word,) in keywords),
    )


def completions(before: str, whole: str, names: Names) -> list[str]:
    """What the word at the end of `before` may become, best first; `whole` is all of the query typed so far."""
    found = _WORD.search(before)
    qualifier, begun = (found[1], found[2]) if found else (None, "")
    read = _tables_read(whole, names)
    if qualifier:
        own = names.tables.get(read.get(qualifier.lower(), ""), ())
        return [f"{qualifier}.{c}" for c in own if c.lower().startswith(begun.lower())]
    if _AFTER_FROM.search(before):
        return _fitting([*names.tables, *(f"{m}(" for m in names.macros)], begun)
    columns = [c for table in dict.fromkeys(read.values()) for c in names.tables[table]]
    every = [*columns, *names.tables] if read else [*names.tables, *(c for cs in names.tables.values() for c in cs)]
    functions = [f"{f}(" for f in names.functions] if begun else []
    return _fitting([*every, *names.keywords, *functions], begun)


def _tables_read(whole: str, names: Names) -> dict[str, str]:
    """Tables of the query by the names that they go by in it."""
    read = {}
    for table, alias in _ALIAS.findall(whole):
        if table.lower() in names.tables:
            read[table.lower()] = table.lower()
            if alias:
                read[alias.lower()] = table.lower()
    return read


def _fitting(offered: list[str], begun: str) -> list[str]:
    fitting = dict.fromkeys(name for name in offered if name.lower().startswith(begun.lower()))
    # whoever types small letters gets small letters
    return [name.lower() if name.isupper() and begun.islower() else name for name in fitting]
