"""Source health in the warehouse: a load counts the periods that it touched anew, and judges what that may change.

A verdict depends on the counts before it and on the clock alone, so a source is judged again from the first period
whose counts changed, or that has ended since the last load. A rebuild, which judges from the first period of all, comes
to the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from transforms.columns import to_table
from transforms.health import History, judge
from transforms.health_grid import Grid
from transforms.health_past import RECENT_MAX
from transforms.health_records import Severity, SourceVerdict, VerdictRow
from warehouse.datadir import DataDir
from warehouse.ddl import is_current_layout
from warehouse.health_facts import Key, read_periods, recount
from warehouse.publish import publish
from warehouse.reading import reading
from warehouse.statements import statement

DEFAULT_PERIOD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The verdicts on one source from period `first` on."""

    source: str
    first: int
    rows: list[VerdictRow]


def update_health(con: duckdb.DuckDBPyConnection, *, now: datetime, period: timedelta | None, load_id: str) -> None:
    """Bring source_periods, source_verdicts and the verdicts of source_days up to date; last of a load's steps.

    `period` None keeps the length of a period. Reads touched_days, which the marts leave.
    """
    grid, is_new_grid = _grid(con, period)
    if is_new_grid:
        con.execute("DELETE FROM source_periods")
        con.execute("DELETE FROM source_verdicts")
    con.execute(
        statement("health/everything" if is_new_grid else "health/touched"),
        {"period_us": round(grid.period_s * 1_000_000)},
    )
    busy = _busy(con, grid)
    changed = recount(con, grid)
    since = _last_load(con, but=load_id)
    _put(con, _judge(con, grid, now, since=since, changed=changed, busy_before=busy), grid, now)


