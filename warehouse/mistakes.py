"""What is wrong with a query, in one sentence that names what was probably meant; below it, the line and the place.

DuckDB says where a mistake is, but offers five candidates for a name and all 50 forms of an operator. Here the one
nearest is proposed, out of the tables that the query reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches

FORMS_SHOWN = 4
"""Forms of a function that are listed when none fits the arguments."""
LINE_SHOWN = 100
"""Characters of a line that is shown around a mistake that DuckDB itself does not place."""

_PLACE = re.compile(r"^LINE \d+: .*\n *\^+", re.MULTILINE)
_KIND = re.compile(r"^[A-Z]\w*(?: \w+)* Error: ")
_COLUMN = (
    re.compile(r'Referenced column "(?P<name>[^"]+)" not found'),
    re.compile(r'"[^"]*" does not have a column named "(?P<name>[^"]+)"'),
    re.compile(r'Column "(?P<name>[^"]+)" in \w+ list not found'),
)
_CANDIDATES = re.compile(r"Candidate bindings: (.*)")
_TABLE = re.compile(r"Table with name \"?(?P<name>[^\" ]+)\"? does not exist!")
_FUNCTION = re.compile(
    r"(?P<kind>Table Function|Function) with name \"?(?P<name>[^\" ]+)\"? (?:does not exist|is not in)"
)
_FIELD = re.compile(r'Could not find key "(?P<name>[^"]+)" in struct\s+Candidate Entries: (?P<others>.*)')
_SYNTAX = re.compile(r'syntax error at or near "(?P<name>[^"]*)"')
_ARROW = "Deprecated lambda arrow"
_LAMBDA = re.compile(r"(?:\((?P<many>[\w\s,]+)\)|(?P<one>\b\w+))\s*->(?!>|\s*')")
"""A function with an arrow; the arrow before a text takes a value out of JSON."""
_FORMS = re.compile(r"(\tCandidate functions:\n)((?:\t.*\n)+)")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"|--.*")
_KEYWORDS = ["SELECT", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "JOIN", "UNION", "DISTINCT", "SUMMARIZE"]
_KEYWORDS += ["DESCRIBE", "WITH", "VALUES", "USING", "BETWEEN", "EXCLUDE", "QUALIFY", "OFFSET", "PIVOT"]


def explain(message: str, sql: str, tables: Mapping[str, Iterable[str]], functions: Callable[[], list[str]]) -> str:
    """One sentence and the place for one of DuckDB's messages.

    `tables` are all tables and views with their columns; `functions` gives all names that can be called.
    """
    place = _PLACE.search(message)
    said = _arrow(message, sql) or _sentence(message, sql, tables, functions)
    if said is None:
        said = _KIND.sub("", (message[: place.start()] if place else message).strip())
        said = _FORMS.sub(_few_forms, said + "\n").strip()
    where = place.group() if place else _find(_named(message), sql)
    return said + (f"\n\n{where}" if where else "")


def _sentence(
    message: str, sql: str, tables: Mapping[str, Iterable[str]], functions: Callable[[], list[str]]
) -> str | None:
    read = sorted(set(re.findall(r"\w+", sql.lower())) & set(tables))
    for pattern in _COLUMN:
        if found := pattern.search(message):
            offered = _CANDIDATES.search(message)
            columns = [c for t in read for c in tables[t]] + re.findall(r'"([^"]+)"', offered[1] if offered else "")
            return _no_column(found["name"], columns, read, message)
    if found := _TABLE.search(message):
        return f"no table {found['name']}{_meant(found['name'], tables)}"
    if found := _FUNCTION.search(message):
        return f"no {found['kind'].lower()} {found['name']}{_meant(found['name'], functions())}"
    if found := _FIELD.search(message):
        return f"no field {found['name']} there; it has {found['others'].replace(chr(34), '')}"
    if found := _SYNTAX.search(message):
        return f"syntax error at {found['name'] or 'the end'}{_syntax_hint(found['name'], sql)}"
    return None


def _arrow(message: str, sql: str) -> str | None:
    if _ARROW not in message:
        return None
    found = _LAMBDA.search(_TEXT.sub("''", sql))
    return f"write lambda {(found['many'] or found['one']).strip() if found else 'x'}: …, without ->"


def _syntax_hint(near: str, sql: str) -> str:
    bare = _TEXT.sub("", sql)
    if bare.count("(") > bare.count(")"):
        return "; a ( is not closed"
    return "" if near.upper() in _KEYWORDS else _meant(near.upper(), _KEYWORDS)


def _no_column(name: str, columns: list[str], read: list[str], message: str) -> str:
    where = f" in {' or '.join(read)}" if 0 < len(read) <= 3 else ""
    hint = _meant(name, columns)
    if not hint and f'"{name}"' in (_PLACE.search(message) or [""])[0]:
        hint = f"; a text stands in single quotes: '{name}'"
    return f"no column {name}{where}{hint}"


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _few_forms(found: re.Match[str]) -> str:
    forms = found[2].splitlines()
    more = [f"\tand {len(forms) - FORMS_SHOWN} more"] if len(forms) > FORMS_SHOWN else []
    return found[1] + "\n".join(forms[:FORMS_SHOWN] + more) + "\n"


def _named(message: str) -> str | None:
    found = re.search(r'"([^"\n]+)"', message)
    return found[1] if found else None


def _find(name: str | None, sql: str) -> str | None:
    """The line that holds a name, for messages without a place."""
    if not name:
        return None
    for number, line in enumerate(sql.splitlines(), start=1):
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line, re.IGNORECASE):
            start = max(0, found.start() - LINE_SHOWN // 2)
            head = f"LINE {number}: {'...' if start else ''}"
            before = " " * (len(head) + found.start() - start)
            return f"{head}{line[start : start + LINE_SHOWN]}\n{before}{'^' * len(name)}"
    return None
