"""What a Dask worker does with a shard: the same as the run's own process would, but for the commit.

A path and two offsets come in, the names of finished files and counts go back: no page passes the scheduler. The worker
has threads, so it is never forked: its extraction children come from the same fork server as everywhere, with the same
limits for each page, and a page that takes the worker itself along is found out in the same way, by notes in the data
directory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import pyarrow as pa
from distributed import Worker, WorkerPlugin, get_worker

from flows.attempts import attempted
from flows.own_memory import give_back_memory
from flows.pool import Pool, PoolLimits
from flows.progress import Progress, listening
from flows.shards import ShardReport, batch_id_of, read_shard
from transforms.extractor import EXTRACTOR
from transforms.page import Extracted, ExtractOptions, Page
from transforms.sample_pages import sample_pages
from warehouse.captures import Shard, ShardPlan, plan_shards
from warehouse.captures_stored import fetch_capture
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.lake import write_files
from warehouse.manifest import Batch

IDLE_S = 60.0
"""Children that have had nothing to do for so long are ended: the run that wanted them may have been killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardOrder:
    """One shard to extract."""

    datadir: DataDir
    shard: Shard
    total: int
    """Shards of its file."""
    into: DataDir
    """Where the lake is that it is written to."""
    sources: frozenset[str]
    """Captures of other sources are left out, where any are named."""
    topic: str
    """Where the worker says how far it is."""


@dataclass(frozen=True, slots=True)
class ShardDone:
    """A shard whose files are written and wait to be committed."""

    report: ShardReport
    batch: Batch
    extractor: str


class ExtractionPlugin(WorkerPlugin):  # type: ignore[misc]
    """A worker's children, shared by its threads: made for the first shard, ended with the run or when idle."""

    def __init__(self, name: str, options: ExtractOptions, limits: PoolLimits) -> None:
        self.name = name
        self._given = (options, limits)

    def setup(self, worker: Worker) -> None:
        """Called by Dask on the worker."""
        self._children = _Children(worker.state.nthreads, *self._given)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask calls it with the worker
        """Called by Dask on the worker: what is under way ends with an error."""
        self._children.end()

    @contextmanager
    def children(self) -> Iterator[Pool[Page, Extracted]]:
        """The pool, for one shard."""
        with self._children.in_use() as pool:
            yield pool


@dataclass(slots=True)
class _Children:
    """A pool that is there while somebody uses it, and a while longer."""

    count: int
    options: ExtractOptions
    limits: PoolLimits
    lock: threading.Lock = field(default_factory=threading.Lock)
    pool: Pool[Page, Extracted] | None = None
    timer: threading.Timer | None = None
    users: int = 0

    @contextmanager
    def in_use(self) -> Iterator[Pool[Page, Extracted]]:
        with self.lock:
            self.users += 1
            if self.timer is not None:
                self.timer.cancel()
            if self.pool is None:
                self.pool = Pool(workers=self.count, options=self.options, limits=self.limits, samples=sample_pages())
            pool = self.pool
        try:
            yield pool
        finally:
            with self.lock:
                self.users -= 1
                if not self.users:
                    self.timer = threading.Timer(IDLE_S, self._end_if_idle)
                    self.timer.daemon = True
                    self.timer.start()

    def end(self) -> None:
        with self.lock:
            pool, self.pool = self.pool, None
        if pool is not None:
            pool.close()

    def _end_if_idle(self) -> None:
        with self.lock:
            if self.users:
                return
            pool, self.pool = self.pool, None
        if pool is not None:
            pool.close()


def extract_on_worker(order: ShardOrder, plugin: str) -> ShardDone:
    """Extract a shard and write its files, which the run commits. Called by Dask on a worker."""
    worker = get_worker()
    _open(order.datadir, worker.address)

    def tell(progress: Progress) -> None:
        worker.log_event(order.topic, [batch_id, progress.done, progress.total, progress.note])

    batch_id = batch_id_of(order.shard, order.total)
    children = cast(ExtractionPlugin, worker.plugins[plugin]).children()
    with children as pool, attempted(order.datadir, batch_id) as attempt, listening(tell):
        made = read_shard(order.datadir, order.shard, order.total, attempt.over(pool), sources=order.sources)
        batch = write_files(order.into, batch_id, made.tables, extractor=EXTRACTOR)
    done = ShardDone(made.report, batch, EXTRACTOR)
    del made
    pa.default_memory_pool().release_unused()
    give_back_memory()
    return done


def plan_on_worker(datadir: DataDir, warc_file: str, pages: int) -> ShardPlan:
    """Cut a WARC file into shards. Called by Dask on a worker."""
    _open(datadir, get_worker().address)
    return plan_shards(fetch_capture(datadir, warc_file), root=datadir.captures, pages=pages)


def _open(datadir: DataDir, address: str) -> None:
    """Make sure that the worker can read and write what the run does."""
    if datadir.version_file.exists():
        return
    if datadir.storage is None:
        raise UserError(
            f"the Dask worker at {address} sees no data directory {datadir.root}: workers need it under the same path, "
            "on a disk that they share with this machine, or captures and lake in object storage"
        )
    DataDir.open(datadir.root, create=True, storage=datadir.storage)  # a folder of its own, for what is under way
