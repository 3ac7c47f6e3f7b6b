"""Source health as an operator meets it: a template breaks between two runs, the next run names it, the webhook rings.

A Prefect server of its own, the real flows against the demo press, and a receiver on loopback for the webhook.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from demo.press import Fault, Press
from warehouse.datadir import DataDir
from warehouse.query import run_sql

pytestmark = pytest.mark.slow

COMMAND = str(Path(sys.executable).parent / "broadsheet")
TOKEN = "s3cret-token"
PERIOD_S = 15
PROJECT = """
name: under-test
deployments:
  - name: judge-sources
    entrypoint: flows.health.judge_sources
    work_pool:
      name: broadsheet
"""


@dataclass
class Receiver:
    """What posts to it, in order."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    port: int = 0

    def start(self) -> ThreadingHTTPServer:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append(json.loads(body))
                receiver.paths.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@dataclass
class Office:
    """A server, a press and a data dir, and how to run the pipeline once."""

    env: dict[str, str]
    api: str
    data: Path
    sources: Path
    press: Press
    receiver: Receiver

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments, "--data-dir", str(self.data)],
            env=self.env, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

    def crawl(self) -> str:
        done = self.run("run", "--prefect", "--sources", str(self.sources), "--allow-private", "127.0.0.0/8")
        assert "balance" not in done.stdout + done.stderr, done.stderr
        return done.stdout + done.stderr

    def verdicts(self) -> set[tuple[str, str]]:
        datadir = DataDir.open(self.data, create=False)
        rows = run_sql(datadir, "SELECT source, verdict FROM source_verdicts WHERE is_open").rows
        return {(str(source), str(verdict)) for source, verdict in rows}

    def ask(self, path: str, question: dict[str, Any]) -> list[dict[str, Any]]:
        request = urllib.request.Request(
            f"{self.api}/{path}", data=json.dumps(question).encode(), headers={"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            rows: list[dict[str, Any]] = json.load(answer)
        return rows


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("office")
    receiver, port = Receiver(), free_port()
    hook = receiver.start()
    api = f"http://127.0.0.1:{port}/api"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    env |= {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "BROADSHEET_HEALTH_PERIOD": str(PERIOD_S),
        "BROADSHEET_HOST_GAP_S": "0.02",
        "BROADSHEET_NOTIFY_WEBHOOK": f"http://127.0.0.1:{receiver.port}/hook/{TOKEN}",
    }
    with Press(base_port=0) as press, (home / "server.log").open("w") as log:
        sources = home / "sources.toml"
        sources.write_text(press.sources_toml())
        (home / "prefect.yaml").write_text(PROJECT)
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start"],
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            made = Office(env, api, home / "data", sources, press, receiver)
            _wait_for(api, server)
            assert made.run("deploy", "--project", str(home)).returncode == 0
            yield made
        finally:
            server.terminate()
            server.wait(30)
            hook.shutdown()


def _wait_for(api: str, server: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        assert server.poll() is None, "the server has ended"
        try:
            with opener.open(f"{api}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server does not answer")


def _next_period() -> None:
    time.sleep(PERIOD_S - time.time() % PERIOD_S + 0.2)


@pytest.fixture(scope="module")
def story(office: Office) -> dict[str, Any]:
    """Two runs as usual, one after a broken template, one more that changes nothing."""
    told: dict[str, Any] = {}
    office.crawl()
    _next_period()
    office.crawl()
    told["before"] = office.verdicts()
    _next_period()
    office.press.faults["grauwalden"] = Fault(is_stripped=True)
    office.crawl()
    told["after"] = office.verdicts()
    wanted = {("grauwalden", "dates_gone"), ("grauwalden", "authors_gone"), ("grauwalden", "template_changed")}
    deadline = time.monotonic() + 60
    while len(office.receiver.calls) < len(wanted) and time.monotonic() < deadline:
        time.sleep(0.5)
    told["calls"] = list(office.receiver.calls)
    office.crawl()
    time.sleep(3)
    told["calls again"] = list(office.receiver.calls)
    return told


def test_a_broken_template_is_named_on_the_next_run_and_no_other_source(story: dict[str, Any]) -> None:
    assert story["before"] == set()
    expected = {("grauwalden", "dates_gone"), ("grauwalden", "authors_gone"), ("grauwalden", "template_changed")}
    assert story["after"] == expected


def test_the_webhook_rings_once_for_each_verdict_and_not_again_each_run(story: dict[str, Any], office: Office) -> None:
    begun = [c for c in story["calls"] if c["event"] == "broadsheet.source.verdict-begun"]
    assert sorted(c["verdict"] for c in begun) == ["authors_gone", "dates_gone", "template_changed"]
    assert all(c["text"].startswith("grauwalden: ") for c in begun)
    assert story["calls again"] == story["calls"]
    assert set(office.receiver.paths) == {f"/hook/{TOKEN}"}


def test_the_address_of_the_webhook_stands_in_no_log_artifact_or_automation(
    story: dict[str, Any], office: Office
) -> None:
    texts = [
        json.dumps(office.ask(f"{what}/filter", {}))
        for what in ("logs", "artifacts", "automations", "flow_runs", "task_runs", "block_documents")
    ]
    assert all(len(text) > 2 for text in texts)
    assert [text for text in texts if TOKEN in text] == []


def test_each_source_and_the_corpus_have_a_page(story: dict[str, Any], office: Office) -> None:
    found = office.ask("artifacts/latest/filter", {})
    pages = {a["key"]: a for a in found}
    assert {"corpus-today", "source-grauwalden", "source-relay", "run"} <= set(pages)
    assert "dates_gone" in pages["source-grauwalden"]["data"]
    assert "Nothing is unlike its own past" in pages["source-relay"]["data"]
    assert "data:image/svg+xml;base64," in pages["corpus-today"]["data"]
    assert "# Slowest hosts" in pages["run"]["data"].replace("## ", "# ")


def test_a_run_says_one_line_a_stage(story: dict[str, Any], office: Office) -> None:
    named = {"flow_runs": {"name": {"like_": "crawl and load"}}, "sort": "START_TIME_ASC"}
    runs = office.ask("flow_runs/filter", named)
    run = runs[0]
    assert run["name"] == "crawl and load what is due"
    assert "broadsheet" in run["tags"]
    logs = office.ask("logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"})
    tasks = office.ask("task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    lines = [log["message"] for log in logs if log["task_run_id"]]
    assert len(lines) == len(tasks)
    assert all(line.startswith("Finished in state Completed('") for line in lines), lines
    assert len(logs) - len(lines) <= 3, [log["message"] for log in logs if not log["task_run_id"]]


def test_the_command_says_who_is_in_trouble(story: dict[str, Any], office: Office) -> None:
    asked = office.run("health", "--check")
    assert asked.returncode == 1
    assert "grauwalden" in asked.stdout
    assert "1 in trouble" in asked.stdout
