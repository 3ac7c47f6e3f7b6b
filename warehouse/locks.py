"""One writer at a time, decided by the operating system.

`flock` is freed by the kernel when its holder dies, so a killed run never leaves a lock behind; that a lock file exists
means nothing. Each call opens the file anew, so two threads of one process exclude each other too.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import DataDirError

_log = logging.getLogger(__name__)


@contextmanager
def locked(path: Path, *, purpose: str, on_wait: Callable[[str], None] = _log.info) -> Iterator[None]:
    """Hold the lock at `path`, waiting for whoever has it; `on_wait` is told once, in one line, whom we wait for.

    Raises DataDirError where the lock file cannot be opened for writing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DataDirError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another process"
            on_wait(f"waiting to {purpose}: {holder} is at it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(handle)
