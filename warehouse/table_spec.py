"""How a table of the warehouse is declared: its record, its comment and its last gate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of the warehouse."""

    name: str
    record: type
    comment: str
    checks: tuple[str, ...] = ()
    zstd: tuple[str, ...] = ()
    """Columns of long text and of addresses: left to itself, DuckDB takes a compression half as good."""
