"""The run after one that was killed: it carries on what was left, and its counts are its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from slow_press import slow_press

from warehouse.datadir import DataDir
from warehouse.query import run_sql

RUN = """
import sys
from ipaddress import ip_network
from pathlib import Path
from flows.runs import open_run, pick_sources
from flows.stages import run_pipeline
from flows.steps import direct_steps
loopback = (ip_network("127.0.0.0/8"),)
run = open_run(data_dir=Path(sys.argv[1]), host_gap_s=0.0, latency_factor=0.0, workers=1, allow_private=loopback)
with direct_steps(run, pick_sources(run.settings, urls_file=Path(sys.argv[2]))) as steps:
    report = run_pipeline(run, steps)
print(report.discovered_count, report.fetch_count, report.capture_count, report.is_balanced)
"""
PAGES = 40
ASKED_AT_THE_KILL = 15


WORDS = "<article><h1>Late</h1><p>" + "The ferry of pier {path} was late again. " * 12 + "</article>"


@pytest.mark.slow
@pytest.mark.kill
def test_the_next_run_counts_what_it_asked_for_itself(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(tmp_path / "data"), str(tmp_path / "urls.txt")]
    with slow_press(1, WORDS) as ([site], asked):
        (tmp_path / "urls.txt").write_text("".join(f"{site}/{n}\n" for n in range(PAGES)))
        with subprocess.Popen(command) as killed:
            while len(asked) < ASKED_AT_THE_KILL:
                assert killed.poll() is None
                time.sleep(0.02)
            killed.send_signal(signal.SIGKILL)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    *counts, is_balanced = done.stdout.split()
    discovered, fetched, captured = map(int, counts)
    assert is_balanced == "True", done.stdout
    rows = run_sql(
        DataDir.open(tmp_path / "data", create=False),
        "SELECT count(*), count(DISTINCT url), count(DISTINCT run_id) FROM fetches "
        "WHERE outcome = 'captured' AND kind = 'page'",
    ).rows
    assert rows == [(PAGES, PAGES, 2)]
    assert 0 < discovered == fetched == captured < PAGES
