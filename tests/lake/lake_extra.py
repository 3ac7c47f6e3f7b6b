"""Whether the extra [lake] is there."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb
import pytest


def lacks_extra() -> str | None:
    """Why a DuckLake cannot be opened here; None where it can."""
    for name in ("ducklake", "sqlite_scanner", "postgres_scanner"):
        found = importlib.util.find_spec(f"duckdb_extension_{name}")
        if found is None or found.origin is None:
            return f"the extra [lake] is not installed (no duckdb_extension_{name}): make test-scale"
        if not (Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}").exists():
            return f"DuckDB {duckdb.__version__} has no extension {name}: make test-scale"
    return None


needs_extra = pytest.mark.skipif(lacks_extra() is not None, reason=str(lacks_extra()))
