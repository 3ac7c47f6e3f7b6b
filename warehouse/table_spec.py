"""How a table of the warehouse is declared: its record, its comment and its last gate."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.columns import ColumnSpec, columns_of


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of the warehouse."""

    name: str
    record: type
    comment: str
    checks: tuple[str, ...] = ()
    zstd: tuple[str, ...] = ()
    """Columns of long text and of addresses: left to itself, DuckDB takes a compression half as good.

    Not those that are mostly null: with zstd a null takes five bytes.
    """
    derived: tuple[str, ...] = ()
    """Columns of the record that are not stored: the views say what they are."""

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """The columns that are stored."""
        return tuple(c for c in columns_of(self.record) if c.name not in self.derived)
