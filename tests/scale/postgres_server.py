"""A PostgreSQL server of the tests' own, in a temporary folder, on loopback; it is stopped when the block ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

PASSWORD = "a-secret-nobody-may-see"
_USERS = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder of the server's programs, which no package needs to put on the PATH."""
    if found := shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    return folders[0].parent if folders else None


def missing() -> str | None:
    """Why there can be no server here."""
    if programs() is None:
        return "PostgreSQL's server programs are not installed"
    if find_spec("psycopg") is None:
        return "the extra [postgres] is not installed"
    return None


@dataclass
class Server:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    prefix: Sequence[str] = field(default_factory=list)

    def url(self, database: str, *, port: int | None = None, password: str = PASSWORD) -> str:
        return f"postgresql://press:{password}@127.0.0.1:{port or self.port}/{database}"

    def create(self, database: str) -> str:
        """A new empty database; gives its address."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def start(self) -> None:
        options = ["-F", "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"]
        options += ["-c", "unix_socket_directories=", "-c", "timezone=UTC"]
        folder = programs()
        assert folder is not None
        log = (self.folder / "server.log").open("ab")
        command = [*self.prefix, str(folder / "postgres"), "-D", str(self.folder / "data"), *options]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        log.close()
        import psycopg

        for _ in range(600):
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "server.log").read_text()[-2_000:]
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server does not answer")

    def stop(self) -> None:
        """At once, as in a failure of its machine: clients see broken connections."""
        if self.process is not None and self.process.poll() is None:
            pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGQUIT)
            self.process.wait(30)


@contextmanager
def postgres_server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-pg-"))
    server = Server(folder, _free_port(), prefix=_as_other_user(folder))
    try:
        home = programs()
        assert home is not None
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        make = [str(home / "initdb"), "-D", str(folder / "data"), "-U", "press", "--pwfile", str(secret), "-A"]
        make += ["scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run([*server.prefix, *make], check=True, capture_output=True, cwd=folder)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_other_user(folder: Path) -> list[str]:
    """The server refuses to run as root: then it runs as somebody who owns nothing."""
    if os.geteuid() != 0:
        return []
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next(known[name] for name in _USERS if name in known)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _free_port() -> int:
    """Below the range from which clients get their ports, so that nobody takes it while the server is away."""
    for port in range(23_000 + os.getpid() % 500, 24_000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port")
