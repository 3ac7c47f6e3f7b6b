"""Source health in few words, for the terminal and the pages alike."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.health_board import Board

_BARS = "▁▂▃▄▅▆▇█"


def summary(board: Board) -> str:
    """The board in one line."""
    troubled = len(board.bad)
    noticed = sum(1 for s in board.sources if s.verdicts) - troubled
    well = len(board.sources) - troubled - noticed
    return f"{len(board.sources)} sources: {troubled} in trouble, {noticed} with a notice, {well} without"


def sparkline(counts: Sequence[int]) -> str:
    """Counts as a line of bars, the greatest of them at full height, a dot for none."""
    top = max(counts, default=0)
    return "".join("·" if not n else _BARS[round((len(_BARS) - 1) * n / top)] for n in counts)
