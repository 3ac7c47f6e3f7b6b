"""Shards on a Dask cluster, somebody's or one that is made for the run: paths go there, names and counts come back.

The run commits what the workers have written, so that the lake's manifest has one writer and no worker can lose
another's entries. A worker that dies costs its shards another try elsewhere; a run that dies leaves files that nobody
sees, and the next one carries on. Dask is asked directly and not by a task runner of Prefect's: each shard is the same
Prefect task as on one machine, which waits, and the command line does the same without Prefect.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any

from flows.dask_cluster import PATIENCE_S, local_cluster, quiet
from flows.pool import PoolLimits
from flows.progress import Progress, report
from flows.shards import ShardReport, batch_id_of
from transforms.extractor import EXTRACTOR
from transforms.page import ExtractOptions
from warehouse.captures import Shard, ShardPlan
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.lake import begin_lake, commit_files

if TYPE_CHECKING:
    from distributed import Client, Future

    from flows.dask_worker import ShardDone

AHEAD = 2
"""Shards in line beyond those under way, so that a worker need not wait until a commit is done."""
CONNECT_S = 20.0
LOOK_S = 30.0


class DaskError(UserError):
    """The cluster is not there, went away, or cannot do the work."""


class DaskRunner:
    """Extracts shards on a cluster; a context manager. All methods may be called from several threads.

    Without `address` it makes a cluster of `workers` processes with a thread each (0: one a core), when the first shard
    comes, and ends it with the block.
    """

    def __init__(
        self, datadir: DataDir, *, address: str | None, workers: int, options: ExtractOptions, limits: PoolLimits
    ) -> None:
        if find_spec("distributed") is None:
            raise DaskError(
                "runner dask needs the extra [dask]: pip install 'broadsheet[dask]', or leave BROADSHEET_RUNNER"
            )
        self._datadir = DataDir(datadir.root, datadir.storage)  # what else it holds is no business of the workers'
        self._address, self._given = address, (options, limits)
        self._workers = workers or os.cpu_count() or 1
        self._name = f"broadsheet-{secrets.token_hex(6)}"
        self._lock = Lock()
        self._client: Client | None = None
        self._is_closed = False
        self._heard: dict[str, Callable[[Progress], None]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> DaskRunner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self) -> None:
        """Raise DaskError now if the cluster that was named is not there: not after an hour of crawling."""
        if self._address:
            self._connected()

    def room(self) -> int:
        """How many shards to have under way. A cluster may grow."""
        if self._client is not None and self._address:
            with suppress(Exception):  # a cluster that is gone says so where its work is waited for
                threads: dict[str, int] = self._client.nthreads()
                return max(1, sum(threads.values())) + AHEAD
        return self._workers + AHEAD

    def plan(self, warc_file: str, pages: int) -> ShardPlan:
        """As `plan_shards`."""
        from flows.dask_worker import plan_on_worker

        client = self._connected()
        plan: ShardPlan = self._result(
            client.submit(plan_on_worker, self._datadir, warc_file, pages, pure=False, priority=1)
        )
        return plan

    def extract(self, shard: Shard, total: int, *, into: DataDir, sources: frozenset[str]) -> ShardReport:
        """Extract a shard and commit its batch. Raises DaskError, and what the worker's own disk raised."""
        from flows.dask_worker import ShardOrder, extract_on_worker

        client = self._connected()
        begin_lake(into)
        batch_id = batch_id_of(shard, total)
        order = ShardOrder(
            datadir=self._datadir, shard=shard, total=total, into=into, sources=sources, topic=self._name
        )
        with self._listening(batch_id):
            done: ShardDone = self._result(client.submit(extract_on_worker, order, self._name, pure=False))
        if done.extractor != EXTRACTOR:
            raise DaskError(
                f"a Dask worker extracts with {done.extractor}, this machine with {EXTRACTOR}: install the same"
            )
        commit_files(into, done.batch)
        return done.report

    def close(self) -> None:
        """End what is under way, the children first, and let go of the cluster."""
        with self._lock:
            self._is_closed = True
            self._stack.close()
            self._client = None

    def _connected(self) -> Client:
        with self._lock:
            if self._is_closed:
                raise DaskError("the run was ended")
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        from distributed import Client
        from distributed.comm import parse_address
        from distributed.comm.registry import get_backend

        from flows.dask_worker import ExtractionPlugin

        where = self._address or "this machine"
        with ExitStack() as stack:
            stack.enter_context(quiet())
            try:
                if self._address:
                    get_backend(parse_address(self._address)[0])  # a client that fails over it leaves its loop behind
                to = self._address or stack.enter_context(local_cluster(self._workers))
                client = stack.enter_context(Client(to, timeout=CONNECT_S, set_as_default=False))
            except (OSError, ValueError, RuntimeError) as error:
                raise DaskError(
                    f"no Dask cluster answers at {where}: {_first_line(error)}; start one (`dask scheduler`), or name "
                    "another with BROADSHEET_DASK_ADDRESS"
                ) from error
            try:
                client.wait_for_workers(1, timeout=CONNECT_S)
                client.register_plugin(ExtractionPlugin(self._name, *self._given), name=self._name)
            except TimeoutError as error:
                raise DaskError(
                    f"the Dask cluster at {where} has no worker: start one (`dask worker {where}`)"
                ) from error
            except Exception as error:
                problem = _first_line(error)
                raise DaskError(
                    f"workers of {where} cannot work: {problem}; install the same Broadsheet there"
                ) from error
            if self._address:
                stack.callback(self._let_go, client)
            client.subscribe_topic(self._name, self._hear)
            self._stack = stack.pop_all()
        return client

    def _let_go(self, client: Client) -> None:
        """A cluster that goes on living is to have nothing of ours under way."""
        with suppress(Exception):  # it may be gone; its workers end the children by themselves
            client.cancel(list(client.futures), force=True)
            client.unregister_worker_plugin(self._name)

    def _result(self, future: Future) -> Any:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            self._wait(future)
            return future.result()
        except UserError:
            raise
        except KilledWorker as error:
            raise DaskError(
                f"a shard took {error.allowed_failures + 1} Dask workers along: run again, it is read page by page"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise DaskError(
                f"the Dask cluster at {self._address or 'this machine'} is gone, or the run was ended"
            ) from error

    def _wait(self, future: Future) -> None:
        """Wait for a future as long as the cluster has somebody who can do the work."""
        alone_s = 0.0
        while alone_s < PATIENCE_S:
            with suppress(TimeoutError):
                future.result(timeout=LOOK_S)
            if future.done():
                return
            alone_s = 0.0 if future.client.nthreads() else alone_s + LOOK_S
        raise DaskError(f"the Dask cluster at {self._address or 'this machine'} has had no worker for {alone_s:.0f} s")

    @contextmanager
    def _listening(self, batch_id: str) -> Iterator[None]:
        context = copy_context()
        self._heard[batch_id] = lambda progress: context.run(report, progress)
        try:
            yield
        finally:
            self._heard.pop(batch_id, None)

    def _hear(self, event: tuple[float, Any]) -> None:
        batch_id, done, total, note = event[1]
        if tell := self._heard.get(batch_id):
            tell(Progress("extract", done, total, note))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
