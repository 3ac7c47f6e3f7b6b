"""What breaks mends itself: flow, worker, server and `serve` killed, a run cancelled, Prefect's database locked."""

import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psutil
import pytest
from served_kit import COMMAND, Served, served, until

from demo.press import Fault, Press
from flows.sweep import flow_processes
from warehouse.datadir import DataDir
from warehouse.query import run_sql

DEPLOYMENTS = """
name: under-test
deployments:
  - name: by-hand
    entrypoint: flows.pipeline.pipeline
    work_pool: {name: broadsheet}
    concurrency_limit: {limit: 1, collision_strategy: ENQUEUE}
"""
SLOW = 0.7
"""Seconds that each answer of the press takes until a run was hit."""

pytestmark = [pytest.mark.slow, pytest.mark.kill]


def process_of(run_id: str) -> psutil.Process:
    """The flow process of a run: the one whose parent is not of the run."""
    pids = until(lambda: flow_processes().get(run_id), 60, "the run has a process")
    return next(p for p in map(psutil.Process, pids) if p.ppid() not in pids)


def crawling(here: Served, run_id: str) -> None:
    """Wait until the crawl of a run has written a page."""
    until(lambda: here.run(run_id)["state"]["type"] == "RUNNING", 90, "the run is running")
    until(lambda: list((here.data / "captures").rglob("*.open")), 60, "the crawl has begun to write")


def child(here: Served, word: str) -> psutil.Process:
    for one in psutil.Process(here.process.pid).children(recursive=True):
        if "prefect" in (line := one.cmdline()) and word in line:
            return one
    raise AssertionError(f"no {word} below serve")


def slow(press: Press) -> None:
    for site in press.sites:
        press.faults[site.id] = Fault(delay_s=SLOW)


def test_what_breaks_mends_itself(tmp_path: Path) -> None:
    with Press(base_port=0) as press:
        sources = tmp_path / "sources.toml"
        sources.write_text(press.sources_toml())
        slow(press)
        environment = {
            "BROADSHEET_SOURCES_FILE": str(sources),
            "BROADSHEET_ALLOW_PRIVATE": '["127.0.0.0/8"]',
            "BROADSHEET_HOST_GAP_S": "0",
            "BROADSHEET_LATENCY_FACTOR": "0",
            "BROADSHEET_WORKERS": "1",
            "BROADSHEET_HEARTBEATS_MISSED_MAX": "2.5",
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_SERVER_API_AUTH_STRING": "press:between the tides",
        }
        with served(tmp_path, DEPLOYMENTS, environment) as here:
            with pytest.raises(HTTPError, match="401"):
                here.ask("flow_runs/filter", {}, headers={"Authorization": ""})
            zombie = kill_a_run_that_no_worker_watches(here)
            ends = {
                "flow": kill_the_flow(here),
                "worker": kill_the_worker(here),
                "cancelled": cancel(here),
                "server": kill_the_server(here, press),
                "locked": lock_the_database(here, press),
            }
            # a killed worker takes the output of its run with it; a run that meets no server for long may give up
            assert ends["flow"] == "CRASHED", here.log()
            assert ends["worker"] in ("CRASHED", "COMPLETED"), here.log()
            assert ends["server"] in ("COMPLETED", "FAILED"), here.log()
            assert ends["cancelled"] == "CANCELLED", here.log()
            assert ends["locked"] == "COMPLETED", here.log()
            state = here.ended(zombie, 120)["state"]
            assert (state["type"], "No sign of life" in state["message"]) == ("CRASHED", True), state
            slow(press)
            cut_off, left = kill_serve(here)
        press.faults.clear()
        with served(tmp_path, DEPLOYMENTS, environment, port=here.port) as again:
            assert psutil.wait_procs(left, timeout=0)[1] == [], "the next serve has ended what was left"
            state = again.ended(cut_off)["state"]
            assert state["type"] in ("CRASHED", "FAILED"), state
            last = again.ended(again.start("pipeline/by-hand"))
            assert last["state"]["type"] == "COMPLETED", last["state"]
            assert "BALANCE" not in last["state"]["message"]
            assert again.runs("PENDING", "RUNNING", "CANCELLING", "PAUSED") == []
            ours = {run["id"] for run in again.runs()}
            until(lambda: not flow_processes().keys() & ours, 30, "no process of a run is left")
            nothing_is_there_twice(again.data)
            assert again.command("verify").returncode == 0


def kill_a_run_that_no_worker_watches(here: Served) -> str:
    """A run from the command line: only the heartbeat automation can tell that it is dead."""
    process = subprocess.Popen(
        [COMMAND, "run", "--data-dir", str(here.data)],
        env=here.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    run: dict[str, Any] = until(lambda: here.runs("RUNNING"), 90, "the run from the command line is running")[0]
    crawling(here, run["id"])
    time.sleep(3)  # the first heartbeat is on its way
    process.send_signal(signal.SIGKILL)
    process.wait()
    return str(run["id"])


def kill_the_flow(here: Served) -> str:
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    process = process_of(run_id)
    children = process.children(recursive=True)
    process.kill()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert alive == [], "children of a killed flow live on"
    return str(here.ended(run_id)["state"]["type"])


def kill_the_worker(here: Served) -> str:
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    child(here, "worker").kill()
    return str(here.ended(run_id)["state"]["type"])


def kill_serve(here: Served) -> tuple[str, list[psutil.Process]]:
    """Gives the run that was under way, and the processes that were there: server, worker, flow and its children."""
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    below = psutil.Process(here.process.pid).children(recursive=True)
    assert any(process.pid in flow_processes()[run_id] for process in below)
    home = here.data / "prefect"
    assert list((home / "tmp").glob("prefect-workspace-attempt-*")), "what a killed run leaves lies where it is swept"
    assert [file.name for file in home.glob("prefect.db*") if file.stat().st_mode & 0o077] == []
    here.process.kill()
    here.process.wait()
    return run_id, below


def kill_the_server(here: Served, press: Press) -> str:
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    child(here, "server").kill()
    press.faults.clear()
    return str(here.ended(run_id)["state"]["type"])


def cancel(here: Served) -> str:
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    process = process_of(run_id)
    here.ask(f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
    state = str(here.ended(run_id)["state"]["type"])
    process.wait(60)
    return state


def lock_the_database(here: Served, press: Press) -> str:
    slow(press)
    run_id = here.start("pipeline/by-hand")
    crawling(here, run_id)
    con = sqlite3.connect(here.data / "prefect" / "prefect.db", timeout=30, isolation_level=None)
    con.execute("BEGIN IMMEDIATE")
    time.sleep(12)
    con.execute("ROLLBACK")
    con.close()
    press.faults.clear()
    return str(here.ended(run_id)["state"]["type"])


def nothing_is_there_twice(data: Path) -> None:
    [row] = run_sql(
        DataDir.open(data, create=False),
        """SELECT count(*) - count(DISTINCT capture_id), count(*) - count(DISTINCT (warc_file, warc_offset)),
                  (SELECT count(*) FROM fetches f ANTI JOIN captures c USING (capture_id) WHERE capture_id IS NOT NULL),
                  (SELECT count(*) FROM captures c ANTI JOIN fetches f USING (capture_id)),
                  (SELECT count(*) - count(DISTINCT article_id) FROM articles)
           FROM captures""",
    ).rows
    assert row == (0, 0, 0, 0, 0)
