"""Where Broadsheet's Prefect lives: environment variables, decided before Prefect is imported.

Prefect reads its settings at import, so this module must not import it. Broadsheet keeps a Prefect home of its own
under the data dir and never touches the user's profiles; a server that the user names with PREFECT_API_URL is used as
it is. `broadsheet serve` leaves the address of its server in the home, so that other commands report to it.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from warehouse.errors import UserError

# One transaction for many events: a task run costs the server 7 ms of CPU instead of 28 ms.
_RECORDER = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
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


def client_environment(data_dir: Path, api_url: str | None) -> dict[str, str]:
    """Variables for a process that runs flows; without `api_url` Prefect starts a temporary server of its own."""
    env = {"PREFECT_HOME": str(home_of(data_dir)), **_QUIET}
    if api_url:
        env["PREFECT_API_URL"] = api_url
    return env


def server_environment(data_dir: Path, port: int) -> dict[str, str]:
    """Variables for a server on loopback. Port and address must both be set, else the UI asks port 4200."""
    return {
        **client_environment(data_dir, f"http://127.0.0.1:{port}/api"),
        **_RECORDER,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
    }


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
