"""Waiting until no crawl is under way, for work that must not meet one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from warehouse.datadir import DataDir
from warehouse.ledger_rows import is_alive

_LOOK_EVERY_S = 5.0


def crawls_under_way(datadir: DataDir) -> tuple[str, ...]:
    """Ids of the runs whose crawl has begun and not ended, in processes that live."""
    if datadir.ledger_url is not None:
        from warehouse.ledger_look import runs_over

        return runs_over(datadir)
    if not datadir.ledger.exists():
        return ()
    with closing(sqlite3.connect(f"{datadir.ledger.as_uri()}?mode=ro", uri=True)) as con:
        rows = con.execute("SELECT run_id, owner FROM runs WHERE state = 'running'").fetchall()
    return tuple(run_id for run_id, owner in rows if is_alive(owner))


def wait_for_crawls(
    datadir: DataDir, seconds: float, *, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Whether no crawl is under way, now or within so many seconds. What is waited for is said once."""
    waited = 0.0
    while under_way := crawls_under_way(datadir):
        if not waited:
            say(f"waiting for the crawl of run {', '.join(under_way)}")
        if waited >= seconds:
            return False
        sleep(_LOOK_EVERY_S)
        waited += _LOOK_EVERY_S
    return True
