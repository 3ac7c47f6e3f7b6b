"""The other side of the extraction pool: a fork server and the children that it makes.

The server is a fresh interpreter that has imported the work and nothing of the parent: a process with threads, such as
Prefect's, must not be forked, and this one has none. It forks a child when asked, watches how much memory the children
hold, and says how a child ended. It ends, and every child with it, when the parent is gone.

Memory is measured and not limited by RLIMIT_AS, because that makes malloc fail within libxml2, which may go on with
half a tree: a silent loss. The rlimit stands behind, at twice the growth, for what grows faster than it is measured.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import logging
import os
import pickle
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from flows.own_memory import collect_seldom, give_back_memory, hold_little_memory
from flows.pool_channel import receive_message, receive_number, send_message

FORK, REAP = b"F", b"R"
END, LEAVING = b"e", b"l"
MEMORY_STATUS = 77
"""Exit status of a child whose work raised MemoryError."""

_FREE_BYTES = 12_000_000
"""A child keeps less than this for the next pages, rather than give it back and ask for it again."""
_PAGE_BYTES = 4_000_000
"""Nearly every page, and each thing that is made of it, is smaller, and lies where the one before has lain."""
_WATCH_S = 0.05
_PARENT_CHECK_S = 1.0
_REAP_S = 5.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """What the server is told once: the work as `module:function`, its second argument, and the limits of a page."""

    work: str
    options: Any
    cpu_s: float
    memory_bytes: int
    samples: tuple[bytes, ...] = ()
    """Pickled items, done once before any child is made."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. `status` as os.waitpid gives it, None where nobody knows."""

    status: int | None
    is_over_memory: bool


Work = Callable[[Any, Any], Any]


def serve(descriptor: int) -> NoReturn:
    """The fork server's life: take orders, import the work, then fork and reap as the parent asks."""
    parent = os.getppid()
    hold_little_memory(large_bytes=_PAGE_BYTES, free_bytes=2 * _PAGE_BYTES)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    logging.disable(logging.CRITICAL)  # libraries report odd pages to nobody
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    orders_message = receive_message(control)
    if orders_message is None:
        os._exit(0)
    try:
        orders: Orders = pickle.loads(orders_message[0])
        module, _, name = orders.work.partition(":")
        work: Work = getattr(importlib.import_module(module), name)
    except BaseException as error:  # noqa: BLE001 - told to the parent, which raises it
        with contextlib.suppress(OSError):
            send_message(control, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        os._exit(1)
    for sample in orders.samples:  # what the first items make the work load is loaded once, and the children share it
        _result(work, sample, b"", orders)
    try:
        send_message(control, b"")
    except OSError:
        os._exit(0)  # the parent had nothing to do and is gone
    gc.collect()
    give_back_memory()
    collect_seldom()
    _Server(control, orders, work, parent).run()


class _Server:
    def __init__(self, control: socket.socket, orders: Orders, work: Work, parent: int) -> None:
        self._control = control
        self._orders = orders
        self._work = work
        self._parent = parent
        self._children: set[int] = set()
        self._over_memory: set[int] = set()

    def run(self) -> NoReturn:
        while True:
            ready, _, _ = select.select([self._control], [], [], _WATCH_S if self._children else _PARENT_CHECK_S)
            # A process that somebody forked from the parent may hold our socket open: so look for the parent, too.
            if os.getppid() != self._parent or (ready and not self._answer()):
                self._end()
            for pid in self._children - self._over_memory:
                if memory_bytes(pid) > self._orders.memory_bytes:
                    self._over_memory.add(pid)
                    os.kill(pid, signal.SIGKILL)

    def _answer(self) -> bool:
        try:
            command, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
            if command == FORK:
                channel = socket.socket(fileno=descriptors[0])
                send_message(self._control, str(self._fork(channel)).encode())
                channel.close()
            elif command == REAP:
                ended = self._reap(receive_number(self._control))
                send_message(self._control, pickle.dumps(ended))
            else:
                return False
        except (OSError, EOFError):
            return False
        return True

    def _fork(self, channel: socket.socket) -> int:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._control.close()
                _limit(self._orders, server)
                _labour(channel, self._work, self._orders)
            finally:
                os._exit(1)
        self._children.add(pid)
        return pid

    def _reap(self, pid: int) -> Ended:
        """Wait for a child that is ending; one that does not end is killed."""
        if pid not in self._children:
            return Ended(None, False)
        deadline = time.monotonic() + _REAP_S
        waited, status = os.waitpid(pid, os.WNOHANG)
        while not waited and time.monotonic() < deadline:
            time.sleep(0.001)
            waited, status = os.waitpid(pid, os.WNOHANG)
        if not waited:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
        ended = Ended(status, pid in self._over_memory)
        self._children.discard(pid)
        self._over_memory.discard(pid)
        return ended

    def _end(self) -> NoReturn:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)


def _limit(orders: Orders, server: int) -> None:
    """Set a child's limits, and that it dies with the server."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(0)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = _statm(os.getpid())[0] * resource.getpagesize() + 2 * orders.memory_bytes
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        with contextlib.suppress(OSError):  # where memory runs out, a page is to go and not the run
            Path("/proc/self/oom_score_adj").write_text("900")
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _labour(channel: socket.socket, work: Work, orders: Orders) -> NoReturn:
    """A child's life: chunks of pickled items in, each with what was not pickled, and one message a result out."""
    while (chunk := receive_message(channel)) is not None:
        chunk.reverse()
        while chunk:
            send_message(channel, _result(work, chunk.pop(), chunk.pop(), orders))
        # What one page made the heap grow to must not be held against the next.
        if memory_bytes(os.getpid()) > orders.memory_bytes // 2:
            send_message(channel, LEAVING)
            break
        send_message(channel, END)
        give_back_memory(from_bytes=_FREE_BYTES)
    os._exit(0)


def _result(work: Work, item: bytes, apart: bytes, orders: Orders) -> bytes:
    # The default action of SIGPROF ends the process also while it is inside C code. CPU time, not wall time: else the
    # result would depend on what else the machine does.
    signal.setitimer(signal.ITIMER_PROF, orders.cpu_s)
    try:
        given = pickle.loads(item, buffers=(apart,) if apart else ())
        del item, apart
        return pickle.dumps((True, work(given, orders.options)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        os._exit(MEMORY_STATUS)
    except BaseException as error:  # noqa: BLE001 - becomes the page's outcome
        return pickle.dumps((False, _describe(error)))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _describe(error: BaseException) -> str:
    """An exception in one line, with the place that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    message = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {message}{place}" if message else f"{type(error).__name__}{place}"


def memory_bytes(pid: int) -> int:
    """Memory that is a process's own, resident; 0 where the system does not say (no /proc)."""
    pages = _statm(pid)
    return (pages[1] - pages[2]) * resource.getpagesize()


def _statm(pid: int) -> tuple[int, int, int]:
    try:
        size, resident, shared = Path(f"/proc/{pid}/statm").read_bytes().split()[:3]
    except (OSError, ValueError):
        return 0, 0, 0
    return int(size), int(resident), int(shared)
