"""The subcommand `health`: how every source is, beside its own past, and what to do about those in trouble."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.health_words import sparkline, summary
from warehouse.health_board import Board, SourceHealth, read_board


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
