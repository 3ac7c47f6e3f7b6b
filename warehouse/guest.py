"""A session for strangers' queries: they may read the warehouse, and nothing they write can do more than fail.

The query runs in a child process that holds the file open read-only, without files, network, extensions or settings
(`warehouse.guest_child`). DuckDB's own limits are not enough: measured, `SELECT repeat('x', 4000000000)` took 7.7 GB
under a limit of 256 MB, and a regular expression over 50 MB heeded no interrupt. So the operating system bounds the
child's memory and lets it write no byte, and a child that does not stop in time is killed and replaced.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from json import dumps, loads
from typing import IO

import pyarrow as pa

from warehouse.datadir import DataDir
from warehouse.errors import QueryError, WarehouseError
from warehouse.query import QueryResult
from warehouse.reading import live_file

START_S = 30.0
"""Within this a child must have opened the warehouse."""
GRACE_S = 1.0
"""What a child is given beyond the query's time to stop by itself."""
HEADER = struct.Struct(">Q")
"""Before each message: its length in bytes."""
ANSWER, REFUSED, REFUSED_AND_ENDED = b"A", b"E", b"X"
"""First byte of a reply; the last one says that the child can answer nothing more."""


@dataclass(frozen=True, slots=True)
class GuestLimits:
    """What one stranger's query may take."""

    time_s: float = 10.0
    memory_mb: int = 512
    """For DuckDB's buffers; the whole child may take `slack_mb` more."""
    slack_mb: int = 512
    threads: int = 1
    rows: int = 1_000
    """Rows of an answer; what is more is cut off."""
    answer_bytes: int = 16_000_000
    """Bytes of an answer, as Arrow holds it."""
    answer_values: int = 1_000_000
    """Values of an answer, those in lists and structs too: a null takes no bytes in Arrow, but memory here."""
    query_chars: int = 20_000


DEFAULT_LIMITS = GuestLimits()


@contextmanager
def guest(datadir: DataDir, limits: GuestLimits = DEFAULT_LIMITS) -> Iterator[GuestSession]:
    """A session to ask strangers' queries in; its child process ends with the block.

    >>> with guest(DataDir.open(Path("data"), create=False)) as session:
    ...     session.ask("SELECT count(*) FROM articles").rows

    Raises WarehouseError where there is no warehouse to ask.
    """
    session = GuestSession(datadir, limits)
    try:
        yield session
    finally:
        session.close()


class GuestSession:
    """Asks one query at a time, each of the newest load. Made by `guest`."""

    def __init__(self, datadir: DataDir, limits: GuestLimits) -> None:
        self._datadir = datadir
        self._limits = limits
        self._child: subprocess.Popen[bytes] | None = None
        self._seen: tuple[int, int, int] | None = None

    def ask(self, sql: str) -> QueryResult:
        """The answer to one query, cut at the limit of rows.

        Raises QueryError for what is not allowed, took too long or too much; WarehouseError where nothing can be asked.
        """
        if len(sql) > self._limits.query_chars:
            raise QueryError(f"the query is longer than {self._limits.query_chars} characters")
        child = self._ready_child()
        reply = self._exchange(child, sql.encode("utf-8", errors="replace"), self._limits.time_s + GRACE_S)
        if reply is None:
            took_too_long = child.poll() is None
            self.close()
            if took_too_long:
                raise QueryError(too_long(self._limits))
            raise QueryError(f"{too_much(self._limits)}, or broke its session")
        if reply[:1] == REFUSED_AND_ENDED:
            self.close()
        return _result(reply, self._limits)

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _ready_child(self) -> subprocess.Popen[bytes]:
        if self._datadir.lakehouse is not None:
            raise WarehouseError("guests cannot ask a DuckLake: its catalog would be open to them too")
        found = live_file(self._datadir)
        if found is None:
            raise WarehouseError(f"nothing is loaded in {self._datadir.root} yet")
        # a connection keeps seeing the file that it opened: a newer load takes a new child
        if self._child is None or self._child.poll() is not None or self._seen != found:
            self.close()
            self._seen = found
            self._child = _start(self._datadir, self._limits)
            greeting = self._exchange(self._child, b"", START_S)
            if greeting is None or greeting[:1] != ANSWER:
                self.close()
                raise WarehouseError(greeting[1:].decode() if greeting else "a session for guests could not be opened")
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], message: bytes, time_s: float) -> bytes | None:
        """Send a message and wait for the reply; None where the child ended or is too late."""
        assert child.stdin
        assert child.stdout
        deadline = time.monotonic() + time_s
        try:
            child.stdin.write(HEADER.pack(len(message)) + message)
            child.stdin.flush()
        except BrokenPipeError:
            child.wait()
            return None
        head = _read(child.stdout, HEADER.size, deadline)
        if head is None:
            return None
        (size,) = HEADER.unpack(head)
        return _read(child.stdout, size, deadline) if size <= self._limits.answer_bytes * 2 else None


def _start(datadir: DataDir, limits: GuestLimits) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "warehouse.guest_child", str(datadir.warehouse), dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=-1,
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},  # nothing of ours to be read from inside
        cwd=tempfile.gettempdir(),
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )


def _read(pipe: IO[bytes], size: int, deadline: float) -> bytes | None:
    parts: list[bytes] = []
    while size > 0:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return None
        part = os.read(pipe.fileno(), min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _result(reply: bytes, limits: GuestLimits) -> QueryResult:
    kind, body = reply[:1], reply[1:]
    if kind != ANSWER:
        raise QueryError(body.decode())
    (size,) = HEADER.unpack(body[: HEADER.size])
    head = loads(body[HEADER.size : HEADER.size + size])
    with pa.ipc.open_stream(body[HEADER.size + size :]) as reader:
        table = reader.read_all()
    try:
        table.validate(full=True)
        if sum(_values(chunk) for column in table.columns for chunk in column.chunks) > limits.answer_values:
            raise QueryError(f"the answer has more than {limits.answer_values:,} values: ask for fewer")
        columns = [column.to_pylist() for column in table.columns]
    except (OverflowError, ValueError, pa.ArrowException) as error:
        raise QueryError(f"the answer holds a value that cannot be given ({error}): cast it to VARCHAR") from error
    return QueryResult(
        columns=tuple(head["columns"]),
        types=tuple(head["types"]),
        rows=list(zip(*columns, strict=True)),
        is_cut=head["is_cut"],
    )


def _values(array: pa.Array) -> int:
    """How many values an array holds, counting those inside lists, maps and structs."""
    kind = array.type
    if pa.types.is_struct(kind):
        inner = sum(_values(array.field(n)) for n in range(kind.num_fields))
    elif pa.types.is_map(kind):
        inner = _values(array.keys) + _values(array.items)
    elif pa.types.is_union(kind):
        inner = sum(_values(array.field(n)) for n in range(kind.num_fields))
    elif pa.types.is_nested(kind):
        inner = _values(array.values)
    else:
        inner = 0
    return len(array) + inner


def too_long(limits: GuestLimits) -> str:
    """The sentence for a query that was stopped."""
    return f"the query took longer than {limits.time_s:g} s: ask for less, or add a LIMIT"


def too_much(limits: GuestLimits) -> str:
    """The sentence for a query that was given no more memory."""
    return f"the query took more than {limits.memory_mb} MB of memory"
