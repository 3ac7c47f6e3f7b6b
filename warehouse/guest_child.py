"""The child process of a guest session: opens the warehouse, shuts itself in, answers one query after another.

Messages come on standard input and go to standard output, each after its length. An answer travels as an Arrow stream:
whatever a stranger made DuckDB compute, the parent reads it as plain values.
"""

from __future__ import annotations

import re
import resource
import sys
import threading
from json import dumps, loads
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa

from warehouse.allowed import STRANGER, refuse_others
from warehouse.datadir import DataDir
from warehouse.errors import QueryError, UserError
from warehouse.guest import ANSWER, HEADER, REFUSED, REFUSED_AND_ENDED, GuestLimits, too_long, too_much
from warehouse.query import query_errors
from warehouse.reading import cannot_open
from warehouse.texts import shut_in

ROWS_AT_ONCE = 2_048
_SEARCHED = re.compile(r'Function with name "?search"? does not exist')


def main() -> None:
    """Serve until standard input ends. Arguments: path of the warehouse, the limits as JSON."""
    path, limits = Path(sys.argv[1]), GuestLimits(**loads(sys.argv[2]))
    receive(sys.stdin.buffer)
    try:
        con = shut_in_guest(path, limits)
    except duckdb.Error as error:
        send(sys.stdout.buffer, REFUSED + cannot_open(path, error).encode())
        return
    send(sys.stdout.buffer, ANSWER)
    while (message := receive(sys.stdin.buffer)) is not None:
        send(sys.stdout.buffer, answer(con, message.decode(), limits))


def shut_in_guest(path: Path, limits: GuestLimits) -> duckdb.DuckDBPyConnection:
    """A connection that can read the warehouse and do nothing else, in a process that can do little else."""
    con = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{limits.memory_mb}MB",
            "threads": limits.threads,
            "temp_directory": "",
            "max_temp_directory_size": "0KB",
        },
    )
    con.execute("SET TimeZone = 'UTC'")
    shut_in(con, DataDir(path.parent))
    con.execute("SET lock_configuration = true")
    memory = (limits.memory_mb + limits.slack_mb) << 20
    for limit, most in ((resource.RLIMIT_DATA, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    return con


def answer(con: duckdb.DuckDBPyConnection, sql: str, limits: GuestLimits) -> bytes:
    """The reply to one query: its rows, or what is wrong."""
    timer = threading.Timer(limits.time_s, con.interrupt)
    timer.start()
    try:
        with query_errors(con, sql):
            refuse_others(con, sql, STRANGER)
            return ANSWER + _rows(con.sql(sql), limits)
    except UserError as error:
        cause = error.__cause__
        if _SEARCHED.search(str(cause)):
            return REFUSED + b"search is not offered to guests: ask with text ILIKE '%word%'"
        if isinstance(cause, duckdb.InterruptException):
            return REFUSED + too_long(limits).encode()
        if "llocat" in str(cause) or isinstance(cause, duckdb.OutOfMemoryException):
            return REFUSED_AND_ENDED + too_much(limits).encode()
        has_ended = isinstance(cause, duckdb.FatalException | duckdb.InternalException)
        return (REFUSED_AND_ENDED if has_ended else REFUSED) + str(error).encode()
    except MemoryError:
        return REFUSED_AND_ENDED + too_much(limits).encode()
    finally:
        timer.cancel()


def _rows(found: duckdb.DuckDBPyRelation | None, limits: GuestLimits) -> bytes:
    if found is None:
        raise QueryError("there is no query in that text")
    batches, count, size = [], 0, 0
    # over the relation it streams; over an executed statement DuckDB would hold the whole answer first, unbounded
    with found.to_arrow_reader(min(ROWS_AT_ONCE, limits.rows + 1)) as reader:
        for batch in reader:
            batches.append(batch.slice(0, limits.rows - count))
            size += batches[-1].nbytes
            count += batch.num_rows
            if size > limits.answer_bytes:
                raise QueryError(f"the answer is larger than {limits.answer_bytes:,} bytes: ask for less")
            if count > limits.rows:
                break
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, reader.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    shape = {"columns": found.columns, "types": [str(t) for t in found.types], "is_cut": count > limits.rows}
    head = dumps(shape).encode()
    rows: bytes = sink.getvalue().to_pybytes()
    return HEADER.pack(len(head)) + head + rows


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the input."""
    head = pipe.read(HEADER.size)
    return pipe.read(HEADER.unpack(head)[0]) if len(head) == HEADER.size else None


def send(pipe: IO[bytes], message: bytes) -> None:
    """One message."""
    pipe.write(HEADER.pack(len(message)) + message)
    pipe.flush()


if __name__ == "__main__":
    main()