def judge_sources(datadir: DataDir, *, now: datetime, period: timedelta | None = None) -> bool:
    """Judge every source as of now, without loading anything; gives whether that changed, and published, anything.

    For times in which nothing is loaded: silence is news too. Raises WarehouseError where there is no warehouse.
    """
    with reading(datadir) as con:
        if not is_current_layout(con):
            return False  # the next load builds it anew, and judges
        grid, is_new_grid = _grid(con, period)
        judged = _judge(con, grid, now, since=_last_load(con), changed=(), busy_before=_busy(con, grid))
        if not is_new_grid and not _differs(con, judged, grid, now):
            return False

    def change(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("CREATE OR REPLACE TEMP TABLE touched_days (source VARCHAR, day_date DATE)")
        update_health(con, now=now, period=period, load_id="")

    publish(datadir, change)
    return True


def grid_of(con: duckdb.DuckDBPyConnection) -> Grid:
    """The periods that the warehouse's sources are judged by."""
    return _grid(con, None)[0]


def _grid(con: duckdb.DuckDBPyConnection, period: timedelta | None) -> tuple[Grid, bool]:
    """The grid to judge on, and whether what is counted is on another one."""
    stored = con.execute("SELECT DISTINCT period_s FROM source_periods").fetchall()
    held = {timedelta(seconds=s) for (s,) in stored}
    wanted = period or (min(held) if held else DEFAULT_PERIOD)
    return Grid(wanted), bool(held) and held != {wanted}


def _last_load(con: duckdb.DuckDBPyConnection, *, but: str = "") -> datetime | None:
    """When the last load was made, that of this id aside."""
    found: datetime | None = con.execute("SELECT max(loaded_at) FROM loads WHERE load_id <> ?", [but]).fetchall()[0][0]
    return found


def _busy(con: duckdb.DuckDBPyConnection, grid: Grid) -> frozenset[int]:
    """The periods in which any source was asked."""
    rows = con.execute("SELECT DISTINCT period_at FROM source_periods WHERE request_count > 0").fetchall()
    return frozenset(grid.number(at) for (at,) in rows)


def _judge(
    con: duckdb.DuckDBPyConnection,
    grid: Grid,
    now: datetime,
    *,
    since: datetime | None,
    changed: Iterable[Key],
    busy_before: frozenset[int],
) -> list[_Judged]:
    """Judge each source from the first period that may have changed."""
    firsts: dict[str, int] = {}
    for source, number in changed:
        firsts[source] = min(number, firsts.get(source, number))
    busy = _busy(con, grid)
    running = grid.number(now)
    ended = grid.number(since) if since is not None and grid.number(since) < running else None
    from_all = min([*(busy ^ busy_before), *([ended] if ended is not None else [])], default=None)
    if from_all is not None:
        known = con.execute("SELECT DISTINCT source FROM source_periods").fetchall()
        firsts.update({source: min(from_all, firsts.get(source, from_all)) for (source,) in known})
    histories = _histories(con, grid, firsts)
    return [
        _Judged(source, first, judge(source, histories[source], first=first, now=now, grid=grid, busy=busy))
        for source, first in sorted(firsts.items())
    ]


def _histories(con: duckdb.DuckDBPyConnection, grid: Grid, firsts: dict[str, int]) -> dict[str, History]:
    """What each source is judged by: its window, and the verdicts of the period before the first."""
    reach = grid.window + RECENT_MAX
    sources = sorted(firsts)
    con.register(
        "judged",
        pa.table(
            {
                "source": pa.array(sources, pa.string()),
                "from_at": pa.array([grid.start(firsts[s] - reach) for s in sources], pa.timestamp("us", tz="UTC")),
                "before_at": pa.array([grid.start(firsts[s] - 1) for s in sources], pa.timestamp("us", tz="UTC")),
            }
        ),
    )
    facts = defaultdict[str, dict[int, Any]](dict)
    for row in read_periods(con, "AS p SEMI JOIN judged AS j ON j.source = p.source AND p.period_at >= j.from_at"):
        facts[row.source][grid.number(row.period_at)] = row
    before = defaultdict[str, list[VerdictRow]](list)
    for verdict in read_verdicts(
        con, "AS v SEMI JOIN judged AS j ON j.source = v.source AND v.period_at = j.before_at"
    ):
        before[verdict.source].append(verdict)
    con.unregister("judged")
    return {source: History(facts=facts[source], before=before[source]) for source in sources}


def read_verdicts(con: duckdb.DuckDBPyConnection, condition: str = "") -> list[VerdictRow]:
    """Rows of source_verdicts."""
    rows: list[dict[str, Any]] = con.sql(f"FROM source_verdicts {condition}").to_arrow_table().to_pylist()
    return [
        VerdictRow(**{**row, "verdict": SourceVerdict(row["verdict"]), "severity": Severity(row["severity"])})
        for row in rows
    ]


def _put(con: duckdb.DuckDBPyConnection, judged: list[_Judged], grid: Grid, now: datetime) -> None:
    # in one statement: in a DuckLake each costs as much as a short query
    firsts = {"source": pa.array([one.source for one in judged], pa.string())}
    starts = pa.array([grid.start(one.first) for one in judged], pa.timestamp("us", tz="UTC"))
    con.register("judged_anew", pa.table({**firsts, "from_at": starts}))
    con.execute(
        "DELETE FROM source_verdicts USING judged_anew AS j "
        "WHERE source_verdicts.source = j.source AND period_at >= j.from_at"
    )
    con.unregister("judged_anew")
    con.execute(
        "UPDATE source_verdicts SET is_open = false WHERE is_open AND period_at <> ?", [grid.start(grid.number(now))]
    )
    con.register("new_rows", to_table(VerdictRow, (row for one in judged for row in one.rows)))
    con.execute("INSERT INTO source_verdicts BY NAME FROM new_rows")
    con.unregister("new_rows")
    con.execute(statement("health/days"))


def _differs(con: duckdb.DuckDBPyConnection, judged: list[_Judged], grid: Grid, now: datetime) -> bool:
    """Whether what is published is not what these verdicts say."""
    stored = read_verdicts(con)
    firsts = {one.source: grid.start(one.first) for one in judged}
    kept = [row for row in stored if row.source in firsts and row.period_at >= firsts[row.source]]
    running = grid.start(grid.number(now))
    is_stale = any(row.is_open and row.period_at != running for row in stored)
    return is_stale or set(kept) != {row for one in judged for row in one.rows}
