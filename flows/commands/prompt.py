"""The small prompt of `broadsheet sql`: questions one after another, with history and the Tab key.

Each question opens the warehouse anew, so that a load that ends meanwhile is seen by the next one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from flows.commands.completing import Names, completions, names_in
from warehouse.datadir import DataDir
from warehouse.errors import UserError, WarehouseError

T = TypeVar("T")

HISTORY_LINES = 1_000
HELP = """\
A query ends with a semicolon and may take several lines; Tab completes, Ctrl-C drops it, Ctrl-D leaves.
  .tables            every table and view        (\\d)
  .schema TABLE      its columns with comments   (\\d TABLE)
  .format FORMAT     table or vertical
  .help  .quit"""
FORMATS = ("table", "vertical")


class Prompt:
    """Reads questions and gives them to those who answer."""

    def __init__(self, answer: Callable[[str, str], None], schema: Callable[[str | None], None]) -> None:
        """`answer` takes a query and a format, `schema` a table or None for all."""
        self._answer = answer
        self._schema = schema
        self._format = "table"
        self.typed: list[str] = []
        """The lines of a query that has not ended yet."""

    def run(self, read_line: Callable[[str], str]) -> None:
        """Until the end of the input. `read_line` is given the prompt; raises EOFError at the end."""
        while True:
            try:
                line = read_line("   ...> " if self.typed else "broadsheet> ")
            except KeyboardInterrupt:
                print()
                self.typed.clear()
                continue
            except EOFError:
                print()
                return
            if not self.typed and line.strip().startswith((".", "\\")):
                if not self._command(line.strip()):
                    return
                continue
            if self.typed or line.strip():
                self.typed.append(line)
            if line.rstrip().endswith(";"):
                query = "\n".join(self.typed)
                self.typed.clear()
                self._try(partial(self._answer, query, self._format))

    def _command(self, line: str) -> bool:
        word, _, argument = line.partition(" ")
        match word, argument.strip().rstrip(";"):
            case ((".quit" | ".exit" | "\\q"), _):
                return False
            case ((".tables" | ".schema" | "\\d" | "\\dt"), table):
                self._try(partial(self._schema, table or None))
            case (".format", chosen) if chosen in FORMATS:
                self._format = chosen
            case _:
                print(HELP)
        return True

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            print(error)
        except KeyboardInterrupt:
            print("stopped")


def stoppable(ask: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], T]) -> T:
    """What `ask` gives, which hands over its connection first; raises KeyboardInterrupt where Ctrl-C stopped it.

    It asks in a thread: once readline has met a Ctrl-C of its own, DuckDB in the main thread notices no other.
    """
    opened: list[duckdb.DuckDBPyConnection] = []
    pool = ThreadPoolExecutor(max_workers=1)
    answer = pool.submit(ask, opened.append)
    try:
        while not answer.done():
            wait([answer], timeout=0.5)
    except KeyboardInterrupt:
        while not answer.done():  # it may not have begun, or be between two statements
            for con in opened:
                con.interrupt()
            wait([answer], timeout=0.2)
        raise
    finally:
        pool.shutdown(wait=False)
    return answer.result()


@contextlib.contextmanager
def line_editing(datadir: DataDir, earlier: list[str]) -> Iterator[None]:
    """Line editing, history over sessions and completion for `input` within the block.

    `earlier` holds the lines of a query before the one that is typed: its tables may be named there.
    """
    try:
        import readline
    except ImportError:  # a Python without it: the prompt works, plainly
        yield
        return
    history = _history_file()
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LINES)
    readline.set_completer_delims(" \t\n,;()=<>+-*/%|'\"[]")
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
    readline.set_completer(_completer(datadir, earlier, lambda: (readline.get_line_buffer(), readline.get_endidx())))
    try:
        yield
    finally:
        readline.set_completer(None)
        with contextlib.suppress(OSError):  # a home that cannot be written: no history, and nothing else
            history.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(history)


def _completer(
    datadir: DataDir, earlier: list[str], typed: Callable[[], tuple[str, int]]
) -> Callable[[str, int], str | None]:
    names: list[Names] = []
    found: list[str] = []

    def complete(_: str, state: int) -> str | None:
        if state == 0:
            if not names:
                try:
                    names.append(names_in(datadir))
                except WarehouseError:
                    return None
            line, end = typed()
            found[:] = completions(line[:end], "\n".join([*earlier, line]), names[0])
        return found[state] if state < len(found) else None

    return complete


def _history_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "broadsheet" / "sql_history"
