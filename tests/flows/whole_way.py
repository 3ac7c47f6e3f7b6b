"""The demo press crawled edition after edition, while a reader asks: what several test files look at.

Each edition is crawled at its own instant, so that times in the warehouse are those of a press that prints once a day.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.articles import edition_at
from demo.press import Press
from flows.fetch import crawl
from flows.report import RunReport
from flows.runs import open_run, pick_sources
from flows.stages import run_pipeline
from flows.steps import direct_steps
from warehouse.query import run_sql

EDITIONS = (1, 2, 3)

READER = """
import json, sys, time
from pathlib import Path
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.query import run_sql
datadir, stop = DataDir.open(Path(sys.argv[1]), create=False), Path(sys.argv[2])
question = '''
SELECT (SELECT count(*) FROM captures),
       (SELECT sum(new_count + changed_count + unchanged_count + rejected_count + revisit_count)::BIGINT FROM loads),
       (SELECT count(*) FROM captures WHERE outcome IN ('new', 'changed')),
       (SELECT count(*) FROM article_versions),
       (SELECT count(*) FROM loads)
'''
reads, seen, bad = 0, set(), []
while not stop.exists():
    try:
        row = run_sql(datadir, question).rows[0]
    except WarehouseError as error:
        if seen or "nothing is loaded" not in str(error):
            bad.append(str(error))
        time.sleep(0.1)
        continue
    reads += 1
    seen.add(row[4])
    if row[0] != row[1] or row[2] != row[3]:
        bad.append(f"half a load: {row}")
    time.sleep(0.1)
print(json.dumps({"reads": reads, "loads_seen": sorted(seen), "bad": bad[:5]}))
"""


@dataclass
class Way:
    data: Path
    press: Press
    reports: dict[int, RunReport]
    outcomes: dict[int, list[tuple[Any, ...]]]
    reader: dict[str, Any]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return run_sql(open_run(data_dir=self.data).datadir, sql).rows


def clock_of(edition: int) -> Callable[[], Callable[[], float]]:
    """A clock that starts at the instant of an edition, each an hour later in its day than the one before.

    What is due again after a day is due then, whatever time the crawls take.
    """
    start_at = (edition_at(edition) + timedelta(hours=edition - 1)).timestamp()

    def start() -> Callable[[], float]:
        since = time.monotonic()
        return lambda: start_at + time.monotonic() - since

    return start


@contextmanager
def crawl_editions(home: Path) -> Iterator[Way]:
    data, stop, sources = home / "data", home / "stop", home / "sources.toml"
    reports, outcomes = {}, {}
    with Press(base_port=0) as press:
        sources.write_text(press.sources_toml())
        given = {"data_dir": data, "sources_file": sources, "allow_private": ["127.0.0.0/8"], "host_gap_s": 0.02}
        datadir = open_run(**given).datadir
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(data), str(stop)], stdout=subprocess.PIPE, text=True
        )
        try:
            for edition in EDITIONS:
                press.edition = edition
                run = open_run(**given)
                with pytest.MonkeyPatch.context() as patch, direct_steps(run, pick_sources(run.settings)) as steps:
                    patch.setattr(crawl, "steady_clock", clock_of(edition))
                    reports[edition] = run_pipeline(run, steps)
                outcomes[edition] = run_sql(
                    datadir,
                    f"""SELECT f.source, f.outcome, nullif(c.outcome, 'revisit')
                        FROM fetches f LEFT JOIN captures c USING (capture_id)
                        WHERE f.run_id = '{run.run_id}' AND f.kind = 'page'""",
                ).rows
        finally:
            stop.touch()
            said, _ = reader.communicate(timeout=60)
        yield Way(data, press, reports, outcomes, json.loads(said))
