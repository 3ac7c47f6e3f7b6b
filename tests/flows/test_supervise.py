import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from flows import supervise
from flows.supervise import DEATHS_MAX, Plan, Supervised
from warehouse.errors import UserError

SLEEP = "import time; time.sleep(60)"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def plan(code: str, tmp_path: Path) -> Plan:
    return Plan(name="it", arguments=["-c", code], environment={}, log=tmp_path / "it.log", stop_s=2.0)


def dead(one: Supervised) -> bool:
    end = time.monotonic() + 10
    while one.pid is not None and time.monotonic() < end:
        time.sleep(0.02)
    return one.pid is None


def test_what_dies_is_started_again_after_a_pause_that_doubles(tmp_path: Path) -> None:
    clock, said = Clock(), list[str]()
    with Supervised(plan(SLEEP, tmp_path), said.append, clock) as one:
        for pause in (1, 2, 4):
            before = one.pid
            assert before is not None
            os.kill(before, signal.SIGKILL)
            assert dead(one)
            one.tick()
            assert said[-1].endswith(f"starting it again in {pause} s")
            clock.now += pause - 0.1
            one.tick()
            assert one.pid is None
            clock.now += 0.1
            one.tick()
            assert one.pid not in (None, before)
        last = one.pid
    assert last is not None
    assert not psutil.pid_exists(last)


def test_what_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    clock = Clock()
    with Supervised(plan("raise SystemExit(3)", tmp_path), lambda _: None, clock) as one:
        for _ in range(DEATHS_MAX - 1):
            assert dead(one)
            one.tick()
            clock.now += 61
            one.tick()
        assert dead(one)
        with pytest.raises(UserError, match=r"it ended with code 3, 8 times in a row; .*it\.log tells why"):
            one.tick()


def test_deaths_far_apart_are_accidents(tmp_path: Path) -> None:
    clock = Clock()
    with Supervised(plan("raise SystemExit(3)", tmp_path), lambda _: None, clock) as one:
        for _ in range(DEATHS_MAX + 2):
            assert dead(one)
            one.tick()
            clock.now += supervise.DEATHS_WITHIN_S
            one.tick()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_a_supervisor_that_is_killed_takes_its_processes_with_it(tmp_path: Path) -> None:
    script = f"""
import time
from flows.supervise import Plan, Supervised
plan = Plan(name="it", arguments=["-c", {SLEEP!r}], environment={{}}, log=None, stop_s=1.0)
with Supervised(plan, print) as one:
    print(one.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        time.sleep(0.5)  # until it has asked for that
        process.kill()
        process.wait()
    assert _until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_log_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "LOG_BYTES_MAX", 1_000)
    code = "import sys, time\nwhile True:\n    print('line', flush=True); time.sleep(0.001)"
    log = tmp_path / "it.log"
    with Supervised(plan(code, tmp_path), lambda _: None) as one:
        assert _until(lambda: log.exists() and log.stat().st_size > 1_000)
        one.tick()
        assert log.stat().st_size < 1_000
        assert _until(lambda: log.stat().st_size > 0)
    assert log.with_name("it.log.1").stat().st_size > 1_000
    assert b"\0" not in log.read_bytes()


def _until(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("is_private", "mode"), [(True, 0o600), (False, 0o644)])
def test_what_only_its_owner_may_read(tmp_path: Path, is_private: bool, mode: int) -> None:
    before = os.umask(0o022)
    try:
        code = f"open({str(tmp_path / 'made')!r}, 'w'); {SLEEP}"
        with Supervised(replace(plan(code, tmp_path), is_private=is_private), lambda _: None):
            end = time.monotonic() + 10
            while not (tmp_path / "made").exists() and time.monotonic() < end:
                time.sleep(0.02)
            assert (tmp_path / "made").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the process table of Linux")
def test_what_a_killed_supervisor_has_left_is_ended_by_the_next_one(tmp_path: Path) -> None:
    """A child that does not heed the kernel's signal, and a child of that; another folder's are left alone."""
    deaf = "import signal, subprocess, sys; signal.signal(15, signal.SIG_IGN)"
    child = f"{deaf}; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"
    code = f"""
import sys, time
from pathlib import Path
from flows.supervise import Plan, Supervised, mark
folder = Path(sys.argv[1])
plan = Plan(name="it", arguments=["-c", {child!r}], environment=mark(folder), log=None, stop_s=1)
with Supervised(plan, print):
    time.sleep(60)
"""
    killed, other = (
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / name)], cwd=Path(__file__).parents[2])
        for name in ("data", "other")
    )
    try:
        left = [below(one, 2) for one in (killed, other)]
        killed.kill()
        killed.wait()
        assert supervise.end_left(tmp_path / "other") == ()
        assert set(supervise.end_left(tmp_path / "data")) == {process.pid for process in left[0]}
        assert psutil.wait_procs(left[0], timeout=5)[1] == []
        assert all(process.is_running() for process in left[1])
        assert supervise.end_left(tmp_path / "data") == ()
    finally:
        other.kill()
        other.wait()
        supervise.end_left(tmp_path / "other")


def below(one: "subprocess.Popen[bytes]", count: int) -> list[psutil.Process]:
    """The processes below one, as soon as there are so many that sleep."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = psutil.Process(one.pid).children(recursive=True)
        if len(found) == count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not {count} processes")
