"""The subcommand `health`: how every source is, beside its own past, and what to do about those in trouble."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from warehouse.health_board import Board, SourceHealth, read_board

_BARS = " ▁▂▃▄▅▆▇█"


def health(
    *,
    check: Annotated[bool, Parameter(help="exit with 1 where a source is in trouble", negative="")] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Show every source's state, recent new articles and verdicts, and what to do."""
    board = read_board(open_existing(data_dir), now=datetime.now(UTC))
    columns = ("source", "state", "new articles", "since", "verdict", "what is seen", "what to do")
    show.table(columns, [row for source in board.sources for row in _rows(board, source)])
    print(summary(board))
    return 1 if check and board.bad else 0


def sparkline(counts: list[int]) -> str:
    """Counts as a line of bars, the greatest of them full height."""
    top = max(counts, default=0)
    return "".join(_BARS[0 if not n else 1 + round((len(_BARS) - 2) * n / top)] for n in counts) if top else ""


def summary(board: Board) -> str:
    """The board in one line."""
    troubled = len(board.bad)
    noticed = sum(1 for s in board.sources if s.verdicts) - troubled
    well = len(board.sources) - troubled - noticed
    return f"{len(board.sources)} sources: {troubled} in trouble, {noticed} with a notice, {well} without"


def _rows(board: Board, source: SourceHealth) -> list[tuple[str, ...]]:
    head = (source.source, source.state, sparkline(board.volumes(source)))
    if not source.verdicts:
        return [(*head, "", "", "", "")]
    return [
        (
            *(head if place == 0 else ("", row.severity.value, "")),
            f"{row.since_at:%Y-%m-%d %H:%M}",
            row.verdict.value,
            row.sentence,
            row.advice,
        )
        for place, row in enumerate(source.verdicts)
    ]
