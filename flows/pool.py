"""The extraction pool: work done in processes that may be killed, at the cost of the one item that they died of.

concurrent.futures loses every pending item when one child is killed, and multiprocessing imports the parent's
`__main__` again in its children. Here each child has a thread that gives it chunks of items and takes back one result
after another, so it is known which item a child died of. That item is tried again alone in a fresh child, three times
in all where its child crashed, twice where it met a limit, and then rejected; the rest of the chunk goes back into the
queue. Items stay pickled, so memory is bounded by the chunks under way.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from flows.pool_channel import receive_message, send_message
from flows.pool_child import LEAVING, MEMORY_STATUS, Ended, Orders
from flows.pool_chunks import CHUNK_BYTES, Item, chunks_of
from flows.pool_server import Child, PoolError, PoolServer
from transforms.outcome import Outcome
from transforms.page import Rejected

__all__ = ["Pool", "PoolError", "PoolLimits"]

T = TypeVar("T")
R = TypeVar("R")


IDLE_S = 1.0
"""A child without work for so long is ended: it holds memory that a load may need, and another is forked in no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """What one item may take."""

    cpu_s: float = 30.0
    """CPU time: far above what an allowed page takes."""
    memory_bytes: int = 1_000_000_000
    """Resident memory of the child's own; 0.05 s may pass before it is seen."""
    stall_s: float = 1800.0
    """Wall time without a result: only for a child that waits and uses no CPU."""


@dataclass(slots=True)
class _Run:
    """One call of `map`: where its results go, and whether anybody still wants them."""

    results: SimpleQueue[tuple[int, Any] | PoolError] = field(default_factory=SimpleQueue)
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Job:
    run: _Run
    items: tuple[Item, ...]
    tries: int = 1


