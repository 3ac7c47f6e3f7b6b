"""What a process asks of its allocator and its collector: free memory is the system's, and looked for seldom.

glibc keeps what was freed, in a heap for each thread, and keeps more the larger the pieces were. Where there is no
glibc, nothing happens. Of the standard library alone, because the extraction children import it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE_BYTES = 1_000_000
_FREE_BYTES = 4_000_000
"""At the end of the heap. Less would be asked for again at once, and what goes back and forth is zeroed each time."""


class _HeapState(ctypes.Structure):
    """glibc's mallinfo2: ten numbers, of which the ninth says how many bytes are free."""

    _fields_ = (("numbers", ctypes.c_size_t * 10),)


def hold_little_memory(*, large_bytes: int = _LARGE_BYTES, free_bytes: int = _FREE_BYTES) -> None:
    """One heap for all threads that are made from now on; large pieces by themselves, gone when they are freed.

    For a process of few busy threads: those that allocate at once wait for each other. Arrow, where it is not loaded
    yet, is told to ask here: an allocator of its own keeps thirty megabytes for rows that take five.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with contextlib.suppress(AttributeError, OSError):
        glibc = ctypes.CDLL(None)
        glibc.mallopt(_M_ARENA_MAX, 1)
        glibc.mallopt(_M_MMAP_THRESHOLD, large_bytes)
        glibc.mallopt(_M_TRIM_THRESHOLD, free_bytes)


def collect_seldom() -> None:
    """Look for cycles at every 10,000th object, not every 700th, and not among the objects that are there already.

    For work that makes many objects and hardly a cycle: a page's extraction takes 5 % less, and a run under Prefect,
    whose modules alone are 130,000 objects, half a second. A child that collected those of the process that it was
    forked from would touch, and so copy, what they share.
    """
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def give_back_memory(*, from_bytes: int = 0) -> None:
    """Let the allocator return to the system what is free, if it is so much: trees of large pages leave tens of MB.

    It takes a millisecond, and to have the memory again another for every four megabytes. Where there is no glibc,
    nothing happens.
    """
    with contextlib.suppress(AttributeError, OSError):
        glibc = ctypes.CDLL(None)
        if from_bytes:
            glibc.mallinfo2.restype = _HeapState
            if glibc.mallinfo2().numbers[8] < from_bytes:
                return
        glibc.malloc_trim(0)
