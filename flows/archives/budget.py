"""What a backfill's archives may take on disk, and how much of it is left."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from flows.archives.download import place_of
from flows.archives.state import read_state
from warehouse.datadir import DataDir
from warehouse.status import size_of

FREE_BYTES_MIN = 2_000_000_000
"""So much of the disk a download leaves free, whatever the budget: the lake and the next warehouse need room too."""


def room_for(key: str, datadir: DataDir, downloads: Path, *, waiting: Mapping[str, int], budget: int | None) -> int:
    """Bytes that the download of `key` may still add, over what it has on disk itself.

    `waiting`: bytes of the archives, by key, that are taken and not yet loaded. `budget` None: the free disk alone.
    """
    free = shutil.disk_usage(datadir.root).free - FREE_BYTES_MIN
    if budget is None:
        return free
    own = place_of(key, downloads)
    others = size_of(downloads) - size_of(own.with_name(own.name + ".part"))
    notes = [standing.note for standing in read_state(datadir).values()]
    kept = sum(n.bytes for n in notes if n.is_kept and n.warc_file and n.key not in waiting and "://" in n.key)
    return min(free, budget - others - kept - sum(waiting.values()))