class Pool(Generic[T, R]):
    """Children that call `work(item, options)`; a context manager. `map` may be called from several threads at once.

    `work` is `module:function`, importable with the parent's sys.path. `workers` 0 means one a core. Items, options and
    results must pickle. The fork server starts at once, imports the work and does it on `samples` while the parent goes
    on: harmless items, so that what the first ones make it load is loaded once for all children.
    """

    def __init__(
        self,
        *,
        workers: int = 0,
        work: str = "transforms.extract:extract_page",
        options: Any = None,
        limits: PoolLimits | None = None,
        chunk: int = 16,
        samples: Iterable[T] = (),
    ) -> None:
        self.workers = workers or _cores()
        self._limits = limits or PoolLimits()
        self._chunk = chunk
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._busy: dict[Child, _Run] = {}
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        pickled = tuple(pickle.dumps(sample, pickle.HIGHEST_PROTOCOL) for sample in samples)
        orders = Orders(work, options, self._limits.cpu_s, self._limits.memory_bytes, pickled)
        self._server = PoolServer(orders)

    def __enter__(self) -> Pool[T, R]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all children and wait for them. A `map` that is still under way in another thread raises PoolError."""
        with self._lock:
            self._is_closed = True
        for _ in self._threads:
            self._jobs.put(None)
        self._server.close()
        for thread in self._threads:
            thread.join()

    def map(self, items: Iterable[T]) -> Iterator[tuple[int, R | Rejected]]:
        """Give each item's number, from 0, and its result, in the order in which they are done.

        An item whose work raised, ran too long, took too much memory or ended its process gives Rejected. Items are
        taken from the iterable as there is room for them. Raises PoolError if the work cannot be imported.
        """
        run = _Run()
        waiting: dict[int, int] = {}
        chunks = chunks_of(items, size=self._chunk, workers=self.workers)
        self._start()
        try:
            while True:
                while self._has_room(waiting) and (chunk := next(chunks, None)):
                    waiting.update((item.number, item.size) for item in chunk)
                    self._jobs.put(_Job(run, chunk))
                if not waiting:
                    return
                result = run.results.get()
                if isinstance(result, PoolError):
                    raise result
                del waiting[result[0]]
                yield result
        finally:
            if waiting:
                self._cancel(run)

    def _has_room(self, waiting: Mapping[int, int]) -> bool:
        """Whether another chunk may be put in line: two more than there are children, by items and by bytes.

        With one more, a child waits where two are done at once, or the rows of the last pages are being put together.
        """
        chunks = self.workers + 1
        return len(waiting) <= chunks * self._chunk and sum(waiting.values()) <= chunks * CHUNK_BYTES

    def _start(self) -> None:
        with self._lock:
            if self._is_closed:
                raise PoolError("the pool is closed")
            while len(self._threads) < self.workers:
                thread = threading.Thread(target=self._drive, name=f"pool-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _cancel(self, run: _Run) -> None:
        """Nobody waits for the run any more: its children are killed, its chunks in the queue are passed over."""
        with self._lock:
            run.is_cancelled = True
            for child, busy_with in self._busy.items():
                if busy_with is run:
                    child.kill()

    def _drive(self) -> None:
        """A thread's life: one child at a time, one chunk at a time."""
        child: Child | None = None
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_S if child else None)
            except Empty:
                if child is not None:
                    self._server.reap(child)
                child = None
                continue
            if job is None:
                break
            if job.run.is_cancelled:
                continue
            if self._is_closed:
                job.run.results.put(PoolError("the pool was closed"))
                continue
            try:
                if child is not None and job.tries > 1:
                    self._server.reap(child)
                    child = None
                child = child or self._server.spawn()
                child = self._do(job, child)
            except PoolError as error:
                job.run.results.put(error)
                child = None
            except Exception as error:  # noqa: BLE001 - raised by `map`, which would wait for ever for this thread
                failure = PoolError(f"the extraction pool failed: {type(error).__name__}: {error}")
                failure.__cause__ = error
                job.run.results.put(failure)
                child = None
        if child is not None:
            self._server.reap(child)

    def _do(self, job: _Job, child: Child) -> Child | None:
        """Have a child do a chunk. Gives the child back if it can do another."""
        with self._lock:
            self._busy[child] = job.run
            if job.run.is_cancelled:
                child.kill()
        done = 0
        is_stalled = False
        last: list[bytes] | None = None
        try:
            child.channel.settimeout(self._limits.stall_s)
            send_message(child.channel, *(part for item in job.items for part in (item.data, item.apart)))
            while (last := receive_message(child.channel)) is not None and done < len(job.items):
                job.run.results.put((job.items[done].number, _unpickle(last[0])))
                done += 1
        except TimeoutError:
            is_stalled = True
            child.kill()
        except OSError:
            pass  # it died before it had taken the chunk
        finally:
            with self._lock:
                del self._busy[child]
        if last is not None and not is_stalled and last[0] != LEAVING:
            return child
        ended = self._server.reap(child)
        if done < len(job.items) and not job.run.is_cancelled:
            guilty, rest = job.items[done], job.items[done + 1 :]
            if self._is_closed:
                job.run.results.put(PoolError("the pool was closed"))
                return None
            if rest:
                self._jobs.put(_Job(job.run, rest))
            rejected = self._rejected(ended, is_stalled=is_stalled)
            if job.tries >= (3 if rejected.outcome is Outcome.EXTRACT_CRASHED else 2):
                job.run.results.put((guilty.number, rejected))
            else:
                self._jobs.put(_Job(job.run, (guilty,), tries=job.tries + 1))
        return None

    def _rejected(self, ended: Ended, *, is_stalled: bool) -> Rejected:
        """What an item is rejected as, by how its child ended."""
        limits, status = self._limits, ended.status
        if is_stalled:
            return Rejected(outcome=Outcome.EXTRACT_TIMEOUT, detail=f"no result within {limits.stall_s:g} s")
        if ended.is_over_memory or (status is not None and os.waitstatus_to_exitcode(status) == MEMORY_STATUS):
            return Rejected(outcome=Outcome.EXTRACT_MEMORY, detail=f"more than {limits.memory_bytes} bytes of memory")
        if status is not None and os.waitstatus_to_exitcode(status) == -signal.SIGPROF:
            return Rejected(outcome=Outcome.EXTRACT_TIMEOUT, detail=f"more than {limits.cpu_s:g} s of CPU time")
        return Rejected(outcome=Outcome.EXTRACT_CRASHED, detail=_ending(status))


def _unpickle(data: bytes) -> Any:
    is_value, value = pickle.loads(data)
    return value if is_value else Rejected(outcome=Outcome.EXTRACT_ERROR, detail=value)


def _ending(status: int | None) -> str:
    if status is None:
        return "its process is gone"
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"its process ended with status {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
