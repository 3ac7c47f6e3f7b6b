"""`search('…')` as a table in SQL, on connections of ours: `FROM search('climate') JOIN articles USING (article_id)`.

A temporary table macro hands its arguments to a Python function, so DuckDB's own parser reads the call: it can stand
anywhere a table can, several times, with columns as arguments. DuckDB alone has neither, nor the index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import sqltype
from duckdb.func import FunctionNullHandling, PythonUDFType

from transforms.search_passage import best_passage, patterns
from transforms.search_query import wanted
from warehouse.datadir import DataDir
from warehouse.search import SearchError, SearchRequest, Sort, day_or_moment, find, parsed
from warehouse.search_files import named_index
from warehouse.search_open import opened
from warehouse.statements import statement

SNIPPETS_MAX = 100
"""Of each call, the best so many hits have a snippet: making one costs as much as finding a thousand hits."""

_FUNCTION = "broadsheet_search"
_RESULT = pa.struct(
    [
        pa.field("article_id", pa.string()),
        pa.field("rank", pa.int64()),
        pa.field("score", pa.float64()),
        pa.field("snippet", pa.string()),
    ]
)
_SQL_TYPE = "STRUCT(article_id VARCHAR, rank BIGINT, score DOUBLE, snippet VARCHAR)[]"
_CALL = re.compile(r"\bsearch\b\W*\(", re.IGNORECASE)
_RAISED = re.compile(r"Python exception occurred while executing the UDF: Search(?:Index)?Error: (.*)", re.DOTALL)
_REFUSED = re.compile(r'Macro "search"\(\) does not support the supplied arguments.*\n\s*"search"\((.*)\)', re.DOTALL)
"""DuckDB's refusal of a call, and the parameters that it names."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_OPENED = re.compile(r"\bsearch\s*\(", re.IGNORECASE)
_NAMED = re.compile(r"(\w+)\s*(?::=|=>)")


def offer_search(con: duckdb.DuckDBPyConnection, datadir: DataDir, sql: str) -> None:
    """Give a connection the table function `search`, if the text calls it.

    `search(query, source, language, domain, published_from, published_to, top, sort)`, all but the first by name, has
    article_id, rank, score and snippet. It asks the index of the warehouse that `con` has open.
    """
    if not _CALL.search(sql):
        return
    asked = _Searches(datadir, named_index(con))
    # where another connection of this process to the same file has made it, it is the same function
    with suppress(duckdb.CatalogException):
        con.create_function(
            _FUNCTION,
            asked.answer,
            [sqltype("VARCHAR")],
            sqltype(_SQL_TYPE),
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=True,
        )
    con.execute(statement("search"))


def search_mistake(message: str, sql: str) -> str | None:
    """What is wrong with a search, from DuckDB's message; None where that is about something else."""
    if found := _RAISED.search(message):
        return found[1].strip()
    if found := _REFUSED.search(message):
        return _call_mistake(sql, [p.partition(":=")[0].strip() for p in found[1].split(",")])
    return None


def _call_mistake(sql: str, parameters: Sequence[str]) -> str:
    """What is wrong with the arguments of a call, the query being the first of the parameters."""
    filters = ", ".join(parameters[1:])
    for given in _calls(sql):
        named = _NAMED.findall(given.lower())
        for name in named:
            if name not in parameters:
                near = get_close_matches(name, parameters, n=1)
                return f"search has no filter {name}; {f'did you mean {near[0]}?' if near else f'it has {filters}'}"
        if not given.strip() or (_NAMED.match(given.strip()) and parameters[0] not in named):
            return "search needs a query, as in search('climate')"
    return f"search takes one query, and by name {filters}"


def _calls(sql: str) -> Iterator[str]:
    """What stands between the brackets of each call, without what is quoted or in brackets of its own."""
    bare = _QUOTED.sub(lambda found: "_" if found[0][0] in "'\"" else " ", sql)
    for found in _OPENED.finditer(bare):
        depth, own = 1, ""
        for sign in bare[found.end() :]:
            depth += (sign in "([{") - (sign in ")]}")
            if not depth:
                break
            own += sign if depth == 1 else ""
        yield own


@dataclass(frozen=True, slots=True)
class _Searches:
    """The Python side of `search`: arguments as JSON in, hits out."""

    datadir: DataDir
    index: str | None

    def answer(self, arguments: pa.ChunkedArray | pa.Array) -> pa.Array:
        found = [self._hits(json.loads(text)) for text in arguments.to_pylist()]
        offsets = [0]
        for hits in found:
            offsets.append(offsets[-1] + hits.num_rows)
        table = pa.concat_tables(found) if found else pa.table({f.name: pa.array([], f.type) for f in _RESULT})
        columns = [table[field.name].combine_chunks() for field in _RESULT]
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(columns, fields=list(_RESULT))
        )

    def _hits(self, given: dict[str, Any]) -> pa.Table:
        request = _request(given)
        node = parsed(request.query)
        with opened(self.datadir, self.index) as index:
            _, ranked = find(index, request, node)
            marks = patterns(wanted(node))
            snippets = [best_passage(index.row(hit).text, marks).marked() for hit in ranked[:SNIPPETS_MAX]]
        columns = (
            [hit.article_id for hit in ranked],
            range(1, len(ranked) + 1),
            [hit.score for hit in ranked],
            snippets + [None] * (len(ranked) - len(snippets)),
        )
        return pa.table(
            {field.name: pa.array(values, field.type) for field, values in zip(_RESULT, columns, strict=True)}
        )


def _request(given: dict[str, Any]) -> SearchRequest:
    query, top, sort = given["query"], given["top"], given["sort"]
    if not isinstance(query, str):
        raise SearchError("search needs a text to search for")
    if top is not None and not isinstance(top, int):
        raise SearchError("top is the number of hits that are wanted")
    if sort not in list(Sort):
        raise SearchError(f"sort is {' or '.join(Sort)}")
    return SearchRequest(
        query=query,
        sources=_names(given, "source"),
        languages=_names(given, "language"),
        domains=_names(given, "domain"),
        published_from=day_or_moment(given["published_from"], "published_from"),
        published_to=day_or_moment(given["published_to"], "published_to"),
        limit=top,
        sort=Sort(sort),
    )


def _names(given: dict[str, Any], argument: str) -> Sequence[str]:
    values = given[argument]
    listed = values if isinstance(values, list) else [] if values is None else [values]
    if not all(isinstance(value, str) for value in listed):
        raise SearchError(f"{argument} is a text or a list of texts")
    if values == []:
        raise SearchError(f"{argument} is an empty list: nothing would match")
    return listed
