"""The page of all contracts, in Markdown: `python -m warehouse.contracts_page > docs/contracts.md`.

Read from what is enforced, the lines of sql/contracts.sql and the declarations of the tables, so that the page cannot
say what the code does not do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.columns import columns_of
from transforms.schema import RECORDS
from warehouse.records import TABLES
from warehouse.statements import statement

_RULE = re.compile(r"^  if\((?P<breaks>.+), '(?P<name>[^']+)', NULL\),?$")
_RECORD = re.compile(r"^SELECT '(?P<record>\w+)'")
_NOTE = re.compile(r"^  -- (?P<note>.+)$")
_PROBLEM = re.compile(r"^(?:UNION ALL\n)?SELECT (?:\d+, |1 AS place, )?(?P<words>'.+?)(?: AS problem)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that a record must keep."""

    record: str
    name: str
    breaks: str
    """The SQL condition of a record that breaks it."""
    note: str | None


def rules() -> tuple[Rule, ...]:
    """The rules of sql/contracts.sql, in its order. Raises ValueError for one that is not written as the others are."""
    found: list[Rule] = []
    record, note = "", None
    text = statement("contracts").partition("INSERT INTO")[0]
    for line in text.splitlines():
        if match := _RECORD.match(line):
            record = match["record"]
        elif match := _NOTE.match(line):
            note = match["note"]
        elif match := _RULE.match(line):
            found.append(Rule(record, match["name"], match["breaks"], note))
            note = None
    if len(found) != text.count(", NULL)"):
        raise ValueError("sql/contracts.sql has a rule that does not stand on a line of its own")
    return tuple(found)


def page() -> str:
    """The whole page."""
    needed = (f"| {name} | {', '.join(_needed(record))} |" for name, record in RECORDS.items())
    checks = (f"| {table.name} | `{check}` |" for table in TABLES for check in table.checks)
    return _PAGE.format(
        needed="\n".join(needed),
        rules="\n".join(_row(rule) for rule in rules()),
        problems="\n".join(f"- {line}" for line in _problems()),
        checks="\n".join(checks),
    )


_PAGE = """# Contracts

What a batch of the lake must be like to get into the warehouse, in the order in which it is looked at. Made by
`python -m warehouse.contracts_page` from what is enforced.

## 1. Types, and what may not be missing

Each file is read in the declared types (`transforms/schema.py`). A batch with a file that is foreign, damaged, of other
types, or without one of these is named by the load and left out; the rest loads.

| record | may not be missing |
| --- | --- |
{needed}

## 2. Rules for each record

What breaks a rule goes to the table `quarantine` with the rule's name and the whole record, and the rest of its batch
is loaded. `broadsheet quarantine` lists it; `broadsheet quarantine --replay` holds it to the rules again after one was
changed. An article in quarantine leaves its capture in `captures`, as `quarantined`.

| record | rule | a record breaks it where |
| --- | --- | --- |
{rules}

## 3. What refuses a publication

Looked for before each publication; where one is found, nothing is published and readers keep what they have.
`broadsheet verify` looks at all rows, a load at those that it can have changed.

{problems}

## 4. The last gate

NOT NULL on every column that is not nullable, and these CHECKs, enforced by DuckDB:

| table | check |
| --- | --- |
{checks}

## 5. Plausibility of a source

Beside its own past: the share of rejected captures, of articles with a date and with an author, and the words in an
article (`sql/plausibility.sql`). Nothing is kept out for it; the load's report says it.
"""


def _row(rule: Rule) -> str:
    note = f" ({rule.note})" if rule.note else ""
    return f"| {rule.record} | {rule.name} | `{rule.breaks}`{note} |"


def _needed(record: type) -> Iterator[str]:
    return (c.name for c in columns_of(record) if not c.is_nullable)


def _problems() -> Iterator[str]:
    """The problems that sql/checks.sql looks for, in words."""
    for match in _PROBLEM.finditer(statement("checks")):
        yield re.sub(r"' \|\| .+? \|\| '", "…", match["words"]).strip("'")


if __name__ == "__main__":
    sys.stdout.write(page())
