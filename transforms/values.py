"""Records that travel between processes as the tuple of their values.

A frozen dataclass with slots is pickled field by field in Python, which for the records of a page takes longer than all
else about sending them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def sent_as_values(record: type[T]) -> type[T]:
    """Have a frozen dataclass with slots, of two fields or more, pickled as its values: a decorator over @dataclass."""
    values = attrgetter(*(field.name for field in fields(record)))  # type: ignore[arg-type]

    def reduced(self: T) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _made, (record, values(self))

    record.__reduce__ = reduced  # type: ignore[method-assign, assignment]
    return record


def _made(record: Any, values: tuple[Any, ...]) -> Any:
    made = object.__new__(record)
    for put, value in zip(_slots(record), values, strict=True):
        put(made, value)
    return made


@cache
def _slots(record: Any) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(getattr(record, field.name).__set__ for field in fields(record))
