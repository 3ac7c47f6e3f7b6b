"""Starting again after another writer was faster, which only a warehouse with several writers at once can say."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from warehouse.errors import WarehouseError

T = TypeVar("T")

CONFLICTS_MAX = 8
"""How often a writer begins. Each time another has got on, so eight in a row means a crowd of writers."""
_WAIT_S = 0.2


class WriterConflict(WarehouseError):  # noqa: N818 - the way to another attempt
    """Another writer was faster; nothing was published, and the same work may be begun again."""


def again_on_conflict(work: Callable[[], T]) -> T:
    """Do some work that publishes, from its beginning each time that another writer was faster.

    Raises WriterConflict after `CONFLICTS_MAX` attempts.
    """
    for number in range(1, CONFLICTS_MAX):
        try:
            return work()
        except WriterConflict:
            time.sleep(random.uniform(0, _WAIT_S * 2**number))
    return work()
