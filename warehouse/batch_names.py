"""How the batch of a shard is named: after its WARC file, its number and of how many; and reading such names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_BATCH = re.compile(r"(?P<file>.+)#(?P<number>\d{5})of(?P<total>\d{5})")


def batch_name(warc_file: str, number: int, total: int) -> str:
    """The batch that holds what one shard, `number` from 0, of a WARC file below captures/ gives."""
    return f"{warc_file}#{number:05d}of{total:05d}"


def warc_file_of(batch_id: str) -> str | None:
    """The WARC file that a batch was read from; None for one of fetches."""
    match = _BATCH.fullmatch(batch_id)
    return match["file"] if match else None


def whole_files(batch_ids: Iterable[str]) -> frozenset[str]:
    """WARC files of which every shard is among the batches."""
    parts: Counter[tuple[str, int]] = Counter()
    for batch_id in batch_ids:
        if match := _BATCH.fullmatch(batch_id):
            parts[match["file"], int(match["total"])] += 1
    return frozenset(name for (name, total), count in parts.items() if count == total)
