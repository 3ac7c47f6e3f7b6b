"""A Dask cluster on this machine, for one run: it ends with the run's process however that ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WORKER_DEATHS_MAX = 5
"""Of a local cluster's workers over one shard: one more than it takes to find a page that kills them."""
PATIENCE_S = 300.0
"""A cluster without a worker for longer than this will not get one; a crowded machine takes a minute to start one."""


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """Workers on this machine, which end with this process however it ends; nobody else can talk to them."""
    import dask
    from distributed import LocalCluster, Security

    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": WORKER_DEATHS_MAX,
                "distributed.deploy.lost-worker-timeout": f"{PATIENCE_S:.0f}s",  # a killed one is started again
            }
        ),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,  # each child has its own limit
            security=Security.temporary(),  # else whoever can open a port here could run code as us
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


@contextmanager
def quiet() -> Iterator[None]:
    """Dask logs what we say in one line, with tracebacks."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
