"""Run Broadsheet on schedule from one terminal: Prefect server, worker, metrics, and on request the demo press.

Every process started here is ended here, the worker before the server, so that a run under way can report its end. One
that dies meanwhile is started again (`flows.supervise`), runs that lost their process are ended in words
(`flows.sweep`): whoever starts this once can leave.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from flows import prefect_env
from flows.metrics import serve_metrics
from flows.settings import make_settings
from flows.supervise import Plan, Supervised, end_left, mark
from flows.sweep import Sweeper, can_see_processes
from warehouse.datadir import DataDir
from warehouse.errors import UserError

SERVER_START_S = 300.0
"""A new home has a database to make: 15 s on two idle cores, minutes on busy ones. One that dies is noticed at once."""
WORKER_STOP_S = 30.0
SERVER_STOP_S = 15.0
PROBE_EVERY_S = 15.0
SILENT_MAX = 8
"""A server that does not answer so many probes in a row hangs, and is started anew."""
SWEEP_EVERY_S = 30.0


def serve(
    *,
    project: Path,
    data_dir: Path,
    port: int,
    metrics_port: int | None,
    demo_command: Sequence[str] | None,
    say: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM, or until a process that must live has died again and again.

    `demo_command` starts the demo press beside it. Raises UserError when a port is taken, prefect.yaml is wrong or a
    process cannot be kept alive.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(_stop_signals())
        kept: list[Supervised] = []
        server: Supervised | None = None
        said = dict(os.environ)
        if left := end_left(data_dir):
            say(f"ended what a serve that was killed has left: {len(left)} processes")
        api_url = os.environ.get("PREFECT_API_URL")
        environment = {**_environment(data_dir, port), **mark(data_dir)}
        os.environ.update(environment)
        # imports Prefect, which reads its settings then
        from flows.deployment_check import POOL, check_deployments

        check_deployments(project / "prefect.yaml")
        if metrics_port is not None:
            _require_free(metrics_port)
            stack.callback(serve_metrics(_to_measure(data_dir), metrics_port))
            say(f"metrics: http://127.0.0.1:{metrics_port}/metrics")
        if api_url:
            say(f"using the Prefect server at {api_url}")
        else:
            api_url = environment["PREFECT_API_URL"]
            log = prefect_env.home_of(data_dir) / "server.log"
            say("starting the Prefect server (a new one makes its database first, about 15 s) …")
            plan = Plan(
                name="the Prefect server",
                arguments=["-m", "prefect", "server", "start"],
                environment=environment,
                log=log,
                stop_s=SERVER_STOP_S,
                is_private=True,
            )
            _make_private(prefect_env.home_of(data_dir))
            server = stack.enter_context(Supervised(plan, say))
            kept.append(server)
            _wait_healthy(api_url, server, log, stop)
            stack.callback(prefect_env.address_file(data_dir).unlink, missing_ok=True)
            prefect_env.address_file(data_dir).write_text(api_url)
        if stop:
            return
        if demo_command:
            press = Plan(name="the demo press", arguments=demo_command, environment=environment, log=None, stop_s=5.0)
            kept.append(stack.enter_context(Supervised(press, say)))
        from flows.deploy import deploy, start_now

        deployed = deploy(project, api_url, said, runs_worker=True)
        say("\n".join([f"deployed: {', '.join(deployed.names)}", *deployed.notes]))
        if demo_command:
            start_now("pipeline/crawl-and-load")
            say("a first run starts now, the next ones as scheduled")
        scratch = prefect_env.scratch_of(data_dir)
        scratch.mkdir(mode=0o700, exist_ok=True, parents=True)
        worker = Plan(
            name="the worker",
            arguments=["-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"],
            environment={**environment, "BROADSHEET_DATA_DIR": str(data_dir.absolute()), "TMPDIR": str(scratch)},
            log=prefect_env.home_of(data_dir) / "worker.log",
            stop_s=WORKER_STOP_S,
            folder=project,
        )
        kept.append(stack.enter_context(Supervised(worker, say)))
        say(f"Prefect UI: {api_url.removesuffix('/api')}   (logs: {prefect_env.home_of(data_dir)}; Ctrl-C stops all)")
        _watch(kept, server, api_url, stop, scratch=scratch, say=say)
        say("stopping …")


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    """Variables for what is started here. Raises UserError: the named server does not answer, the port is taken."""
    if named := os.environ.get("PREFECT_API_URL"):
        prefect_env.require_reachable(named)
        return prefect_env.client_environment(data_dir, named, os.environ)
    _require_free(port)
    return prefect_env.server_environment(data_dir, port, os.environ)


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


def _to_measure(data_dir: Path) -> DataDir:
    settings = make_settings()
    return DataDir(data_dir, lakehouse=settings.lakehouse, ledger_url=settings.ledger_url)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"port {port} is taken; stop what runs there, give another --port, or name it in PREFECT_API_URL"
            ) from error


def _make_private(home: Path) -> None:
    """Prefect's database holds parameters, logs and artifacts; one made before is closed to others as well."""
    for file in home.glob("prefect.db*"):
        file.chmod(0o600)


def _wait_healthy(api_url: str, server: Supervised, log: Path, stop: Sequence[int]) -> None:
    deadline = time.monotonic() + SERVER_START_S
    while not prefect_env.is_healthy(api_url):
        if stop:
            return
        if server.pid is None:
            raise UserError(f"the Prefect server ended at once; see {log}")
        if time.monotonic() > deadline:
            raise UserError(f"the Prefect server did not answer within {SERVER_START_S:.0f} s; see {log}")
        time.sleep(0.5)


def _watch(
    kept: Sequence[Supervised],
    server: Supervised | None,
    api_url: str,
    stop: Sequence[int],
    *,
    scratch: Path,
    say: Callable[[str], None],
) -> None:
    """Keep all alive until a stop signal; with a server of our own, sweep its runs, and `scratch`, too."""
    sweeper = Sweeper(scratch) if server is not None and can_see_processes() else None
    silent = 0
    next_probe = next_sweep = time.monotonic() + PROBE_EVERY_S
    while not stop:
        for one in kept:
            one.tick()
        now = time.monotonic()
        if server is not None and now >= next_probe:
            next_probe = now + PROBE_EVERY_S
            silent = 0 if prefect_env.is_healthy(api_url, timeout_s=5.0) else silent + 1
            if silent >= SILENT_MAX and server.pid is not None:
                say("the Prefect server does not answer any more; it is ended and started again")
                server.restart()
                silent = 0
        if sweeper is not None and not silent and now >= next_sweep:
            next_sweep = now + SWEEP_EVERY_S
            _sweep(sweeper, say)
        time.sleep(0.5)


def _sweep(sweeper: Sweeper, say: Callable[[str], None]) -> None:
    try:
        for line in asyncio.run(sweeper.look(datetime.now(UTC))):
            say(line)
    except Exception as error:  # noqa: BLE001 - whatever the client raises: it is said, and the next look comes
        say(f"looking for runs without a process failed, to be tried again: {type(error).__name__}: {error}")
