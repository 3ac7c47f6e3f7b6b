"""The last look before a warehouse is published: counts balance, keys are unique, spans meet, nothing hangs loose.

A failure means a defect, in this code or in a batch; the publication is refused and readers keep what they have.
"""

from __future__ import annotations

import duckdb

from warehouse.errors import WarehouseError
from warehouse.statements import statement


def check(con: duckdb.DuckDBPyConnection) -> None:
    """Run sql/checks.sql on the next warehouse. Raises WarehouseError that names the first problem."""
    found = problems(con)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise WarehouseError(f"not published, a check failed: {found[0]}{more}")


def problems(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What does not hold, one line each. Spans are looked at for the articles in the table `touched`."""
    return [str(problem) for (problem,) in con.execute(statement("checks")).fetchall()]
