"""What is new about the sources' health since it was last told: so that nothing is told twice, whoever loaded.

What was told lies in health.json beside the warehouse. Without it, all that holds is news once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transforms.health_records import SourceVerdict, VerdictRow
from warehouse.datadir import DataDir, write_atomically


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict that was told."""

    source: str
    verdict: SourceVerdict
    since_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """Verdicts that nobody was told of yet, and those told that no longer hold."""

    begun: tuple[VerdictRow, ...]
    ended: tuple[Told, ...]

    def __bool__(self) -> bool:
        return bool(self.begun or self.ended)


def news_of(told: Iterable[Told], holding: Iterable[VerdictRow]) -> News:
    """What holds and was not told, and the reverse, each by source and verdict."""
    known = {(one.source, one.verdict): one for one in told}
    now = {(row.source, row.verdict): row for row in holding}
    begun = tuple(row for key, row in sorted(now.items()) if key not in known)
    return News(begun, tuple(one for key, one in sorted(known.items()) if key not in now))


def read_told(datadir: DataDir) -> tuple[Told, ...]:
    """What was told; nothing where the file is not there or is none of ours."""
    try:
        rows = json.loads(_file(datadir).read_text(encoding="utf-8"))
        return tuple(
            Told(r["source"], SourceVerdict(r["verdict"]), datetime.fromisoformat(r["since_at"])) for r in rows
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def write_told(datadir: DataDir, holding: Iterable[VerdictRow]) -> None:
    """Keep that all of this was told. Raises OSError."""
    rows = [
        {"source": row.source, "verdict": row.verdict.value, "since_at": row.since_at.isoformat()} for row in holding
    ]
    write_atomically(_file(datadir), json.dumps(rows, indent=1).encode())


def _file(datadir: DataDir) -> Path:
    return datadir.root / "health.json"
