"""Contracts: what a record must be like to get in, and what a source usually is like.

A record that breaks a rule goes to the table `quarantine`, whole and with the rule's name, and the rest of its batch is
loaded. A source that suddenly looks different breaks no rule, so it is only said. The rules stand in sql/contracts.sql,
one a line, and the list of them for people is read from there: `python -m warehouse.contracts_page`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from transforms.outcome import CAPTURE_OUTCOMES, FETCH_OUTCOMES
from warehouse.counting import count_rows
from warehouse.statements import statement


def quarantine_violations(con: duckdb.DuckDBPyConnection) -> None:
    """Hold the new batches, in the views lake_*, to sql/contracts.sql; leaves the table `violations` for the steps."""
    allowed = [("captures", o.value) for o in CAPTURE_OUTCOMES] + [("fetches", o.value) for o in FETCH_OUTCOMES]
    con.register("allowed", pa.table({"record": [a[0] for a in allowed], "outcome": [a[1] for a in allowed]}))
    con.execute("CREATE OR REPLACE TEMP TABLE known_outcomes AS FROM allowed")
    con.unregister("allowed")
    con.execute(statement("contracts"))
    if count_rows(con, "violations"):
        con.execute(statement("contracts_put"))


def implausible(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What is odd about this load's sources beside their own past, one line each."""
    return tuple(str(warning) for (warning,) in con.execute(statement("plausibility")).fetchall())
