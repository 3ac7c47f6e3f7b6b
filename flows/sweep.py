"""Runs whose process is gone, ended in words; runs that were cancelled and go on, ended for good.

A worker reports the end of what it started, unless it was killed itself; the heartbeat automation finds such a run
after minutes. Where server and worker are this machine's own (`broadsheet serve`), the process table knows at once: a
flow process carries the id of its run in its environment. Nothing is decided on one look: a run must be without a
process twice, a look apart, because a process that has just ended may still be reporting.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

GRACE = timedelta(seconds=30)
"""A run that changed its state within this time is left alone."""
PENDING_GRACE = timedelta(minutes=5)
"""A worker takes a run, then starts its process: seconds, unless it was killed in between. Where many start at once on
a busy machine, and Prefect's SQLite makes the worker wait its 60 s for the lock, more than two minutes were seen."""
CANCEL_GRACE = timedelta(seconds=60)
"""A cancelled run may finish what it has in hand, then it is ended."""

SCRATCH_GRACE = timedelta(minutes=10)
"""What was changed within this time may belong to a run whose process is about to start."""

_WORKERS_OWN = "runner_storage"
"""A folder in there that a living worker counts on, used or not."""
_KEY = b"PREFECT__FLOW_RUN_ID="


class Verdict(StrEnum):
    """What is to be done about a run."""

    CRASHED = "crashed"
    CANCELLED = "cancelled"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Standing:
    """One run that has not ended: `state` is Prefect's type (PENDING, RUNNING, CANCELLING), `since` when it began."""

    run_id: str
    name: str
    state: str
    since: datetime


def judge(standing: Iterable[Standing], alive: Mapping[str, tuple[int, ...]], now: datetime) -> dict[str, Verdict]:
    """What is to be done, by run id. `alive`: process ids by run id."""
    verdicts: dict[str, Verdict] = {}
    for run in standing:
        age = now - run.since
        if run.run_id in alive:
            if run.state == "CANCELLING" and age > CANCEL_GRACE:
                verdicts[run.run_id] = Verdict.KILL
        elif age > (PENDING_GRACE if run.state == "PENDING" else GRACE):
            verdicts[run.run_id] = Verdict.CANCELLED if run.state == "CANCELLING" else Verdict.CRASHED
    return verdicts


class Sweeper:
    """Looks again and again, and acts on what two looks in a row agree about. For one server, on this machine.

    What killed runs have left in `scratch` is removed as well.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._before: dict[str, Verdict] = {}

    async def look(self, now: datetime) -> tuple[str, ...]:
        """One look; returns a line for each run that was ended. Raises what the Prefect client raises."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.objects import State
        from prefect.states import Cancelled, Crashed

        done: list[str] = []
        async with get_client() as client:
            standing = await _standing(client)
            names = {run.run_id: run.name for run in standing}
            alive = flow_processes()
            found = judge(standing, alive, now)
            for run_id, verdict in found.items():
                if self._before.get(run_id) is not verdict:
                    continue
                now_standing = (await client.read_flow_run(UUID(run_id))).state
                if now_standing is None or now_standing.is_final():
                    continue  # it has reported its end since the question
                if verdict is Verdict.KILL:
                    for pid in alive[run_id]:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
                    done.append(f"run {names[run_id]} was cancelled and went on: its process was ended")
                    continue
                state: State[None] = (
                    Cancelled(message="Cancelled; its process is gone.")
                    if verdict is Verdict.CANCELLED
                    else Crashed(
                        message="Its process is gone: killed, or the machine went down. The next run carries on."
                    )
                )
                await client.set_flow_run_state(run_id, state, force=True)
                done.append(f"run {names[run_id]} had no process any more: {verdict.value}")
            self._before = found
        clear_scratch(self._scratch, alive, now)
        return tuple(done)


def can_see_processes() -> bool:
    """Whether this system shows what runs are alive; without it the heartbeat automation alone finds dead ones."""
    return sys.platform == "linux" and Path("/proc/self/environ").exists()


def flow_processes(proc: Path = Path("/proc")) -> dict[str, tuple[int, ...]]:
    """Process ids by the id of the flow run whose process, or whose process's child, they are."""
    found: dict[str, tuple[int, ...]] = {}
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            variables = (folder / "environ").read_bytes()
        except OSError:
            continue  # another user's, or just gone
        at = variables.find(_KEY)
        if at == 0 or (at > 0 and variables[at - 1] == 0):
            run_id = variables[at + len(_KEY) :].partition(b"\0")[0].decode(errors="replace")
            found[run_id] = (*found.get(run_id, ()), int(folder.name))
    return found


def clear_scratch(folder: Path, alive: Mapping[str, tuple[int, ...]], now: datetime) -> int:
    """Remove what killed runs have left in the folder for temporary files, while none is alive; gives how many."""
    if alive or not folder.is_dir():
        return 0
    count = 0
    for left in folder.iterdir():
        if left.name == _WORKERS_OWN:
            continue
        with contextlib.suppress(OSError):
            if now.timestamp() - left.lstat().st_mtime < SCRATCH_GRACE.total_seconds():
                continue
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
            count += 1
    return count


async def _standing(client: object) -> list[Standing]:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    assert isinstance(client, PrefectClient)
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            # a run that somebody started by hand has no deployment, and may live on another machine
            deployment_id=FlowRunFilterDeploymentId(is_null_=False),
            state=FlowRunFilterState(
                type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
            ),
        )
    )
    return [
        Standing(str(run.id), run.name, run.state.type.value, run.state.timestamp)
        for run in runs
        if run.state is not None
    ]
