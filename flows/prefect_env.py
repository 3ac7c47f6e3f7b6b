"""Where Broadsheet's Prefect lives: environment variables, decided before Prefect is imported.

Prefect reads its settings at import, so this module must not import it. Broadsheet keeps a Prefect home of its own
under the data dir and never touches the user's profiles; a server that the user names with PREFECT_API_URL is used as
it is. `broadsheet serve` leaves the address of its server in the home, so that other commands report to it.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from warehouse.errors import UserError

HEARTBEAT_S = 180
"""Pause between two signs of life of a run; the automation that misses them reads it too. 30 is the least."""

# One transaction for many events: a task run costs the server 7 ms of CPU instead of 28 ms.
_RECORDER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
}

# What a year of runs must not do: fill the disk (events go after 7 days by themselves), hold a slot for ever, fail
# because the server was away for a minute.
_KEEPING = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86_400),
    # In memory, the default, a restart of the server forgets who holds a deployment's slot: it is never free again.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # SQLite has one writer: a statement that waits is better than a run that fails.
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
}
_PATIENT = {
    # 2 + 4 + 8 … seconds: about four minutes, in which a server can be restarted.
    "PREFECT_CLIENT_MAX_RETRIES": "7",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S),
}

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Everything a run says is in its state, its artifact and one line a stage.
    "PREFECT_LOGGING_LEVEL": "INFO",
    # A temporary server in a new home makes its database first: 20 s, the default, is short on a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}

# An empty handler: a proxy set in the environment has no business between us and loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def home_of(data_dir: Path) -> Path:
    """Broadsheet's own Prefect home."""
    return data_dir.absolute() / "prefect"


@contextmanager
def home_for_now(data_dir: Path) -> Iterator[dict[str, str]]:
    """Variables for a command that must not make a data dir: where there is none, a Prefect home that goes again.

    Without a place for its home Prefect warns at import.
    """
    if data_dir.is_dir() and os.access(data_dir, os.W_OK | os.X_OK):
        yield {}
    else:
        with TemporaryDirectory(prefix="broadsheet-") as folder:
            yield {"PREFECT_HOME": folder}


def client_environment(
    data_dir: Path, api_url: str | None, environ: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Variables for a process that runs flows; without `api_url` Prefect starts a temporary server of its own.

    What `environ` says about patience wins over what is said here. A password that it has for the server is told to
    clients as well: one settings file does for both.
    """
    env = {"PREFECT_HOME": str(home_of(data_dir)), **_QUIET, **_unless_said(_PATIENT, environ)}
    if api_url:
        env["PREFECT_API_URL"] = api_url
    if secret := environ.get("PREFECT_API_AUTH_STRING") or environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        env["PREFECT_API_AUTH_STRING"] = secret
    return env


def server_environment(data_dir: Path, port: int, environ: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Variables for a server on loopback. Port and address must both be set, else the UI asks port 4200."""
    return {
        **client_environment(data_dir, f"http://127.0.0.1:{port}/api", environ),
        **_RECORDER,
        **_unless_said(_KEEPING, environ),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
    }


def _unless_said(values: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    return {name: environ.get(name, value) for name, value in values.items()}


def scratch_of(data_dir: Path) -> Path:
    """Where the worker and its runs put temporary files: what a killed one leaves can be told from others' (sweep)."""
    return home_of(data_dir) / "tmp"


def address_file(data_dir: Path) -> Path:
    """Where `broadsheet serve` leaves the API address of its server."""
    return home_of(data_dir) / "server.url"


def find_server(data_dir: Path, environ: Mapping[str, str], *, timeout_s: float = 1.0) -> str | None:
    """The API address to report to: the user's own choice, else the data dir's server where it answers, else None."""
    if named := environ.get("PREFECT_API_URL"):
        return named
    try:
        address = address_file(data_dir).read_text().strip()
    except OSError:
        return None
    return address if is_healthy(address, timeout_s=timeout_s) else None


def require_reachable(api_url: str, *, timeout_s: float = 10.0) -> None:
    """Raise UserError where nothing answers at this address; any answer will do, a refusal included."""
    try:
        _OPENER.open(f"{api_url}/health", timeout=timeout_s).close()
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as error:
        raise UserError(
            f"the Prefect server at {api_url} does not answer ({getattr(error, 'reason', error)}): "
            "start it, or unset PREFECT_API_URL"
        ) from error


def is_healthy(api_url: str, *, timeout_s: float = 1.0) -> bool:
    """Whether a Prefect API answers at this address."""
    try:
        with _OPENER.open(f"{api_url}/health", timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False
