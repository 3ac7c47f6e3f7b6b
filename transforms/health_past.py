"""What one check sees: the period that is judged, the periods just before it, and the past that says what is usual.

A check answers with a finding, or that all is well, or that it cannot tell: a period without evidence neither makes nor
mends anything. Periods since which the verdict holds are no part of what is usual, or a break would soon pass for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from transforms.health_grid import Grid
from transforms.health_records import Severity, SourcePeriod

RECENT_MAX = 28
"""Periods that recent evidence is looked for in, and for which a verdict without new evidence stands."""


class Standing(Enum):
    """What a check says that finds nothing."""

    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: the measure, its value, what is usual, and how a person would say it."""

    measure: str
    measured: float
    low: float | None = None
    high: float | None = None
    severity: Severity
    sentence: str


Result = Finding | Standing


@dataclass(frozen=True, slots=True)
class Past:
    """One source up to the period `number`, as one check sees it."""

    facts: Mapping[int, SourcePeriod]
    number: int
    """The period that is judged."""
    running: int
    """The period that the clock is in, which has not ended."""
    grid: Grid
    excused: Collection[int] = ()
    """Periods in which this verdict held."""

    def recent(
        self, weight: Callable[[SourcePeriod], int], *, enough: int, periods_max: int
    ) -> list[tuple[int, SourcePeriod]]:
        """The latest periods that have any weight, newest first, until they weigh enough; at most `periods_max`.

        Empty where the judged period has none: it says nothing new.
        """
        own = self.facts.get(self.number)
        if own is None or not weight(own):
            return []
        found: list[tuple[int, SourcePeriod]] = []
        total = 0
        for number in range(self.number, self.number - RECENT_MAX, -1):
            row = self.facts.get(number)
            if row is None or not (n := weight(row)):
                continue
            found.append((number, row))
            total += n
            if total >= enough or len(found) == periods_max:
                break
        return found

    def usual(self, before: int) -> Iterator[SourcePeriod]:
        """The periods of the window that come before `before` and count as usual, newest first."""
        for number in range(before - 1, self.number - self.grid.window - 1, -1):
            if number not in self.excused and (row := self.facts.get(number)) is not None:
                yield row
