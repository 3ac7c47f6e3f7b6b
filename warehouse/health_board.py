"""How every source is now, read from the published warehouse: its state, its recent volume, the verdicts that hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from transforms.health import NOT_JUDGED
from transforms.health_grid import Grid
from transforms.health_records import Severity, SourcePeriod, SourceVerdict, VerdictRow
from warehouse.datadir import DataDir
from warehouse.health import grid_of, read_verdicts
from warehouse.health_facts import read_periods
from warehouse.reading import reading
from warehouse.statements import statement

WELL, NEVER = "well", "never asked"
RECENT_PERIODS = 28
_WORST = (Severity.CRITICAL, Severity.WARNING, Severity.NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One source as it is now."""

    source: str
    kind: str | None
    """None where it is no longer configured, or was given by hand."""
    last_new_at: datetime | None
    """Beginning of the last period with a new article."""
    last_asked_at: datetime | None
    recent: tuple[SourcePeriod, ...]
    """The periods of the last `RECENT_PERIODS` with anything in them, oldest first."""
    verdicts: tuple[VerdictRow, ...]
    """What holds now, worst first."""

    @property
    def state(self) -> str:
        """The worst severity of its verdicts, else that it is well or was never asked."""
        if self.verdicts:
            return self.verdicts[0].severity.value
        return WELL if self.recent or self.last_asked_at or self.last_new_at else NEVER


@dataclass(frozen=True, slots=True)
class Board:
    """Every source, those in trouble first."""

    grid: Grid
    now: datetime
    sources: tuple[SourceHealth, ...]

    def volumes(self, source: SourceHealth) -> list[int]:
        """New articles in each of the last `RECENT_PERIODS`, oldest first."""
        counts = {self.grid.number(row.period_at): row.new_count for row in source.recent}
        running = self.grid.number(self.now)
        return [counts.get(n, 0) for n in range(running - RECENT_PERIODS + 1, running + 1)]

    @property
    def bad(self) -> tuple[SourceHealth, ...]:
        """Sources with a verdict that is more than a notice."""
        return tuple(s for s in self.sources if s.state in (Severity.WARNING, Severity.CRITICAL))


def read_board(datadir: DataDir, *, now: datetime) -> Board:
    """The board as of the last load or judgement. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        grid = grid_of(con)
        rows = con.execute(statement("health/sources")).fetchall()
        first = grid.start(grid.number(now) - RECENT_PERIODS + 1)
        periods = defaultdict[str, list[SourcePeriod]](list)
        for row in read_periods(con, f"WHERE period_at >= TIMESTAMPTZ '{first.isoformat()}' ORDER BY period_at"):
            periods[row.source].append(row)
        verdicts = defaultdict[str, list[VerdictRow]](list)
        for verdict in read_verdicts(con, "WHERE is_open"):
            verdicts[verdict.source].append(verdict)
    sources = [
        SourceHealth(
            source=source,
            kind=kind,
            last_new_at=last_new_at,
            last_asked_at=last_asked_at,
            recent=tuple(periods[source]),
            verdicts=tuple(sorted(verdicts[source], key=_rank)),
        )
        for source, kind, last_new_at, last_asked_at in rows
        if source not in NOT_JUDGED
    ]
    sources.sort(key=lambda s: (not s.verdicts, _rank(s.verdicts[0]) if s.verdicts else (0, 0), s.source))
    return Board(grid, now, tuple(sources))


def _rank(row: VerdictRow) -> tuple[int, int]:
    return _WORST.index(row.severity), list(SourceVerdict).index(row.verdict)
