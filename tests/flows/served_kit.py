"""`broadsheet serve` as a process, for tests of what it does when things are killed, asked or looked at."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

COMMAND = str(Path(sys.executable).parent / "broadsheet")
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
"""How many times longer than usual to wait for what a busy machine is slow to do."""
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str, headers: Mapping[str, str] | None = None) -> str:
    with _OPENER.open(urllib.request.Request(url, headers=dict(headers or {})), timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def until(what: Callable[[], Any], seconds: float, words: str) -> Any:
    """The first true value that `what` gives; a server that is away for a moment is asked again."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds:g} s: {words}")


class Served:
    """A served data dir; `api` is the address of its Prefect API."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path, env: dict[str, str]) -> None:
        self.process, self.port, self.folder, self.env = process, port, folder, env
        self.data, self.ui = folder / "data", f"http://127.0.0.1:{port}"
        self.api = f"{self.ui}/api"

    def ask(
        self,
        path: str,
        question: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        method: str | None = None,
    ) -> Any:
        body = None if question is None else json.dumps(question).encode()
        sent = {"Content-Type": "application/json"}
        if secret := self.env.get("PREFECT_SERVER_API_AUTH_STRING"):
            sent["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
        sent |= headers or {}
        request = urllib.request.Request(f"{self.api}/{path}", data=body, headers=sent, method=method)
        for pause in (2, 4, 8, 0):
            try:
                with _OPENER.open(request, timeout=60) as answer:
                    text = answer.read()
                break
            except HTTPError as error:
                if error.code != 503 or not pause:  # its database is busy: Prefect's own client asks again as well
                    raise
                time.sleep(pause)
        return json.loads(text) if text else None

    def runs(self, *states: str) -> list[dict[str, Any]]:
        chosen = {"flow_runs": {"state": {"type": {"any_": list(states)}}}} if states else {}
        found: list[dict[str, Any]] = self.ask("flow_runs/filter", {**chosen, "sort": "EXPECTED_START_TIME_DESC"})
        return found

    def run(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"flow_runs/{run_id}")
        return found

    def start(self, deployment: str, parameters: dict[str, Any] | None = None) -> str:
        found = self.ask(f"deployments/name/{deployment}")
        made = self.ask(f"deployments/{found['id']}/create_flow_run", {"parameters": parameters or {}})
        return str(made["id"])

    def ended(self, run_id: str, seconds: float = 120) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            run = self.run(run_id)
            return run if run["state"]["type"] in FINAL else None

        found: dict[str, Any] = until(look, seconds, f"run {run_id} ends")
        return found

    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments, "--data-dir", str(self.data)],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120 * PATIENCE,
            check=False,
        )


@contextmanager
def served(
    folder: Path, prefect_yaml: str, environment: Mapping[str, str], *arguments: str, port: int | None = None
) -> Iterator[Served]:
    """Serve the data dir below `folder` until the block ends; the deployments are there when it begins."""
    project, port = folder / "project", port or free_port()
    project.mkdir(parents=True, exist_ok=True)
    (project / "prefect.yaml").write_text(prefect_yaml)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    env |= {"PREFECT_WORKER_QUERY_SECONDS": "2", "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5", **environment}
    command = [COMMAND, "serve", "--port", str(port), "--project", str(project), "--data-dir", str(folder / "data")]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen([*command, *arguments], env=env, stdout=log, stderr=log, cwd=folder)
    here = Served(process, port, folder, env)
    try:
        until(lambda: process.poll() is not None or "Prefect UI:" in here.log(), 400, "serve is up")
        assert process.poll() is None, here.log()
        yield here
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120 * PATIENCE)
