"""What came of one run, asked of the published warehouse: by source, by outcome, the slowest hosts, the worst errors.

Asked by the run's own id, so that it does not matter who loaded what the run fetched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.datadir import DataDir
from warehouse.reading import reading
from warehouse.statements import statement
from warehouse.tallies import Tally


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


@dataclass(frozen=True, slots=True)
class RunHost:
    """How long a host took to answer in one run, and how long politeness made us wait for it."""

    host: str
    request_count: int
    latency_median_s: float
    latency_max_s: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class RunError:
    """One outcome of one source in one run, with the address of one that ended so."""

    source: str
    outcome: str
    error_count: int
    example_url: str
    detail: str | None


def run_tallies(
    datadir: DataDir, run_id: str, warc_files: Iterable[str] = ()
) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
    """Fetches and captures of a run by source and outcome; also the captures in the files that it took.

    Raises WarehouseError where nothing is loaded.
    """
    with reading(datadir) as con:
        fetches = con.execute(statement("run_fetches"), {"run_id": run_id}).fetchall()
        captures = con.execute(statement("run_captures"), {"run_id": run_id, "warc_files": list(warc_files)}).fetchall()
    return tuple(Tally(*row) for row in fetches), tuple(Tally(*row) for row in captures)


def run_hosts(datadir: DataDir, run_id: str) -> tuple[RunHost, ...]:
    """The slowest hosts of a run. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        return tuple(RunHost(*row) for row in con.execute(statement("run_hosts"), {"run_id": run_id}).fetchall())


def run_errors(datadir: DataDir, run_id: str) -> tuple[RunError, ...]:
    """What went wrong most in a run. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        return tuple(RunError(*row) for row in con.execute(statement("run_errors"), {"run_id": run_id}).fetchall())


def run_sources(datadir: DataDir, run_id: str) -> tuple[RunSource, ...]:
    """The sources that a run asked pages of, by id. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        return tuple(RunSource(*row) for row in con.execute(statement("run_sources"), {"run_id": run_id}).fetchall())
