"""A PostgreSQL server of its own for the tests: Debian's programs, a cluster in a temporary folder, ended by its id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "lake-secret-42"


def programs() -> Path | None:
    """The folder of initdb and postgres; None where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def running(bin_folder: Path) -> Iterator[int]:
    """The port of a server that runs meanwhile; its user `lake` may make databases."""
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="lake-pg-"))
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o700)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if user:
        shutil.chown(secret, user)
    data = folder / "data"
    _run(
        [bin_folder / "initdb", "-D", data, "-U", "lake", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync"], user
    )
    port = _free_port()
    server = subprocess.Popen(
        [bin_folder / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"],
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        for _ in range(600):
            if (
                subprocess.run(
                    [bin_folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
                ).returncode
                == 0
            ):
                break
            assert server.poll() is None, "PostgreSQL ended at once"
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def make_database(bin_folder: Path, port: int, name: str) -> str:
    """A new, empty database: its address."""
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "lake"]
    subprocess.run([bin_folder / "createdb", *where, name], check=True, env=environment)
    return f"postgresql://lake:{PASSWORD}@127.0.0.1:{port}/{name}"


def dump(bin_folder: Path, address: str) -> str:
    """All that a database holds, as SQL."""
    done = subprocess.run([bin_folder / "pg_dump", address], check=True, capture_output=True, text=True)
    return done.stdout


def _unprivileged() -> str | None:
    """PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: list[str | Path], user: str | None) -> None:
    subprocess.run(command, check=True, user=user, capture_output=True, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
