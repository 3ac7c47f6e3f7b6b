"""How time is cut into periods for the judgement of sources, and which past counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grid:
    """Time in periods of one length, counted from 1970 in UTC, so that days are days and any two runs cut alike."""

    period: timedelta = timedelta(days=1)

    @property
    def period_s(self) -> float:
        """The length of a period."""
        return self.period.total_seconds()

    @property
    def rhythm(self) -> int:
        """Periods after which a source's habits repeat: a week of days, a day of hours; 1 where periods are too short
        for a day to fit into the past that is looked at."""
        if self.period_s >= _DAY_S:
            return max(1, round(7 * _DAY_S / self.period_s))
        return round(_DAY_S / self.period_s) if self.period_s >= _DAY_S / 24 else 1

    @property
    def window(self) -> int:
        """How many periods of the past count: eight weeks of days, two weeks of hours."""
        return max(56, 8 * self.rhythm if self.period_s >= _DAY_S else 14 * self.rhythm)

    def number(self, at: datetime) -> int:
        """The period that a moment lies in."""
        return (at - _EPOCH) // self.period

    def start(self, number: int) -> datetime:
        """When a period begins."""
        return _EPOCH + number * self.period
