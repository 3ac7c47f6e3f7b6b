"""A dataclass field that is a column: all that a declaration of records needs.

Apart from `transforms.columns`, which makes Arrow of it: extraction fills records and should not load Arrow for that.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

UInt32 = typing.NewType("UInt32", int)
"""A whole number from 0 to 2^32 - 1, stored in four bytes."""


def column(comment: str, *, default: Any = dataclasses.MISSING) -> Any:
    """A dataclass field that is a column, with the comment that every place shows for it."""
    return dataclasses.field(metadata={"comment": comment}, default=default)
