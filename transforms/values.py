"""Records that travel between processes as the tuple of their values.

A frozen dataclass with slots is pickled field by field in Python, which for the records of a page takes longer than all
else about sending them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from pickle import PickleBuffer
from typing import Any, TypeVar

T = TypeVar("T")

_WITH_BUFFERS = 5
"""The pickle protocol that knows of buffers beside it."""
_LONG_BYTES = 4096


def sent_as_values(record: type[T]) -> type[T]:
    """Have a frozen dataclass with slots, of two fields or more, pickled as its values: a decorator over @dataclass."""
    values = attrgetter(*(field.name for field in fields(record)))  # type: ignore[arg-type]
    has_bytes = any(field.type in ("bytes", bytes) for field in fields(record))  # type: ignore[arg-type]

    def reduced(self: T, protocol: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        given = values(self)
        return _made, (record, tuple(map(_lent, given)) if has_bytes and protocol >= _WITH_BUFFERS else given)

    record.__reduce_ex__ = reduced  # type: ignore[method-assign, assignment]
    return record


def _lent(value: Any) -> Any:
    """A value, or where it is bytes by the thousands something that can be sent without a copy."""
    return PickleBuffer(value) if isinstance(value, bytes) and len(value) >= _LONG_BYTES else value


def _made(record: Any, values: tuple[Any, ...]) -> Any:
    made = object.__new__(record)
    for put, value in zip(_slots(record), values, strict=True):
        put(made, value)
    return made


@cache
def _slots(record: Any) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(getattr(record, field.name).__set__ for field in fields(record))
