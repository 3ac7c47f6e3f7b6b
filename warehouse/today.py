"""The corpus as it is today, asked of the published warehouse and the disk: what the standing pages show."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from warehouse.datadir import DataDir
from warehouse.health_board import RECENT_PERIODS, Board, read_board
from warehouse.reading import reading
from warehouse.statements import statement
from warehouse.status import size_of, stored_size


@dataclass(frozen=True, slots=True)
class PeriodOutcomes:
    """What became of the pages asked for in one period, each in one of the counts."""

    number: int
    new_count: int
    changed_count: int
    unchanged_count: int
    rejected_count: int
    not_fetched_count: int


@dataclass(frozen=True, slots=True)
class SlowHost:
    """How long a host takes to answer."""

    host: str
    request_count: int
    latency_median_s: float
    latency_max_s: float
    failed_count: int


@dataclass(frozen=True, slots=True)
class FailedFetch:
    """A page or feed that could not be had."""

    fetched_at: datetime
    url: str
    outcome: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """All that the pages show. Sizes are bytes."""

    board: Board
    outcomes: tuple[PeriodOutcomes, ...]
    hosts: tuple[SlowHost, ...]
    errors: dict[str, tuple[FailedFetch, ...]]
    """By source, newest first; the last periods only."""
    article_count: int
    newest_at: datetime | None
    """The last capture."""
    sizes: dict[str, int]
    free_bytes: int


def read_today(datadir: DataDir, *, now: datetime) -> Today:
    """The corpus as of now. Raises WarehouseError where nothing is loaded."""
    board = read_board(datadir, now=now)
    grid = board.grid
    from_at = grid.start(grid.number(now) - RECENT_PERIODS + 1)
    lately = max(now - timedelta(days=1), from_at) if grid.period < timedelta(days=1) else now - timedelta(days=2)
    period_us = round(grid.period_s * 1_000_000)
    errors: dict[str, list[FailedFetch]] = defaultdict(list)
    with reading(datadir) as con:
        outcomes = con.execute(statement("health/outcomes"), {"from_at": from_at, "period_us": period_us}).fetchall()
        hosts = con.execute(statement("health/hosts"), {"from_at": lately}).fetchall()
        for source, *rest in con.execute(statement("health/errors"), {"from_at": from_at}).fetchall():
            errors[source].append(FailedFetch(*rest))
        [(articles, newest)] = con.execute(
            "SELECT (SELECT count(*) FROM versions WHERE is_current), (SELECT max(captured_at) FROM captures)"
        ).fetchall()
    return Today(
        board=board,
        outcomes=tuple(PeriodOutcomes(*row) for row in outcomes),
        hosts=tuple(SlowHost(*row) for row in hosts),
        errors={source: tuple(rows) for source, rows in errors.items()},
        article_count=articles,
        newest_at=newest,
        sizes={
            "captures": stored_size(datadir, datadir.captures),
            "lake": stored_size(datadir, datadir.lake),
            "index": size_of(datadir.index),
            "ledger": size_of(datadir.ledger),
            "warehouse": size_of(datadir.warehouse if datadir.lakehouse is None else datadir.ducklake),
        },
        free_bytes=shutil.disk_usage(datadir.root).free,
    )
