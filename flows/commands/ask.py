"""Subcommands that ask: sql, schema, status. They open the published file read-only, at any moment."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.commands.output import Format, OutputOption, is_table, write_rows
from transforms.outcome import DESCRIPTIONS, Outcome
from warehouse.errors import UserError
from warehouse.export import export
from warehouse.query import describe, run_sql
from warehouse.status import status as read_status

ROWS_SHOWN = 200
"""A table in a terminal is for looking at; whoever wants every row takes a format."""
CELL_SHOWN = 300


def sql(
    query: str,
    *,
    format: Annotated[Format, Parameter(help="how to print the answer, all rows but for table")] = "table",
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> int:
    """Ask the warehouse in SQL, read-only; works while a run is loading. `-` reads the query from standard input."""
    text = sys.stdin.read() if query == "-" else query
    datadir = open_existing(data_dir)
    if is_table(format, output):
        answer = run_sql(datadir, text, row_limit=ROWS_SHOWN)
        numbers = [n for n, t in zip(answer.columns, answer.types, strict=True) if _is_number(t)]
        show.table(answer.columns, [[_cell(v) for v in row] for row in answer.rows], numbers=numbers)
        more = f"; more rows than {ROWS_SHOWN}, see --format or LIMIT" if answer.is_cut else ""
        show.say(f"{len(answer.rows)} rows{more}")
        return 0
    write_rows(lambda file_format, target: export(datadir, text, file_format, target), format, output)
    return 0


def schema(table: str | None = None, *, data_dir: DataDirOption = None) -> int:
    """Show tables and columns with what they mean; with a TABLE, that one alone."""
    tables = describe(open_existing(data_dir))
    chosen = [t for t in tables if table in (None, t.name)]
    if not chosen:
        raise UserError(f"no table {table!r}; there are {', '.join(t.name for t in tables)}")
    for t in chosen:
        title = f"{t.name}{' (view)' if t.is_view else ''}: {t.comment}"
        rows = [(c.name, _short_type(c.type), "" if c.is_nullable else "yes", c.comment) for c in t.columns]
        show.table(("column", "type", "not null", "meaning"), rows, title=title)
    return 0


def status(*, data_dir: DataDirOption = None) -> int:
    """Show sources, last loads, counts and sizes."""
    now = read_status(open_existing(data_dir))
    print(
        f"{now.article_count} articles in {now.version_count} versions, {now.comment_count} readers' comments; "
        + ", ".join(f"{name} {_size(size)}" for name, size in now.sizes.items())
    )
    if now.waiting_batches:
        print(f"{now.waiting_batches} batches wait in the lake: `broadsheet load` brings them in")
    if now.replaced_batches:
        print(f"{now.replaced_batches} batches were made anew since they were loaded: `broadsheet rebuild` adopts them")
    show.table(
        ("source", "kind", "fetches", "captures", "articles", "rejected", "last capture"),
        [
            (
                s.source,
                s.kind,
                s.fetch_count,
                s.capture_count,
                s.article_count,
                s.rejected_count,
                _moment(s.last_captured_at),
            )
            for s in now.sources
        ],
        title="Sources",
        numbers=("fetches", "captures", "articles", "rejected"),
    )
    show.table(
        ("loaded", "run", "new", "changed", "unchanged", "rejected", "comments", "fetches"),
        [
            (
                _moment(x.loaded_at),
                x.run_id,
                x.new_count,
                x.changed_count,
                x.unchanged_count,
                x.rejected_count,
                x.comment_count,
                x.fetch_count,
            )
            for x in now.loads
        ],
        title="Last loads",
        numbers=("new", "changed", "unchanged", "rejected", "comments", "fetches"),
    )
    for title, counts in (("Captures by outcome", now.captures), ("Fetches by outcome", now.fetches)):
        if counts:
            rows = [(name, count, DESCRIPTIONS[Outcome(name)]) for name, count in sorted(counts.items())]
            show.table(("outcome", "count", "meaning"), rows, title=title, numbers=("count",))
    return 0


def _is_number(kind: str) -> bool:
    return kind.startswith(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT", "DOUBLE", "FLOAT", "DECIMAL")
    )


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(_cell(v) for v in value)
    text = "" if value is None else str(value)
    return text if len(text) <= CELL_SHOWN else text[: CELL_SHOWN - 1] + "…"


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if value else ""


def _short_type(kind: str) -> str:
    return (
        kind
        if len(kind) <= 32
        else kind.split("(", maxsplit=1)[0].strip() + "(…)" + ("[]" if kind.endswith("[]") else "")
    )


def _size(size: int) -> str:
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
