"""Which statements a query may hold: what asks, and nothing that writes a file.

DuckDB alone does not keep a read-only session from writing. With external access off it still lets COPY write to the
files that it has open, and the warehouse is one: one statement could overwrite it. So kinds are named that may run.
"""

from __future__ import annotations

import re

import duckdb
from duckdb import StatementType

from warehouse.errors import QueryError

OWNER: frozenset[StatementType] = frozenset(
    {
        *(StatementType.SELECT, StatementType.MULTI, StatementType.PRAGMA, StatementType.CALL, StatementType.SET),
        # temporary tables: the warehouse itself is open read-only
        *(StatementType.CREATE, StatementType.INSERT, StatementType.UPDATE, StatementType.DELETE, StatementType.DROP),
    }
)
"""What the people of this machine may run. EXPLAIN goes by what it explains."""
STRANGER: frozenset[StatementType] = frozenset({StatementType.SELECT})
"""What anybody may run; DESCRIBE, SUMMARIZE and SHOW are queries to DuckDB."""

_EXPLAIN = re.compile(r"\s*explain\s+(?:analyze\s+)?(?:\(\s*(?:analyze|format)\b[^)]*\)\s*)?", re.IGNORECASE)
_WRITES_FILES = {StatementType.COPY, StatementType.EXPORT, StatementType.COPY_DATABASE}


def refuse_others(con: duckdb.DuckDBPyConnection, sql: str, allowed: frozenset[StatementType]) -> None:
    """Raise QueryError for a text with a statement of another kind, DuckDB's own error for one that is no SQL."""
    for statement in con.extract_statements(sql):
        explain = _EXPLAIN.match(statement.query)
        if explain and statement.type == StatementType.EXPLAIN:
            # where the pattern finds the wrong end, what is left is no SQL by itself, and so refused
            refuse_others(con, statement.query[explain.end() :], allowed)
        elif statement.type in _WRITES_FILES:
            raise QueryError("a query writes no file: ask with SELECT, and take --format and --output for a file")
        elif statement.type not in allowed and statement.type == StatementType.MULTI:
            raise QueryError("PIVOT without its values makes a table first: name them, PIVOT … ON … IN (…)")
        elif statement.type not in allowed:
            kind = statement.type.name.replace("_", " ")
            raise QueryError(f"{kind} statements are not for asking: a query starts with SELECT, FROM or WITH")
