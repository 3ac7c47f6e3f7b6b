"""Does a writer's work on a disk that is full, or read-only, and says what it comes to, a JSON object on the last line.

usage: disk_worker.py DATA_DIR full|readonly, within a mount namespace of its own, DATA_DIR on a file system that is
mounted there. Each piece of work is tried with less and less room; after each, readers must have what they had.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from synthetic import NOW, Shown, put, rows

from warehouse.compact import Policy, compact
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.forget import forget
from warehouse.load import load
from warehouse.quarantine import replay
from warehouse.query import run_sql
from warehouse.rebuild import rebuild

ROOMS = (0, 20_000, 150_000, 1_000_000, 4_000_000, 9_000_000)
"""Bytes left on the disk."""


def work(datadir: DataDir) -> dict[str, Callable[[], object]]:
    """All that writes."""
    shown = [Shown(url=f"https://late.example/{n}", minute=n, text=f"Late news {n}. " * 40) for n in range(200)]
    return {
        "put": lambda: put(datadir, "late", shown),
        "load": lambda: load(datadir, run_id="r", now=NOW),
        "compact": lambda: compact(datadir, policy=Policy(min_files=2)),
        "rebuild": lambda: rebuild(datadir, run_id="r", now=NOW),
        "replay": lambda: replay(datadir, run_id="r", now=NOW),
        "forget": lambda: forget(datadir, "https://late.example/7", run_id="r", now=NOW),
    }


def main() -> None:
    datadir, mode = DataDir(Path(sys.argv[1])), sys.argv[2]
    said: dict[str, list[str]] = {}
    for name, do in work(datadir).items():
        said[name] = read_only(datadir, do) if mode == "readonly" else full(datadir, do)
    counts = run_sql(datadir, "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM articles)").rows[0]
    sys.stdout.write("\n" + json.dumps({"said": said, "counts": counts}))


def full(datadir: DataDir, do: Callable[[], object]) -> list[str]:
    """The errors with less than enough room; raises whatever is no error for people. In the end there is room."""
    errors = []
    for room in ROOMS:
        before = rows(datadir.warehouse, without=())
        ballast = datadir.root.parent / "ballast"
        leave(ballast, room)
        try:
            do()
        except UserError as error:
            errors.append(str(error))
            assert rows(datadir.warehouse, without=()) == before, "readers have lost something"
        finally:
            ballast.unlink()
    do()
    return errors


def leave(ballast: Path, room: int) -> None:
    """Fill the disk until so many bytes are left."""
    with ballast.open("wb") as file:
        free = os.statvfs(ballast.parent)
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - room))


def read_only(datadir: DataDir, do: Callable[[], object]) -> list[str]:
    before = rows(datadir.warehouse, without=())
    try:
        do()
    except UserError as error:
        assert rows(datadir.warehouse, without=()) == before
        return [str(error)]
    return []


if __name__ == "__main__":
    main()
