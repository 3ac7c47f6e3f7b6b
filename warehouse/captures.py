"""The captures of a WARC file, and how its work is divided into shards.

Both passes read the same records by the same rules, so a shard's count is the number of captures that it gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse.captures_record import BODY_BYTES_MAX, Captured, Unusable, capture_of, kind_of
from warehouse.warc_records import HEADERS_MAX, Broken, read_records

__all__ = ["BODY_BYTES_MAX", "Broken", "Captured", "Shard", "ShardPlan", "plan_shards", "read_captures"]


@dataclass(frozen=True, slots=True)
class Shard:
    """A stretch of a WARC file that begins with a capture and holds `count` of them: what one extraction task reads."""

    warc_file: str
    """Path below captures/."""
    number: int
    """From 0, in the file's order."""
    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """The shards of a file in its order, and in one line what is wrong with the file, if anything is."""

    shards: tuple[Shard, ...]
    problem: str | None
    known_count: int = 0
    """Shards that need not be read, where the lake holds the whole file; there are no others then."""


def capture_files(captures: Path) -> tuple[str, ...]:
    """The closed WARC files below captures/, as paths below it, in sorted order."""
    found = [*captures.rglob("*.warc.gz"), *captures.rglob("*.warc")]
    return tuple(sorted(path.relative_to(captures).as_posix() for path in found))


def read_captures(
    path: Path,
    *,
    root: Path,
    start: int = 0,
    end: int | None = None,
    source: str = "ingest",
    body_bytes_max: int = BODY_BYTES_MAX,
) -> Iterator[Captured | Broken]:
    """The captures whose record begins in [start, end), in the file's order.

    `root` is the captures folder that `warc_file` is relative to; `source` counts where a record names none. A body
    over `body_bytes_max` is rejected as too large and not kept in memory. Raises OSError.
    """
    warc_file = path.relative_to(root).as_posix()
    for record in read_records(path, start=start, end=end, block_max=body_bytes_max + HEADERS_MAX):
        if isinstance(record, Broken):
            yield record
            continue
        kind = kind_of(record.headers)
        if isinstance(kind, Unusable):
            yield Broken(record.offset, kind.reason)
        elif kind is not None:
            yield capture_of(record, kind, warc_file=warc_file, source=source, body_bytes_max=body_bytes_max)


def plan_shards(path: Path, *, root: Path, pages: int) -> ShardPlan:
    """Cut a file into shards of `pages` captures, in one pass that keeps no bodies. Raises OSError."""
    starts: list[int] = []
    counts: list[int] = []
    problems: list[str] = []
    for record in read_records(path, block_max=0):
        if isinstance(record, Broken):
            problems.append(f"{record.reason} at byte {record.offset}")
            continue
        if record.cut:
            problems.append(f"{record.cut} at byte {record.offset}")
        kind = kind_of(record.headers)
        if isinstance(kind, Unusable):
            problems.append(f"{kind.reason} at byte {record.offset}")
        elif kind is not None:
            if not starts or (counts[-1] >= pages and record.is_seekable):
                starts.append(record.offset if record.is_seekable else 0)
                counts.append(0)
            counts[-1] += 1
    size = path.stat().st_size
    if size == 0:
        problems.append("the file is empty")
    warc_file = path.relative_to(root).as_posix()
    shards = tuple(
        Shard(warc_file, number, start, end, count)
        for number, (start, end, count) in enumerate(zip(starts, [*starts[1:], size], counts, strict=False))
    )
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return ShardPlan(shards, problems[0] + more if problems else None)
