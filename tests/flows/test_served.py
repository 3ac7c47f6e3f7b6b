"""The whole of it, as a user runs it: a server, a worker, a schedule, the press; a *scheduled* run and its artifact."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from demo.press import Press

COMMAND = str(Path(sys.executable).parent / "broadsheet")

DEPLOYMENTS = """
name: under-test
deployments:
  - name: often
    entrypoint: flows.pipeline.pipeline
    work_pool:
      name: broadsheet
    concurrency_limit:
      limit: 1
      collision_strategy: CANCEL_NEW
    parameters:
      sources_file: {sources}
      allow_private: ["127.0.0.0/8"]
    schedules:
      - interval: 15
"""

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(api: str, path: str, question: dict[str, Any]) -> list[dict[str, Any]]:
    request = urllib.request.Request(
        f"{api}/{path}", data=json.dumps(question).encode(), headers={"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        rows: list[dict[str, Any]] = json.load(answer)
    return rows


class Served:
    def __init__(self, process: subprocess.Popen[str], api: str, data: Path, project: Path) -> None:
        self.process, self.api, self.data, self.project = process, api, data, project


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    data, project, port = home / "data", home / "project", free_port()
    project.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    env |= {"PREFECT_WORKER_QUERY_SECONDS": "2", "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5"}
    with Press(base_port=0) as press, (home / "served.log").open("w") as log:
        sources = project / "sources.toml"
        sources.write_text(press.sources_toml())
        (project / "prefect.yaml").write_text(DEPLOYMENTS.format(sources=sources))
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", str(port), "--project", str(project), "--data-dir", str(data)],
            env=env,
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            yield Served(process, f"http://127.0.0.1:{port}/api", data, project)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(90)


def completed_scheduled_run(served: Served, deadline_s: float) -> dict[str, Any]:
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        assert served.process.poll() is None, "serve has ended by itself"
        try:
            runs = ask(
                served.api,
                "flow_runs/filter",
                {"flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}},
            )
        except OSError:
            runs = []
        for run in runs:
            if run["auto_scheduled"]:
                return run
        time.sleep(1)
    raise AssertionError(f"no scheduled run ended within {deadline_s} s")


def test_a_scheduled_run_happens_completes_and_leaves_its_artifact(served: Served) -> None:
    run = completed_scheduled_run(served, 240)
    assert run["state"]["type"] == "COMPLETED", run["state"]
    assert " new" in run["state"]["message"]
    artifacts = ask(served.api, "artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    pages = {a["key"]: a["data"] for a in artifacts}
    assert {"run", "corpus-today", "source-saltmere"} <= pages.keys()
    [captured] = re.findall(r"captures (\d+) = ", pages["run"])
    assert int(captured) > 20
    assert "DO NOT BALANCE" not in pages["run"]
    rows = re.findall(r"^\| \w+ \| captures \| \w+ \| (\d+) \|", pages["run"], re.MULTILINE)
    assert sum(map(int, rows)) == int(captured)


def test_readers_ask_while_it_serves(served: Served) -> None:
    completed_scheduled_run(served, 240)
    asked = subprocess.run(
        [COMMAND, "sql", "SELECT count(*) AS n FROM articles", "--format", "json", "--data-dir", str(served.data)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(asked.stdout)[0]["n"] > 20


def test_ctrl_c_stops_everything_that_was_started(served: Served) -> None:
    completed_scheduled_run(served, 240)
    children = psutil.Process(served.process.pid).children(recursive=True)
    assert len(children) >= 2
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(90) == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not (served.data / "prefect" / "server.url").exists()
