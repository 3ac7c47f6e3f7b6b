"""Which capture files a backfill that is at work has in hand: a daily run leaves them to it.

A backfill holds a lock as long as it lives, so what a killed one had in hand is nobody's, and the next run of any kind
carries it through.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.archives.state import Step, folder_of, read_state
from warehouse.datadir import DataDir
from warehouse.locks import locked


@contextmanager
def at_work(datadir: DataDir) -> Iterator[None]:
    """Be the one backfill that is at work; wait for another."""
    with locked(_lock(datadir), purpose="backfill"):
        yield


def claimed_files(datadir: DataDir) -> frozenset[str]:
    """Files below captures/ that a living backfill has taken and not yet loaded."""
    if not _is_held(_lock(datadir)):
        return frozenset()
    notes = (standing.note for standing in read_state(datadir).values())
    return frozenset(note.warc_file for note in notes if note.step is Step.TAKEN and note.warc_file)


def _lock(datadir: DataDir) -> Path:
    return folder_of(datadir) / ".lock"


def _is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
