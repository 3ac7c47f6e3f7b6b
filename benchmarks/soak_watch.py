"""What a soak samples on the way: memory and disk by part, CPU of the server, and which runs have not ended."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.status import size_of

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PROC = Path("/proc")
PARTS = ("captures", "lake", "index", "ledger.sqlite", "warehouse.duckdb", "prefect")


def ask(api: str, path: str, question: dict[str, Any]) -> Any:
    """POST a question to Prefect's API. Raises OSError where it does not answer."""
    request = urllib.request.Request(
        f"{api}/{path}", data=json.dumps(question).encode(), headers={"Content-Type": "application/json"}
    )
    with _OPENER.open(request, timeout=60) as answer:
        body = answer.read()
    return json.loads(body) if body else None


def all_runs(api: str) -> list[dict[str, Any]]:
    """Every flow run, page by page."""
    runs: list[dict[str, Any]] = []
    while page := ask(api, "flow_runs/filter", {"offset": len(runs), "limit": 200, "sort": "EXPECTED_START_TIME_ASC"}):
        runs.extend(page)
    return runs


def descendants(pid: int) -> list[int]:
    """Process ids below a process."""
    found: list[int] = []
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        children = [int(c) for task in tasks for c in (task / "children").read_text().split()]
    except (OSError, ProcessLookupError):
        return []
    for child in children:
        found += [child, *descendants(child)]
    return found


def pids_with(root: int, *words: str) -> list[int]:
    """Processes below `root` whose command line has all these words."""
    found = []
    for pid in descendants(root):
        try:
            line = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if all(any(word in part for part in line) for word in words):
            found.append(pid)
    return found


def flow_pids(data: Path) -> list[int]:
    """The processes of flow runs over a data dir, wherever they hang, without their extraction children."""
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environ, line = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"PREFECT__FLOW_RUN_ID=" in environ and str(data).encode() in environ and b"pool_child" not in line:
            found.append(int(folder.name))
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds of a process."""
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Watch:
    """Samples: one dict each."""

    def __init__(self, data: Path, api: str, serve_pid: int) -> None:
        self.data, self.api, self.serve_pid = data, api, serve_pid
        self.begun_at = datetime.now(UTC)
        self.samples: list[dict[str, float]] = []
        self._next = 0.0

    def sample(self, elapsed: float) -> None:
        """Take one, every 15 seconds at most."""
        if elapsed < self._next:
            return
        self._next = elapsed + 15
        now: dict[str, float] = {"s": elapsed}
        for name, words in (("server", ("prefect", "server")), ("worker", ("prefect", "worker"))):
            pids = pids_with(self.serve_pid, *words)
            now[f"{name}_mb"] = sum(_pss_mb(pid) for pid in pids)
            now[f"{name}_cpu_s"] = sum(_safe_cpu(pid) for pid in pids)
        now["serve_mb"] = _pss_mb(self.serve_pid)
        now["flows_mb"] = sum(_pss_mb(pid) for pid in _with_children(flow_pids(self.data)))
        for part in PARTS:
            now[part] = float(size_of(self.data / part))
        self.samples.append(now)

    def wait_for_ends(self, seconds: float) -> bool:
        """Whether every run ends within so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if not self.standing():
                    return True
            except OSError:
                pass
            time.sleep(3)
        return False

    def standing(self) -> list[dict[str, Any]]:
        """Runs that are under way."""
        types = ["PENDING", "RUNNING", "CANCELLING", "PAUSED"]
        return list(ask(self.api, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": types}}}}))

    def level(self, name: str) -> tuple[float, float]:
        """The median of a value in the third quarter of the time and in the last."""
        values = [s[name] for s in self.samples if s.get(name)]
        third, last = values[len(values) // 2 : len(values) * 3 // 4], values[len(values) * 3 // 4 :]
        return _median(third), _median(last)


def _with_children(pids: list[int]) -> list[int]:
    return sorted({p for pid in pids for p in (pid, *descendants(pid))})


def _pss_mb(pid: int) -> float:
    try:
        rollup = (_PROC / str(pid) / "smaps_rollup").read_text()
    except (OSError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1000


def _safe_cpu(pid: int) -> float:
    try:
        return cpu_s(pid)
    except OSError:
        return 0.0


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
