"""What a command costs, its whole process tree counted: CPU, wall time and peak memory, as one line of JSON.

    python benchmarks/measured.py [--cores 0] -- command argument …

CPU is user and system time of every process that the command started, those that outlived their parent too: orphans
come to this process, which waits for them. Memory is the greatest sum of proportional set sizes (what processes share
is counted once), sampled five times a second. The command's standard output is kept apart. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

from memory import tree_pss_mb

SAMPLE_S = 0.2
ORPHANS_S = 10.0
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Seconds and megabytes; `output` is the end of what the command printed, `code` its exit code."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    code: int
    output: str = ""
    levels_mb: tuple[float, ...] = ()
    """The most memory in each tenth of the wall time."""


def measure(
    command: list[str], *, cores: str | None = None, timeout_s: float = 3_600, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a command in a measuring process of its own. `cores` as taskset takes them."""
    pinned = ["taskset", "-c", cores] if cores else []
    done = subprocess.run(
        [*pinned, sys.executable, __file__, "--timeout", str(timeout_s), "--", *command],
        capture_output=True,
        text=True,
        check=False,
        env=env,
    )
    if done.returncode or not done.stdout:
        raise SystemExit(f"{command} could not be measured:\n{done.stderr[-2_000:]}")
    found = Cost(**json.loads(done.stdout.splitlines()[-1]))
    return found if found.code == 0 else replace(found, output=found.output + done.stderr[-3_000:])


def run(command: list[str], timeout_s: float) -> Cost:
    """Run it here, and wait for all that it leaves behind."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
    samples: list[float] = []
    done = threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_S):
            samples.append(tree_pss_mb(Path(f"/proc/{child.pid}")))

    def end() -> None:
        os.killpg(child.pid, signal.SIGKILL)

    sampling, alarm = threading.Thread(target=sample, daemon=True), threading.Timer(timeout_s, end)
    sampling.start()
    alarm.start()
    output, _ = child.communicate()
    alarm.cancel()
    wall = time.monotonic() - begun
    done.set()
    sampling.join()
    _reap(time.monotonic() + ORPHANS_S)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    return Cost(cpu, wall, max(samples, default=0.0), child.returncode, output[-20_000:], _tenths(samples))


def _tenths(samples: list[float]) -> tuple[float, ...]:
    ends = [len(samples) * n // 10 for n in range(11)]
    return tuple(max(samples[a:b], default=0.0) for a, b in pairwise(ends))


def _reap(deadline: float) -> None:
    """Wait for orphans, so that what they took is counted; what does not end is killed."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            if time.monotonic() > deadline:
                own = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
                for orphan in own:
                    os.kill(int(orphan), signal.SIGKILL)
            time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--timeout", type=float, default=3_600)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    print(json.dumps(asdict(run(given.command, given.timeout))))


if __name__ == "__main__":
    main()
