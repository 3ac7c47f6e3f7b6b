"""Where the ledger is kept: a SQLite file in the data dir, or a PostgreSQL database that several workers share.

An address may hold a password, so nothing here shows an address: messages name the server and the database only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from warehouse import ledger_tables as t
from warehouse.errors import UserError

LAYOUT = 1
"""The layout of the tables on a server that this code reads and writes."""

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_LOCK = 0x62726F6164
"""Whoever makes the tables holds this advisory lock, so that two first workers do not both make them."""
_CONNECT = {
    # A server that is cut off must be noticed within seconds: a lease runs out meanwhile.
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
_SESSION = (
    # A worker that is cut off in the middle of a transaction must not keep its rows locked for two hours.
    "SET idle_in_transaction_session_timeout = '30s'",
    "SET lock_timeout = '30s'",
    "SET TimeZone = 'UTC'",
)


class LedgerError(UserError):
    """The ledger cannot be used or reached."""


def open_engine(place: Path | str) -> Engine:
    """The database at a path (SQLite) or an address (PostgreSQL), with its tables. Raises LedgerError."""
    engine = _sqlite(place) if isinstance(place, Path) else _postgresql(place)
    with ledger_errors(place):
        if isinstance(place, Path):
            t.metadata.create_all(engine)
        else:
            _make_tables(engine, label(place))
    return engine


def label(place: Path | str) -> str:
    """How a ledger is called in messages."""
    if isinstance(place, Path):
        return str(place)
    url = _parsed(place)
    server = url.host or url.query.get("host") or "the local server"
    return f"{server}{f':{url.port}' if url.port else ''}/{url.database or ''}"


@contextmanager
def ledger_errors(place: Path | str) -> Iterator[None]:
    """Whatever the database refuses becomes one line that names the ledger and holds no secret."""
    try:
        yield
    except DBAPIError as error:
        raise LedgerError(f"the ledger {label(place)} cannot be used: {reason(error, place)}") from error


def reason(error: DBAPIError, place: Path | str) -> str:
    """What the database says, in one line."""
    words = " ".join(str(error.orig).split())
    password = None if isinstance(place, Path) else _parsed(place).password
    return words.replace(str(password), "***") if password else words


def is_passing(error: BaseException) -> bool:
    """Whether trying again may help: the server is away, or two transactions met."""
    return isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def is_there(place: Path | str) -> bool:
    """Whether there is a ledger to read; a server is taken to have one."""
    return not isinstance(place, Path) or place.exists()


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(address: str) -> Engine:
    url = _parsed(address)
    if find_spec("psycopg") is None:
        raise LedgerError("the ledger is to be on PostgreSQL, which needs an extra: pip install 'broadsheet[postgres]'")
    given = {name: value for name, value in _CONNECT.items() if name not in url.query}
    engine = create_engine(url, pool_pre_ping=True, connect_args=given, hide_parameters=True)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES:
        raise LedgerError(
            "setting ledger: not the address of a PostgreSQL database, which reads postgresql://user@server/database"
        ) from None
    return url.set(drivername="postgresql+psycopg")


def _make_tables(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        t.metadata.create_all(connection)
        number = connection.execute(select(t.layout.c.number)).scalar()
        if number is None:
            connection.execute(insert(t.layout).values(number=LAYOUT))
        elif number > LAYOUT:
            raise LedgerError(f"the ledger {name} has layout {number}, this Broadsheet knows {LAYOUT}: use a newer one")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    for statement in _SESSION:
        connection.execute(statement)
    connection.autocommit = False


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours to send: Python's own is deferred, and two writers then deadlock
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is forgotten must not stay in free pages
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
