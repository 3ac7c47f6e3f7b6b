import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.sweep import SCRATCH_GRACE, Standing, Verdict, clear_scratch, flow_processes, judge

OURS = {"new", "runner_storage"}
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "age_s", "is_alive", "verdict"),
    [
        ("RUNNING", 600, False, Verdict.CRASHED),
        ("RUNNING", 600, True, None),
        ("RUNNING", 5, False, None),  # it may be reporting its end
        ("PENDING", 60, False, None),  # its process is being started
        ("PENDING", 600, False, Verdict.CRASHED),
        ("CANCELLING", 40, False, Verdict.CANCELLED),
        ("CANCELLING", 40, True, None),  # it may finish what it has in hand
        ("CANCELLING", 90, True, Verdict.KILL),
    ],
)
def test_what_is_done_about_a_run(state: str, age_s: float, is_alive: bool, verdict: Verdict | None) -> None:
    run = Standing("r1", "crawl", state, NOW - timedelta(seconds=age_s))
    assert judge([run], {"r1": (1,)} if is_alive else {}, NOW).get("r1") is verdict


def test_a_flow_process_is_known_by_its_environment() -> None:
    script = "import sys; print(flush=True); sys.stdin.read()"
    env = {**os.environ, "PREFECT__FLOW_RUN_ID": "0b5e-of-a-test"}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert flow_processes()["0b5e-of-a-test"] == (process.pid,)
        process.kill()
        process.wait()
        assert "0b5e-of-a-test" not in flow_processes()


def test_only_a_whole_name_counts(tmp_path: Path) -> None:
    def put(pid: str, environ: bytes) -> None:
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "environ").write_bytes(environ)

    put("10", b"A=1\0PREFECT__FLOW_RUN_ID=aa\0B=2\0")
    put("11", b"PREFECT__FLOW_RUN_ID=aa")
    put("12", b"MY_PREFECT__FLOW_RUN_ID=bb\0")
    put("self", b"PREFECT__FLOW_RUN_ID=cc\0")
    (tmp_path / "13").mkdir()
    assert {run_id: sorted(pids) for run_id, pids in flow_processes(tmp_path).items()} == {"aa": [10, 11]}


@pytest.mark.parametrize(
    ("alive", "left"), [({}, OURS), ({"r1": (7,)}, OURS | {"prefect-workspace-attempt-x", "file"})]
)
def test_what_killed_runs_have_left_goes_while_none_is_alive(
    tmp_path: Path, alive: dict[str, tuple[int, ...]], left: set[str]
) -> None:
    old = (NOW - SCRATCH_GRACE - timedelta(seconds=1)).timestamp()
    (tmp_path / "prefect-workspace-attempt-x").mkdir()
    (tmp_path / "prefect-workspace-attempt-x" / "supervisor.json").write_text("{}")
    (tmp_path / "file").write_text("")
    (tmp_path / "runner_storage").mkdir()
    (tmp_path / "new").mkdir()
    for name, changed in (
        ("prefect-workspace-attempt-x", old),
        ("file", old),
        ("runner_storage", old),
        ("new", NOW.timestamp()),
    ):
        os.utime(tmp_path / name, (changed, changed))
    assert clear_scratch(tmp_path, alive, NOW) == 4 - len(left)
    assert {path.name for path in tmp_path.iterdir()} == left


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert clear_scratch(tmp_path / "none", {}, NOW) == 0
