"""Processes that must be there as long as `serve` is: started, started again when they die, ended with what they left.

Each gets a session of its own, so that Ctrl-C reaches the supervisor alone, which then decides the order; on Linux the
kernel tells it to end when the supervisor is killed, and what takes its time then is ended by the next one. One that
dies again and again is no accident: then the supervisor gives up, and says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import UserError

DEATHS_MAX = 8
"""So many deaths within `DEATHS_WITHIN_S`, and there is no point in another start."""
DEATHS_WITHIN_S = 900.0
PAUSE_MAX_S = 60.0
LOG_BYTES_MAX = 20_000_000
"""A log is begun anew at this size; the one before is kept beside it."""
_MORTAL = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM);"
    "os.getppid() == int(sys.argv[1]) or sys.exit(1);"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)
"""Asks Linux for SIGTERM when the supervisor dies (1 is PR_SET_PDEATHSIG), then becomes what was asked for."""


_MARK = "SERVED_BY_BROADSHEET"
"""Variable of whatever is started here: the supervisor's process, when that began, and the folder that it serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to start: arguments of this Python, variables on top of our own, and how long it may take to stop."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None
    stop_s: float
    folder: Path | None = None
    is_private: bool = False
    """Whether nobody else may read the files that it makes."""


class Supervised:
    """One process of a plan, and its successors. A context manager: it is started on entry and ended on exit."""

    def __init__(self, plan: Plan, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.plan = plan
        self._say = say
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=DEATHS_MAX)
        self._start_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervised:
        self._process = _start(self.plan)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            _end(self._process, self.plan.stop_s)

    @property
    def pid(self) -> int | None:
        """The process that is running, None between a death and the next start."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def tick(self) -> None:
        """Notice a death and start again after a pause that doubles. Raises UserError where that does not help."""
        _begin_anew_if_long(self.plan.log)
        if self._start_at is not None:
            if self._clock() >= self._start_at:
                self._start_at = None
                self._process = _start(self.plan)
            return
        if self._process is None or (code := self._process.poll()) is None:
            return
        _end(self._process, self.plan.stop_s)  # what it has left running in its session
        now = self._clock()
        self._deaths.append(now)
        recent = sum(now - death <= DEATHS_WITHIN_S for death in self._deaths)
        if recent == DEATHS_MAX:
            where = f"; {self.plan.log} tells why" if self.plan.log else ""
            raise UserError(f"{self.plan.name} ended with code {code}, {recent} times in a row{where}")
        pause = min(PAUSE_MAX_S, 2.0 ** (recent - 1))
        self._say(f"{self.plan.name} ended with code {code}; starting it again in {pause:.0f} s")
        self._start_at = now + pause

    def restart(self) -> None:
        """End a process that is there but does not answer; the next ticks start another."""
        if self._process is not None:
            _end(self._process, self.plan.stop_s)


def mark(folder: Path) -> dict[str, str]:
    """The variable that tells whose a process is, and its children's: this supervisor's, which serves `folder`."""
    return {_MARK: f"{os.getpid()}:{_began(os.getpid())}:{folder.absolute()}"}


def end_left(folder: Path, proc: Path = Path("/proc")) -> tuple[int, ...]:
    """End what a supervisor of this folder has left that was killed itself; gives the process ids. Linux only.

    They are killed outright: a worker whose server is gone waits for it for minutes, and no work of a run is lost.
    """
    found = []
    for one in proc.iterdir() if proc.is_dir() else ():
        if not one.name.isdigit():
            continue
        try:
            variables = (one / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # another user's, or just gone
        value = next((v.partition(b"=")[2].decode() for v in variables if v.startswith(_MARK.encode() + b"=")), "")
        supervisor, _, rest = value.partition(":")
        began, _, served = rest.partition(":")
        if served == str(folder.absolute()) and _began(int(supervisor)) != began:
            found.append(int(one.name))
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10.0
    while any(_began(pid) for pid in found) and time.monotonic() < end:
        time.sleep(0.05)
    return tuple(found)


def _began(pid: int) -> str:
    """When a process was started, in ticks since boot; nothing where there is none, or no more than its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _start(plan: Plan) -> subprocess.Popen[bytes]:
    output = None
    if plan.log is not None:
        plan.log.parent.mkdir(parents=True, exist_ok=True)
        output = os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        mortal = ("-c", _MORTAL, str(os.getpid())) if sys.platform == "linux" else ()
        return subprocess.Popen(
            [sys.executable, *mortal, *plan.arguments],
            env={**os.environ, **plan.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=plan.folder,
            umask=0o077 if plan.is_private else -1,
            start_new_session=True,
        )
    finally:
        if output is not None:
            os.close(output)


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
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)


def _begin_anew_if_long(log: Path | None) -> None:
    """The writer has the file open for appending, so the content is moved, not the file."""
    if log is None:
        return
    with contextlib.suppress(OSError):
        if log.stat().st_size > LOG_BYTES_MAX:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            os.truncate(log, 0)
