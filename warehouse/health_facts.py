"""The counts that source health is judged by, in `source_periods`: made anew for the periods that a load touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from transforms.columns import to_table
from transforms.health_grid import Grid
from transforms.health_records import SourcePeriod, TemplateCount
from transforms.structure import templates_of
from warehouse.statements import statement

Key = tuple[str, int]
"""A source and the number of a period."""


def recount(con: duckdb.DuckDBPyConnection, grid: Grid) -> dict[Key, SourcePeriod | None]:
    """Count the periods in the table touched_periods anew; gives those that are other than they were.

    None stands for a period that no longer has anything in it.
    """
    period_us = {"period_us": round(grid.period_s * 1_000_000)}
    con.execute("CREATE OR REPLACE TEMP TABLE touched_counts AS " + statement("health/facts"), period_us)
    counted = {(row["source"], row["period"]): row for row in _dicts(con, "FROM touched_counts")}
    signatures = defaultdict[Key, dict[int, int]](dict)
    for source, number, structure, count in con.execute(statement("health/structures"), period_us).fetchall():
        signatures[source, number][structure] = count
    now = {key: _period(row, grid, signatures.get(key, {})) for key, row in counted.items()}
    before = {
        (row.source, grid.number(row.period_at)): row
        for row in read_periods(con, "SEMI JOIN touched_keys USING (source, period_at)", _touched_keys(con, grid))
    }
    changed: dict[Key, SourcePeriod | None] = {key: row for key, row in now.items() if before.get(key) != row}
    changed.update(dict.fromkeys(before.keys() - now.keys()))
    _replace(con, changed, grid)
    return changed


def read_periods(
    con: duckdb.DuckDBPyConnection, condition: str = "", keys: pa.Table | None = None
) -> list[SourcePeriod]:
    """Rows of source_periods; `keys` is there as touched_keys in the condition."""
    if keys is not None:
        con.register("touched_keys", keys)
    rows = _dicts(con, f"FROM source_periods {condition}")
    if keys is not None:
        con.unregister("touched_keys")
    return [_stored(row) for row in rows]


def period_keys(keys: Iterable[Key], grid: Grid) -> pa.Table:
    """Keys as a table of source and period_at."""
    listed = sorted(keys)
    return pa.table(
        {
            "source": pa.array([source for source, _ in listed], pa.string()),
            "period_at": pa.array([grid.start(number) for _, number in listed], pa.timestamp("us", tz="UTC")),
        }
    )


def _touched_keys(con: duckdb.DuckDBPyConnection, grid: Grid) -> pa.Table:
    return period_keys(con.execute("SELECT source, period FROM touched_periods").fetchall(), grid)


def _replace(con: duckdb.DuckDBPyConnection, changed: dict[Key, SourcePeriod | None], grid: Grid) -> None:
    con.register("changed_keys", period_keys(changed, grid))
    con.execute("DELETE FROM source_periods WHERE (source, period_at) IN (FROM changed_keys)")
    con.unregister("changed_keys")
    rows = [row for row in changed.values() if row is not None]
    con.register("changed_rows", to_table(SourcePeriod, sorted(rows, key=lambda row: (row.source, row.period_at))))
    con.execute("INSERT INTO source_periods BY NAME FROM changed_rows")
    con.unregister("changed_rows")


def _period(row: dict[str, Any], grid: Grid, signatures: dict[int, int]) -> SourcePeriod:
    counts = {name: value for name, value in row.items() if name != "period"}
    templates = [TemplateCount(signature=t.signature, page_count=t.page_count) for t in templates_of(signatures)]
    return SourcePeriod(period_at=grid.start(row["period"]), period_s=grid.period_s, templates=templates, **counts)


def _stored(row: dict[str, Any]) -> SourcePeriod:
    return SourcePeriod(**{**row, "templates": [TemplateCount(**t) for t in row["templates"]]})


def _dicts(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
    return rows
