"""The parent's hold on the fork server: start it, have children made, learn how they ended, end it.

The server is a new interpreter, so nothing of the parent's `__main__`, threads or open files reaches the children. It
is asked one thing at a time over a socket whose closing, by whatever end of the parent, ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from flows.pool_channel import number_bytes, receive_message, send_message
from flows.pool_child import FORK, REAP, Ended, Orders
from warehouse.errors import UserError

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]);"
    "from flows.pool_child import serve; serve(int(sys.argv[1]))"
)
_END_S = 10.0
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # whatever depends on the order of a set depends on it in the same way in every run
    "OPENBLAS_NUM_THREADS": "1",  # numpy would start a thread a core, and a process with threads must not fork
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # and pyarrow's allocator one that tidies up
}


class PoolError(UserError):
    """The pool cannot work: its work cannot be imported, or the system gives no process."""


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A child process, known by the socket to it. Its number is its own until the server reaps it."""

    pid: int
    channel: socket.socket

    def kill(self) -> None:
        """End it wherever it is."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class PoolServer:
    """One fork server, safe to use from threads. It imports the work while the parent does something else."""

    def __init__(self, orders: Orders) -> None:
        self._orders = pickle.dumps(orders)
        self._failure: str | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_ready = False
        self._start()

    def spawn(self) -> Child:
        """A new child. A server that somebody has killed is started again. Raises PoolError."""
        with self._lock:
            for _ in range(2):
                ours, theirs = socket.socketpair()
                try:
                    self._make_ready()
                    socket.send_fds(self._control, [FORK], [theirs.fileno()])
                    answer = receive_message(self._control)
                except OSError:
                    answer = None
                finally:
                    theirs.close()
                if answer is not None:
                    return Child(int(answer[0]), ours)
                ours.close()
                if self._is_closed:
                    raise PoolError("the pool was closed")
                self._stop()
                self._start()
            raise PoolError("the extraction processes cannot be started: their server ends at once")

    def reap(self, child: Child) -> Ended:
        """Let a child end that is idle or ending already, and say how it ended."""
        child.channel.close()
        with self._lock:
            try:
                self._control.sendall(REAP + number_bytes(child.pid))
                answer = receive_message(self._control)
            except OSError:
                answer = None
        if answer is None:
            return Ended(None, False)
        ended: Ended = pickle.loads(answer[0])
        return ended

    def close(self) -> None:
        """End the server and all its children, and wait for it."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._stop()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, str(theirs.fileno()), json.dumps([os.path.abspath(p) for p in sys.path])],  # noqa: PTH100
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:
            self._control.close()
            raise PoolError(f"the extraction processes cannot be started: {error.strerror}") from error
        finally:
            theirs.close()
        self._is_ready = False
        send_message(self._control, self._orders)

    def _make_ready(self) -> None:
        if self._failure:
            raise PoolError(self._failure)
        if self._is_ready:
            return
        answer = receive_message(self._control)
        if answer is None:
            raise BrokenPipeError
        if answer[0]:
            self._failure = f"the extraction work cannot be imported: {answer[0].decode()}"
            raise PoolError(self._failure)
        self._is_ready = True

    def _stop(self) -> None:
        self._control.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
