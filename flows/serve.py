"""Run Broadsheet on schedule from one terminal: Prefect server, worker, and on request the demo press.

Every process started here is ended here, the worker before the server, so that a run under way can report its end.
Each gets a session of its own: Ctrl-C reaches this process alone, which then decides the order.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from flows import prefect_env
from warehouse.errors import UserError

SERVER_START_S = 120.0
"""A new home has a database to make; 15 s on two idle cores, several times that on busy ones."""
WORKER_STOP_S = 30.0
SERVER_STOP_S = 15.0


def serve(
    *,
    project: Path,
    data_dir: Path,
    port: int,
    demo_command: Sequence[str] | None,
    say: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM, or until a process that must live has died.

    `demo_command` starts the demo press beside it. Raises UserError when the port is taken, prefect.yaml is wrong or a
    process dies.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(_stop_signals())
        watched: dict[str, subprocess.Popen[bytes]] = {}
        api_url = os.environ.get("PREFECT_API_URL")
        if api_url:
            prefect_env.require_reachable(api_url)
            environment = prefect_env.client_environment(data_dir, api_url)
            say(f"using the Prefect server at {api_url}")
        else:
            _require_free(port)
            environment = prefect_env.server_environment(data_dir, port)
            api_url = environment["PREFECT_API_URL"]
            log = prefect_env.home_of(data_dir) / "server.log"
            say("starting the Prefect server (a new one makes its database first, about 15 s) …")
            watched["the Prefect server"] = server = stack.enter_context(
                _child(["-m", "prefect", "server", "start"], environment, log, stop_s=SERVER_STOP_S)
            )
            _wait_healthy(api_url, server, log, stop)
            stack.callback(prefect_env.address_file(data_dir).unlink, missing_ok=True)
            prefect_env.address_file(data_dir).write_text(api_url)
        if stop:
            return
        os.environ.update(environment)
        if demo_command:
            watched["the demo press"] = stack.enter_context(_child(demo_command, environment, None, stop_s=5.0))
        from flows.deploy import POOL, deploy, start_now

        names = deploy(project, api_url)
        say(f"deployed: {', '.join(names)}")
        if demo_command:
            start_now("pipeline/crawl-and-load")
            say("a first run starts now, the next ones as scheduled")
        worker_log = prefect_env.home_of(data_dir) / "worker.log"
        watched["the worker"] = stack.enter_context(
            _child(
                ["-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"],
                {**environment, "BROADSHEET_DATA_DIR": str(data_dir.absolute())},
                worker_log,
                stop_s=WORKER_STOP_S,
                cwd=project,
            )
        )
        say(f"Prefect UI: {api_url.removesuffix('/api')}   (logs: {worker_log.parent}; Ctrl-C stops everything)")
        _watch(watched, stop)
        say("stopping …")


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that is empty until a stop signal arrives: the loop asks it, so no code is cut in the middle."""
    got: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        got.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield got
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _child(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path | None,
    *,
    stop_s: float,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python child in a session of its own, ended with its whole session when the block ends."""
    with ExitStack() as stack:
        output: int | None = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            output = stack.enter_context(log.open("ab")).fileno()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process, stop_s)


def _end(process: subprocess.Popen[bytes], stop_s: float) -> None:
    """Ask a child to stop, wait, then end whatever is left of its session."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(stop_s)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"port {port} is taken; stop what runs there, give another --port, or name it in PREFECT_API_URL"
            ) from error


def _wait_healthy(api_url: str, server: subprocess.Popen[bytes], log: Path, stop: Sequence[int]) -> None:
    deadline = time.monotonic() + SERVER_START_S
    while not prefect_env.is_healthy(api_url):
        if stop:
            return
        if server.poll() is not None:
            raise UserError(f"the Prefect server ended with code {server.returncode}; see {log}")
        if time.monotonic() > deadline:
            raise UserError(f"the Prefect server did not answer within {SERVER_START_S:.0f} s; see {log}")
        time.sleep(0.5)


def _watch(watched: Mapping[str, subprocess.Popen[bytes]], stop: Sequence[int]) -> None:
    while not stop:
        for name, process in watched.items():
            if process.poll() is not None:
                raise UserError(f"{name} ended with code {process.returncode}; its log tells why")
        time.sleep(0.5)
