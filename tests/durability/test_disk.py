"""A disk that is full and a folder that cannot be written, both real: file systems mounted in a namespace apart."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from synthetic import NOW, Shown, put

from warehouse.datadir import DataDir
from warehouse.load import load

HERE = Path(__file__).parent
ALONE = ["unshare", "--user", "--map-root-user", "--mount"]
CAN_MOUNT = (
    shutil.which("unshare") and subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
)
pytestmark = pytest.mark.skipif(not CAN_MOUNT, reason="this system lets nobody mount a file system of his own")


@pytest.fixture(scope="module")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = DataDir.open(tmp_path_factory.mktemp("disk") / "data", create=True)
    for name, url in (("a", "https://news.example/a"), ("b", "https://news.example/b"), ("c", "https://odd.example/c")):
        put(made, name, [Shown(url=url, comments=[("1", "So")], title=" " if name == "c" else "Good")])
    load(made, run_id="r", now=NOW)
    return made.root


def run(mounts: str, target: Path, mode: str) -> tuple[dict[str, Any], str]:
    script = f'{mounts} && exec "$PYTHON" disk_worker.py "$DATA" {mode}'
    environment = {
        **os.environ,
        "PYTHON": sys.executable,
        "DATA": str(target / "data"),
        "MOUNT": str(target),
        "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE.parent / "warehouse")]),
    }
    done = subprocess.run(
        [*ALONE, "sh", "-c", script],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.slow
def test_a_full_disk_is_said_in_one_line_and_costs_nothing(loaded_once: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    mounted.mkdir()
    mounts = f'mount -t tmpfs -o size=48m tmpfs "$MOUNT" && cp -r "{loaded_once}" "$DATA"'
    found, _ = run(mounts, mounted, "full")
    for name, errors in found["said"].items():
        assert [e for e in errors if "\n" in e] == [], name
    assert all(found["said"][name] for name in ("put", "load", "rebuild", "forget")), found["said"]
    assert found["counts"] == [202, 201]  # in the end there was room: three pages, and two hundred but one


@pytest.mark.slow
def test_a_read_only_folder_is_said_in_one_line(loaded_once: Path, tmp_path: Path) -> None:
    mounted = tmp_path / "frozen"
    mounted.mkdir()
    mounts = f'mount --bind "{loaded_once.parent}" "$MOUNT" && mount -o remount,ro,bind "$MOUNT"'
    found, _ = run(mounts, mounted, "readonly")
    for name, errors in found["said"].items():
        assert len(errors) == 1, name
        assert "\n" not in errors[0]
        assert "ead-only" in errors[0], errors[0]
    assert found["counts"] == [3, 2]
