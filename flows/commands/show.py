"""What the terminal shows: progress on standard error, results as tables on standard output.

Progress is a live line in a terminal and a plain line now and then elsewhere, so that a log stays readable and a pipe
gets nothing but the result.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from flows.progress import Progress, listening
from transforms.masking import masked

if TYPE_CHECKING:
    from flows.report import RunReport
    from warehouse.run_sources import RunSource

PLAIN_EVERY_S = 10.0


def say(line: str) -> None:
    """One line for a person, on standard error, without what looks like a secret."""
    print(masked(line), file=sys.stderr, flush=True)


@contextmanager
def progress_shown() -> Iterator[None]:
    """Show the progress of what runs in the block."""
    if sys.stderr.isatty():
        with _Live() as live, listening(live.show):
            yield
    else:
        with listening(_Plain().show):
            yield


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None, numbers: Sequence[str] = ()
) -> None:
    """Print a table on standard output; `numbers` names the columns that are set flush right."""
    grid = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for name in columns:
        grid.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        # as text: a cell that holds [/b] is no markup of ours
        grid.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(grid)


def console() -> Console:
    """Standard output; a pipe is given a width that does not fold what a terminal would show."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


def sources(rows: Sequence[RunSource]) -> None:
    """What came of every source in a run, and their sum."""
    names = ("pages", "new", "changed", "unchanged", "rejected", "304", "gone", "not fetched")
    cells = [dataclasses.astuple(row) for row in rows]
    total = ("all", *(sum(row[n] for row in cells) for n in range(1, 9)), "")
    table(("source", *names, "why not"), [*cells, total], title="What came of every source", numbers=names)


def run_report(report: RunReport) -> None:
    """What came of a run: a row a source, the sums, and what went wrong."""
    if rows := report.rows():
        table(("source", "of", "outcome", "count", "meaning"), [tuple(r.values()) for r in rows], numbers=("count",))
    print(f"{report.words()}.  {report.balance()}")
    for line in (*report.notes, *report.problems):
        say(f"broadsheet: {line}")


class _Plain:
    def __init__(self) -> None:
        self._stage = ""
        self._at = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage != self._stage or now - self._at >= PLAIN_EVERY_S:
            self._stage, self._at = progress.stage, now
            say(
                f"{progress.stage}: {progress.done}"
                + (f" of {progress.total}" if progress.total else "")
                + f" {progress.note}"
            )


class _Live:
    def __init__(self) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Live:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._bar.add_task(progress.stage, note="")
        self._bar.update(
            self._tasks[progress.stage], completed=progress.done, total=progress.total, note=masked(progress.note)[:60]
        )
