"""The last look before a warehouse is published: counts balance, keys are unique, spans meet, nothing hangs loose.

After a load only what it can have changed is looked at, so that the look costs what the load costs; the whole is for
`broadsheet verify`. A failure means a defect, in this code or in a batch; the publication is refused and readers keep
what they have.
"""

from __future__ import annotations

import duckdb

from warehouse.ddl import broken_checks
from warehouse.errors import WarehouseError
from warehouse.statements import statement


def check(con: duckdb.DuckDBPyConnection, *, of_load: bool = False) -> None:
    """Run sql/checks.sql on a warehouse. Raises WarehouseError that names the first problem.

    With `of_load` only on the articles in `touched` and the captures in `staged_captures`.
    """
    found = problems(con, of_load=of_load)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise WarehouseError(f"not published, a check failed: {found[0]}{more}")


def problems(con: duckdb.DuckDBPyConnection, *, of_load: bool = False) -> list[str]:
    """What does not hold, one line each."""
    con.execute(statement("checks_of_load" if of_load else "checks_of_all"))
    con.execute(statement("checks_narrow"))
    found = [str(problem) for _, problem in con.execute(statement("checks")).fetchall()]
    return [*found, *broken_checks(con)]
