"""Taking a ledger from its file to a server, once: what the crawl knew of URLs, feeds, hosts and robots.txt files.

The file is kept under another name. What the server knows already stays as it is there, so a second worker that brings
a file of its own adds to it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from warehouse import ledger_tables as t
from warehouse.ledger_place import LedgerError, open_engine
from warehouse.ledger_sql import insert_new

_log = logging.getLogger(__name__)
MOVED_SUFFIX = ".moved"
_TABLES = (t.urls, t.documents, t.hosts, t.robots, t.robots_copies)
_NOT_MOVED = {"run_id": None, "lease_run_id": None, "lease_owner": None, "lease_until": None}
_PORTION = 2_000


def move_ledger(file: Path, server: Engine) -> int:
    """Bring what a file knows to a server and set the file aside; gives how many URLs it held, 0 without a file.

    Raises LedgerError where a crawl of the file is under way, or was killed and not put in order yet.
    """
    if not file.exists():
        return 0
    source = open_engine(file)
    try:
        with source.connect() as old, server.begin() as new:
            running = old.execute(select(func.count()).where(t.runs.c.state == "running")).scalar_one()
            waiting = old.execute(select(func.count()).select_from(t.batches)).scalar_one()
            if running or waiting:
                raise LedgerError(
                    f"{file} has a crawl that did not end in good order: let `broadsheet crawl` put it in order "
                    "without the setting ledger, then it can be moved to the server"
                )
            for table in _TABLES:
                rows = old.execution_options(stream_results=True).execute(select(table)).mappings()
                for portion in rows.partitions(_PORTION):
                    insert_new(new, table, [_freed(dict(row)) for row in portion])
            count = int(old.execute(select(func.count()).select_from(t.urls)).scalar_one())
    finally:
        source.dispose()
    file.rename(file.with_name(file.name + MOVED_SUFFIX))
    _log.warning("%s: its %d URLs were taken to the server; the file is kept as *%s", file, count, MOVED_SUFFIX)
    return count


def _freed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: value for name, value in _NOT_MOVED.items() if name in row}
