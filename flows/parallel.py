"""Work on several things at once, where there is somebody to do it.

The stages go over files and shards in one loop. Where shards go to a cluster, the loop keeps so many under way that
none of its workers waits; where one is done after another, no thread is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS_MAX = 512
"""A thread does nothing but wait for its shard; beyond so many, shards of one run wait for each other."""


def at_once(work: Callable[[T], R], items: Iterable[T], room: Callable[[], int]) -> Iterator[R]:
    """What `work` gives for each item, as it is done, with up to `room()` items under way.

    Items are taken only as there is room. The first error is raised; items that have not begun by then never do, and
    whoever does the work has to end what is under way.
    """
    if room() <= 1:
        yield from map(work, items)
        return
    left = iter(items)
    under_way: set[Future[R]] = set()
    executor = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="shard")
    try:
        while True:
            for item in _next_of(left, room() - len(under_way)):
                under_way.add(executor.submit(copy_context().run, work, item))
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _next_of(items: Iterator[T], count: int) -> Iterator[T]:
    for _ in range(count):
        try:
            yield next(items)
        except StopIteration:
            return
