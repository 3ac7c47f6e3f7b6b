"""Counts that travel with reports, of the standard library alone: whoever shows one need not load a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How many captures or fetches of one source ended in one outcome."""

    source: str
    outcome: str
    count: int
