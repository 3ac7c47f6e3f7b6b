"""Dask workers that die of one page, as a machine does that runs out of memory: what the test of it sends there."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from typing import Any

from distributed import Worker, WorkerPlugin

from flows import dask_worker
from flows.pool import Pool
from transforms.page import Page


class _Deadly(Pool[Any, Any]):
    def map(self, items: Iterable[Page]) -> Iterator[Any]:
        def checked() -> Iterator[Page]:
            for page in items:
                if page.url == "http://deadly.example/":
                    os.kill(os.getpid(), signal.SIGKILL)
                yield page

        return super().map(checked())


class DeadlyPlugin(WorkerPlugin):  # type: ignore[misc]
    name = "deadly"

    def setup(self, worker: Worker) -> None:
        dask_worker.Pool = _Deadly  # type: ignore[misc]

    def teardown(self, worker: Worker) -> None:
        dask_worker.Pool = Pool  # type: ignore[misc]
