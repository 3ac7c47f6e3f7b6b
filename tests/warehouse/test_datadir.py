from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.datadir import LAYOUT_VERSION, DataDir, write_atomically
from warehouse.errors import DataDirError, UserError


def test_a_new_data_dir_has_its_places(tmp_path: Path) -> None:
    made = DataDir.open(tmp_path / "deep" / "data", create=True)
    assert made.captures.is_dir()
    assert made.lake.is_dir()
    assert made.version_file.read_text() == f"{LAYOUT_VERSION}\n"
    assert DataDir.open(made.root, create=False) == made
    assert DataDir.open(made.root, create=True) == made


def test_reading_writes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "data"
    DataDir.open(root, create=True)
    before = sorted(p.name for p in root.iterdir())
    DataDir.open(root, create=False)
    assert sorted(p.name for p in root.iterdir()) == before


def _foreign(root: Path) -> None:
    root.mkdir()
    (root / "thesis.tex").write_text("mine")


def _newer(root: Path) -> None:
    DataDir.open(root, create=True).version_file.write_text(f"{LAYOUT_VERSION + 1}\n")


def _garbled(root: Path) -> None:
    DataDir.open(root, create=True).version_file.write_bytes(b"\xff\x00")


def _file(root: Path) -> None:
    root.write_text("a file")


@pytest.mark.parametrize(
    ("prepare", "create", "says"),
    [
        (lambda root: None, False, "no data directory"),
        (lambda root: root.mkdir(), False, "not a Broadsheet data directory"),
        (_foreign, True, "holds other files"),
        (_foreign, False, "not a Broadsheet data directory"),
        (_newer, True, "use a newer Broadsheet"),
        (_newer, False, "use a newer Broadsheet"),
        (_garbled, False, "should hold the number"),
        (_file, True, "cannot use"),
    ],
)
def test_what_cannot_be_used_gives_one_line(tmp_path: Path, prepare: object, create: bool, says: str) -> None:
    root = tmp_path / "data"
    prepare(root)  # type: ignore[operator]
    with pytest.raises(DataDirError, match=says) as caught:
        DataDir.open(root, create=create)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, UserError)


def test_a_killed_creation_is_finished_by_the_next(tmp_path: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (root / "broadsheet-version.tmp").write_text("")
    assert DataDir.open(root, create=True).version_file.read_text() == f"{LAYOUT_VERSION}\n"


AS_NOBODY = """
import os, sys
from pathlib import Path
from warehouse.datadir import DataDir
from warehouse.errors import UserError
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    DataDir.open(Path(sys.argv[1]), create=True)
except UserError as error:
    print(error)
else:
    print("opened")
"""


def test_without_permission_one_line_says_so(tmp_path: Path) -> None:
    root = DataDir.open(tmp_path / "data", create=True).root
    for folder in (root, *list(tmp_path.parents)[:3], tmp_path):
        folder.chmod(folder.stat().st_mode | stat.S_IROTH | stat.S_IXOTH)
    root.chmod(0o555)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(root)], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == f"no permission to write to the data directory {root}"


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
