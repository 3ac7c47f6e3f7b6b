"""Numbers for monitoring: what was fetched and kept, what waits, how long requests take, how much disk it takes.

They are read from what is there, so that they survive every restart and a scrape costs a run nothing. What a run does
shows here once it is loaded, half a minute to a minute later.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.reading import reading
from warehouse.statements import statement
from warehouse.status import size_of, waiting_batches

QUANTILES = (0.5, 0.9, 0.99)


@dataclass(frozen=True, slots=True)
class FetchCount:
    """Fetches of one source, kind and outcome since the beginning."""

    source: str
    kind: str
    outcome: str
    count: int
    raw_bytes: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Requests of the last day: how many, seconds in all, and the seconds at each of QUANTILES (None: no request)."""

    count: int
    sum_s: float
    quantiles_s: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the warehouse says; it changes with each load only."""

    fetches: tuple[FetchCount, ...]
    captures: dict[tuple[str, str], int]
    """Captures by source and outcome."""
    latency: Latency
    article_count: int
    version_count: int
    comment_count: int
    quarantined_count: int
    last_load_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is yet to be done. `due_count`: URLs that may be asked for now; `claimed_count`: that a run has in hand."""

    due_count: int
    claimed_count: int
    batch_count: int
    """Batches of the lake that are not loaded."""


def measure_loaded(datadir: DataDir, now: datetime) -> Loaded:
    """Read the warehouse's numbers. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        fetches = con.execute(statement("measures_fetches")).fetchall()
        captures = con.execute(
            "SELECT source, CAST(outcome AS VARCHAR), count(*) FROM captures GROUP BY ALL"
        ).fetchall()
        [(count, total, quantiles)] = con.execute(statement("measures_latency"), {"now": now}).fetchall()
        [(articles, versions)] = con.execute(
            "SELECT count(*) FILTER (WHERE is_current), count(*) FROM article_versions"
        ).fetchall()
        [(comments, quarantined, last)] = con.execute(
            "SELECT (SELECT count(*) FROM comments), (SELECT count(*) FROM quarantine), "
            "(SELECT max(loaded_at) FROM loads)"
        ).fetchall()
    return Loaded(
        fetches=tuple(FetchCount(*row) for row in fetches),
        captures={(source or "", outcome): n for source, outcome, n in captures},
        latency=Latency(count, total, tuple(quantiles)),
        article_count=articles,
        version_count=versions,
        comment_count=comments,
        quarantined_count=quarantined,
        last_load_at=last,
    )


def measure_waiting(datadir: DataDir, now: datetime) -> Waiting:
    """What waits: URLs in the ledger, batches in the lake. Raises WarehouseError where the ledger cannot be read."""
    due = claimed = 0
    if datadir.ledger_url is not None:
        from warehouse.ledger_look import due_and_claimed

        due, claimed = due_and_claimed(datadir, now.timestamp())
    elif datadir.ledger.exists():
        try:
            with closing(sqlite3.connect(f"{datadir.ledger.as_uri()}?mode=ro", uri=True)) as con:
                [(due, claimed)] = con.execute(
                    "SELECT count(*) FILTER (WHERE due_at <= ? AND run_id IS NULL), count(run_id) FROM urls",
                    [now.timestamp()],
                ).fetchall()
        except sqlite3.Error as error:
            raise WarehouseError(f"{datadir.ledger} cannot be read: {error}") from error
    return Waiting(due, claimed, waiting_batches(datadir))


def measure_disk(datadir: DataDir) -> dict[str, int]:
    """Bytes of each part of the data dir, and `free`: what its file system has left."""
    parts = {name: size_of(getattr(datadir, name)) for name in ("captures", "lake", "index", "ledger", "warehouse")}
    return {**parts, "prefect": size_of(datadir.root / "prefect"), "free": shutil.disk_usage(datadir.root).free}
