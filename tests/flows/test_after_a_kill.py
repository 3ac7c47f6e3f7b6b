"""The run after one that was killed: it carries on what was left, and its counts are its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

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


@pytest.fixture
def press() -> Iterator[tuple[str, list[str]]]:
    """A site of fiction that takes its time, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            time.sleep(0.1)
            words = f"The ferry of pier {self.path} was late again. " * 12
            body = f"<html><title>{self.path}</title><article><h1>Late</h1><p>{words}</article></html>".encode()
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.kill
def test_the_next_run_counts_what_it_asked_for_itself(tmp_path: Path, press: tuple[str, list[str]]) -> None:
    site, asked = press
    (tmp_path / "urls.txt").write_text("".join(f"{site}/{n}\n" for n in range(PAGES)))
    command = [sys.executable, "-c", RUN, str(tmp_path / "data"), str(tmp_path / "urls.txt")]
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
