"""An empty warehouse with all its tables, views and comments, made once and kept ready between runs.

Nine hundred statements make it, a quarter of a second of CPU, and it is always the same file.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import duckdb
import numpy as np

from transforms.kept_arrays import Arrays, kept_arrays
from warehouse.ddl import create_schema, schema_text


def write_empty(path: Path, *, storage_version: str) -> None:
    """Write the file of an empty warehouse, in the format of that DuckDB. Raises OSError, duckdb.Error."""
    told = "\n".join((duckdb.__version__, storage_version, schema_text()))
    name = f"empty-warehouse-{blake2b(told.encode(), digest_size=12).hexdigest()}"
    path.write_bytes(kept_arrays(name, lambda: _made(path, storage_version))["file"].tobytes())


def _made(path: Path, storage_version: str) -> Arrays:
    with duckdb.connect(str(path), config={"storage_compatibility_version": storage_version}) as con:
        con.begin()
        create_schema(con)
        con.commit()
        con.execute("CHECKPOINT")
    return {"file": np.frombuffer(path.read_bytes(), np.uint8)}
