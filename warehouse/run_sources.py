"""What came of every source in one run, asked of the published warehouse: the table at the end of a run."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.datadir import DataDir
from warehouse.reading import reading
from warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class RunSource:
    """One source in one run: each of its `page_count` pages is in exactly one of the other counts."""

    source: str
    page_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    rejected_count: int
    not_modified_count: int
    gone_count: int
    """Pages that we had, and that answered 404 or 410."""
    not_fetched_count: int
    why_not: str | None
    """The outcomes of those that were not fetched."""


def run_sources(datadir: DataDir, run_id: str) -> tuple[RunSource, ...]:
    """The sources that a run asked pages of, by id. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        return tuple(RunSource(*row) for row in con.execute(statement("run_sources"), {"run_id": run_id}).fetchall())
