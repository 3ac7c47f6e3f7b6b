"""How far a run is: stages say it, whoever started the run decides what to do with it.

A context variable carries the listener, because Prefect stands between the command and the stages: a flow's parameters
must be plain values, and a callable is none. Without a listener nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One stage's place: `done` of `total` (None: unknown), and a few words."""

    stage: str
    done: int
    total: int | None = None
    note: str = ""


Listener = Callable[[Progress], None]

_listener: ContextVar[Listener | None] = ContextVar("broadsheet_progress", default=None)


def report(progress: Progress) -> None:
    """Tell the listener of this context, if there is one."""
    if listener := _listener.get():
        listener(progress)


@contextmanager
def also_listening(listener: Listener) -> Iterator[None]:
    """As `listening`, and whoever listens already goes on hearing it."""
    before = _listener.get()

    def both(progress: Progress) -> None:
        if before:
            before(progress)
        listener(progress)

    with listening(both):
        yield


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within the block, and in threads that copy its context, progress goes to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
