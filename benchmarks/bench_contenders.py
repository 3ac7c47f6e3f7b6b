"""Who is measured: commands that carry one WARC file to a result, each in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from measured import Cost, measure
from served import COMMAND, Server

from warehouse.datadir import DataDir
from warehouse.query import run_sql

PEERS = Path(__file__).resolve().parent / "peers"
TIMEOUT_S = 1_200.0


@dataclass(frozen=True)
class Peer:
    """Another system: its script, what pip installs for it, and what goes over that without asking for its needs."""

    script: str
    requirements: str | None = None
    over: tuple[str, ...] = ()
    pages_max: int | None = None
    """A slow one is shown fewer pages; what it takes grows in proportion."""
    takes_folder: bool = False
    """Whether it divides its work by files, and so gets as many as there are cores."""


PEER_SCRIPTS = {
    "trafilatura": Peer("plain_loop.py"),
    "datatrove": Peer("datatrove_run.py", "datatrove.txt", takes_folder=True),
    "datatrove-new": Peer("datatrove_run.py", "datatrove.txt", ("trafilatura==2.3.1",), takes_folder=True),
    "news-please": Peer("newsplease_run.py", "newsplease.txt", pages_max=200),
}
OWN = ("broadsheet", "flow", "stages")
ORDER = (*OWN, *PEER_SCRIPTS)
WORDS = {
    "broadsheet": "Broadsheet: the command, WARC to published warehouse",
    "flow": "the same as a flow run under Prefect, its server counted",
    "stages": "Broadsheet's stages as functions, the start not counted",
    "trafilatura": "plain loop of trafilatura with metadata, two processes",
    "datatrove": "datatrove as shipped, one of its workers a core",
    "datatrove-new": "the same with today's trafilatura",
    "news-please": "news-please, one process",
}


@dataclass(frozen=True)
class Run:
    """What one run of one contender cost, and how many pages came out."""

    name: str
    pages_in: int
    pages_out: int
    cpu_s: float
    wall_s: float
    peak_mb: float
    levels_mb: tuple[float, ...] = ()
    """The most memory in each tenth of the wall time."""

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds for each page given."""
        return 1_000 * self.cpu_s / self.pages_in

    @property
    def wall_ms(self) -> float:
        """Milliseconds for each page given."""
        return 1_000 * self.wall_s / self.pages_in


class BenchError(Exception):
    """A contender cannot be installed or does not work; why is said in one line."""


def environment_of(peer: Peer, name: str, folder: Path) -> str:
    """The interpreter of a peer; its environment is made, by pip with the network, where it is missing."""
    if peer.requirements is None:
        return sys.executable
    home = folder / name
    python = str(home / "bin" / "python")
    if not (home / "ready").exists():
        say(f"making an environment for {name} in {home}")
        venv.create(home, with_pip=True, clear=True)
        _pip(python, "--requirement", str(PEERS / peer.requirements))
        if peer.over:
            _pip(python, "--no-deps", *peer.over)
        (home / "ready").touch()
    return python


def versions_in(python: str, *names: str) -> dict[str, str]:
    """The versions of packages in an environment."""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    return dict(zip(names, done.stdout.split(), strict=True))


def run_peer(name: str, python: str, warc: Path, count: int) -> Run:
    """One run of another system over a WARC file of `count` pages. Raises BenchError."""
    with TemporaryDirectory(dir=warc.parent) as scratch:
        script = str(PEERS / PEER_SCRIPTS[name].script)
        cost = measure([python, script, str(warc), scratch], timeout_s=TIMEOUT_S, env=own_environment())
        return _run(name, cost, count, _number(name, cost, "PAGES"))


def run_command(data_dir: Path, warc: Path, count: int, *, cores: str | None = None) -> Run:
    """`broadsheet ingest` of a WARC file into a data dir. Raises BenchError."""
    command = [COMMAND, "ingest", str(warc), "--data-dir", str(data_dir), "--no-prefect"]
    cost = measure(command, cores=cores, timeout_s=TIMEOUT_S, env=own_environment())
    return _run("broadsheet", cost, count, _articles(data_dir))


def run_imports() -> Run:
    """What the same command takes until it can begin. Raises BenchError."""
    command = [str(Path(COMMAND).parent / "python"), "-c", "import flows.cli, flows.commands.work"]
    return _run("imports", measure(command, env=own_environment()), 1, 0)


def run_flow(data_dir: Path, warc: Path, count: int, server: Server) -> Run:
    """The same under Prefect; what the server used meanwhile is counted. Raises BenchError."""
    before = server.cpu_s()
    env = own_environment() | {"PREFECT_API_URL": server.api}
    command = [COMMAND, "ingest", str(warc), "--data-dir", str(data_dir), "--prefect"]
    cost = measure(command, timeout_s=TIMEOUT_S, env=env)
    cost = replace(cost, cpu_s=cost.cpu_s + server.cpu_s() - before)
    return _run("flow", cost, count, _articles(data_dir))


def run_own(name: str, warc: Path, count: int, server: Server | None) -> Run:
    """One of Broadsheet's three ways, into a new data dir. Raises BenchError."""
    with TemporaryDirectory(dir=warc.parent) as scratch:
        data_dir = Path(scratch) / "data"
        if name == "stages":
            return run_stages(data_dir, warc, count)[0]
        if name == "flow":
            if server is None:
                raise BenchError("no Prefect server came up")
            return run_flow(data_dir, warc, count, server)
        return run_command(data_dir, warc, count)


def run_stages(data_dir: Path, warc: Path, count: int) -> tuple[Run, Mapping[str, tuple[float, float]]]:
    """The stages as functions, and what each step of the load took (wall and CPU seconds). Raises BenchError."""
    script = str(PEERS / "broadsheet_stages.py")
    cost = measure([sys.executable, script, str(warc), str(data_dir)], timeout_s=TIMEOUT_S, env=own_environment())
    if cost.code:
        raise BenchError(_last_line(cost))
    line = next(line for line in cost.output.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    cost = replace(cost, cpu_s=cost.cpu_s - found["start_cpu_s"], wall_s=found["wall_s"])
    return _run("stages", cost, count, _articles(data_dir)), found["load"]


def own_environment() -> dict[str, str]:
    """Ours without the settings of anybody's Broadsheet or Prefect, and what to import."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    return kept | {"DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _run(name: str, cost: Cost, count: int, out: int) -> Run:
    if cost.code:
        raise BenchError(_last_line(cost))
    return Run(name, count, out, cost.cpu_s, cost.wall_s, cost.peak_mb, tuple(cost.levels_mb))


def _number(name: str, cost: Cost, word: str) -> int:
    found = [line for line in cost.output.splitlines() if line.startswith(f"{word} ")]
    if cost.code or not found:
        raise BenchError(f"{name}: {_last_line(cost)}")
    return int(found[-1].split()[1])


def _articles(data_dir: Path) -> int:
    if not (data_dir / "warehouse.duckdb").exists():
        return 0
    rows = run_sql(DataDir.open(data_dir, create=False), "SELECT count(*) FROM articles WHERE source = 'ingest'").rows
    return int(rows[0][0])


def _last_line(cost: Cost) -> str:
    lines = [line for line in cost.output.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else f"exit code {cost.code}"


def _pip(python: str, *arguments: str) -> None:
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
        raise BenchError(f"cannot be installed: {lines[-1].removeprefix('ERROR: ')[:160]}")
