"""Subcommands that ask: sql, schema, status. They open the published file read-only, at any moment."""

from __future__ import annotations

import sys
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.commands import grid, show
from flows.commands.options import DataDirOption, open_existing
from flows.commands.output import OutputOption, is_table, write_rows
from flows.sizes import size
from transforms.outcome import DESCRIPTIONS, Outcome
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.export import export
from warehouse.query import QueryResult, describe, describe_macros, describe_schema, run_sql, schema_of
from warehouse.status import status as read_status

ROWS_SHOWN = 200
"""A table in a terminal is for looking at; whoever wants every row takes a format."""
AskFormat = Literal["table", "vertical", "csv", "json", "jsonl", "parquet"]


def sql(
    query: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    *,
    format: Annotated[
        AskFormat, Parameter(help="how to print the answer: table and vertical for looking at, else all rows")
    ] = "table",
    output: OutputOption = None,
    guest: Annotated[
        bool, Parameter(help="as a stranger's query: bounds on time, memory and answer, no files", negative="")
    ] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Ask the warehouse in SQL, read-only; works while a run is loading.

    `-` reads the query from standard input; without a query, a terminal gets a prompt.
    """
    datadir = open_existing(data_dir)
    if query is None and sys.stdin.isatty() and sys.stdout.isatty():
        _converse(datadir)
        return 0
    text = sys.stdin.read() if query in (None, "-") else str(query)
    if format == "vertical" or is_table(format, output):
        if output:
            raise UserError("--output goes with --format csv, json, jsonl or parquet")
        answer = _ask_as_guest(datadir, text) if guest else run_sql(datadir, text, row_limit=ROWS_SHOWN)
        _show(answer, is_vertical=format == "vertical")
    elif guest:
        raise UserError("--guest goes with --format table or vertical; from Python, warehouse.guest gives rows")
    else:
        write_rows(lambda file_format, target: export(datadir, text, file_format, target), format, output)
    return 0


def _converse(datadir: DataDir) -> None:
    from flows.commands.prompt import Prompt, line_editing, stoppable

    def tell(query: str, chosen: str) -> None:
        answer = stoppable(lambda on_open: run_sql(datadir, query, row_limit=ROWS_SHOWN, on_open=on_open))
        _show(answer, is_vertical=chosen == "vertical")

    prompt = Prompt(tell, lambda table: _show_schema(datadir, table))
    place = datadir.lakehouse.place if datadir.lakehouse else datadir.warehouse
    show.say(f"{place}, read-only; .help says what else there is")
    with line_editing(datadir, prompt.typed):
        prompt.run(input)


def _ask_as_guest(datadir: DataDir, query: str) -> QueryResult:
    from warehouse.guest import GuestLimits
    from warehouse.guest import guest as open_session

    with open_session(datadir, GuestLimits(rows=ROWS_SHOWN)) as session:
        return session.ask(query)


def _show(answer: QueryResult, *, is_vertical: bool) -> None:
    screen = show.console()
    if answer.columns == ("explain_key", "explain_value"):
        for _, plan in answer.rows:
            print(plan)
        return
    columns = grid.columns_of(answer.columns, answer.types, answer.rows)
    if not is_vertical and grid.fits(columns, screen.width):
        screen.print(grid.as_table(columns, screen.width))
    else:
        for line in grid.shown_lines(grid.on_their_side(columns, screen.width)):
            screen.print(line, soft_wrap=True)
    count = len(answer.rows)
    more = f", and there are more: see --format or LIMIT {count + 1}" if answer.is_cut else ""
    times = "; times are UTC" if any(t.startswith("TIMESTAMP WITH TIME ZONE") for t in answer.types) else ""
    show.say(f"{count} row{'' if count == 1 else 's'}{more}{times}")


def _table_names(_: object) -> list[tuple[str, str]]:
    """For the shell's Tab key: the tables of the data dir that the environment names, with what they are."""
    try:
        return [(t.name, t.comment) for t in describe(open_existing(None))]
    except UserError:
        return []


def schema(
    table: Annotated[str | None, Parameter(completer=_table_names)] = None, *, data_dir: DataDirOption = None
) -> int:
    """Show tables, columns and macros with what they mean; with a TABLE, that one alone."""
    _show_schema(open_existing(data_dir), table)
    return 0


def _show_schema(datadir: DataDir, table: str | None) -> None:
    with schema_of(datadir) as con:
        tables, macros = describe_schema(con), describe_macros(con)
    chosen = [t for t in tables if table in (None, t.name)]
    called = [m for m in macros if table in (None, m.name)]
    if not chosen and not called:
        names = [*(t.name for t in tables), *(m.name for m in macros)]
        near = get_close_matches(str(table), names, n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise UserError(f"no table {table!r}{hint} There are {', '.join(names)}")
    for t in chosen:
        title = f"{t.name}{' (view)' if t.is_view else ''}: {t.comment}"
        rows = [(c.name, _short_type(c.type), "" if c.is_nullable else "yes", c.comment) for c in t.columns]
        show.table(("column", "type", "not null", "meaning"), rows, title=title)
    if called:
        listed = [(f"{m.name}({', '.join(m.parameters)})", m.comment) for m in called]
        show.table(("table macro", "meaning"), listed, title="After FROM like a table")


def status(*, data_dir: DataDirOption = None) -> int:
    """Show sources, last loads, counts and sizes."""
    datadir = open_existing(data_dir)
    now = read_status(datadir)
    print(
        f"{now.article_count} articles in {now.version_count} versions, {now.comment_count} readers' comments; "
        + ", ".join(f"{name} {size(size_bytes)}" for name, size_bytes in now.sizes.items())
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
    if datadir.storage is not None:
        print(f"captures and lake are in {datadir.storage.url}")
    return 0


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if value else ""


def _short_type(kind: str) -> str:
    return (
        kind
        if len(kind) <= 32
        else kind.split("(", maxsplit=1)[0].strip() + "(…)" + ("[]" if kind.endswith("[]") else "")
    )
