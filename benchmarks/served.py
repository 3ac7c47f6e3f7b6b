"""A Prefect server for a measurement: `broadsheet serve` in a folder of its own, and what it has used so far."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from soak_watch import ask, cpu_s, descendants

from flows import prefect_env

COMMAND = str(Path(sys.executable).parent / "broadsheet")
START_S = 240.0
CALM_S = 10.0
_PROJECT = """name: measured
deployments:
  - name: by-hand
    entrypoint: flows.load.load
    work_pool: {name: broadsheet}
"""


@dataclass(frozen=True)
class Server:
    """A server that answers at `api`; `pid` is the `serve` above it."""

    api: str
    pid: int
    data_dir: Path

    @property
    def client_environment(self) -> dict[str, str]:
        """Variables for a process whose flows report to it."""
        return prefect_env.client_environment(self.data_dir, self.api)

    def cpu_s(self) -> float:
        """CPU seconds of the server's processes, of those that live; the worker's are not counted."""
        return sum(cpu_s(pid) for pid in descendants(self.pid) if _is_server(pid))


@contextmanager
def served(folder: Path, port: int) -> Iterator[Server]:
    """A server of its own below `folder`, until the block is left. SystemExit where it does not come up."""
    (folder / "project").mkdir()
    (folder / "project" / "prefect.yaml").write_text(_PROJECT)
    api, data_dir = f"http://127.0.0.1:{port}/api", folder / "served"
    command = [COMMAND, "serve", "--port", str(port), "--project", str(folder / "project"), "--data-dir", str(data_dir)]
    with (folder / "serve.log").open("wb") as log:
        serve = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for(api, serve)
        yield Server(api, serve.pid, data_dir)
    finally:
        _end(serve)


def _end(serve: subprocess.Popen[bytes]) -> None:
    """Ask it to end; what does not within two minutes is killed, with all below it."""
    below = descendants(serve.pid)
    serve.send_signal(signal.SIGINT)
    try:
        serve.wait(120)
    except subprocess.TimeoutExpired:
        for pid in (serve.pid, *below):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        serve.wait()


def _is_server(pid: int) -> bool:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"prefect" in line and b"worker" not in line


def _wait_for(api: str, serve: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and serve.poll() is None:
        try:
            if ask(api, "deployments/filter", {}):
                time.sleep(CALM_S)
                return
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit("serve did not come up")
