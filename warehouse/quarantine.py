"""The quarantine: what is in it, and trying its batches again after a rule was changed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from warehouse.apply import Applied, LoadRequest, apply_batches
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.load import LoadReport, report_of
from warehouse.manifest import Manifest
from warehouse.publish import DEFAULT_LIMITS, Limits, build_next, writer_lock
from warehouse.reading import first_line, reading

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Violation:
    """One record in quarantine, as it came."""

    record: str
    row_key: str
    rule: str
    batch_id: str
    payload: dict[str, Any]


def violations(datadir: DataDir, *, limit: int = 1_000) -> tuple[Violation, ...]:
    """The records in quarantine. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        rows = con.execute(
            "SELECT record, row_key, rule, batch_id, payload FROM quarantine ORDER BY ALL LIMIT ?", [limit]
        ).fetchall()
    return tuple(Violation(record, key, rule, batch, json.loads(payload)) for record, key, rule, batch, payload in rows)


def replay(
    datadir: DataDir,
    *,
    run_id: str,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    on_wait: Callable[[str], None] = _log.info,
    on_step: Callable[[str], None] = lambda _: None,
) -> LoadReport:
    """Hold the batches of the records in quarantine to the rules of this version, and load what now keeps them.

    What stays in breach stays in quarantine. What was loaded from those batches before is not doubled.
    """
    request = LoadRequest(run_id=run_id, now=now)
    with writer_lock(datadir, on_wait=on_wait):
        with reading(datadir) as con:
            found = con.execute("SELECT DISTINCT batch_id FROM quarantine ORDER BY 1").fetchall()
        manifest = Manifest.read(datadir)
        batch_ids = [key for (key,) in found if key in manifest.batches]
        if not batch_ids:
            return LoadReport(load_id=None)

        def change(con: duckdb.DuckDBPyConnection) -> Applied:
            for key in batch_ids:
                con.execute("DELETE FROM quarantine WHERE batch_id = ?", [key])
                con.execute("DELETE FROM batches WHERE batch_id = ?", [key])
            return apply_batches(con, datadir, manifest, batch_ids, request)

        try:
            return report_of(build_next(datadir, change, is_fresh=False, limits=limits, on_step=on_step))
        except duckdb.Error as error:
            raise WarehouseError(f"the replay failed, nothing was published: {first_line(error)}") from error
