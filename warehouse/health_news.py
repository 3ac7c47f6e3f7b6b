"""What is new about the sources' health since it was last told: so that nothing is told twice, whoever loaded.

What was told lies in health.json beside the warehouse. Without it, all that holds is news once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from transforms.health_records import SourceVerdict, VerdictRow
from warehouse.datadir import DataDir, write_atomically
from warehouse.health_board import Board, SourceHealth


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict that was told."""

    source: str
    verdict: SourceVerdict
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What a source's page says, in short: another one is another page."""

    state: str
    verdicts: tuple[str, ...]
    period: int
    """The running period: a page is made anew once in each."""

    @classmethod
    def of(cls, source: SourceHealth, board: Board) -> Shown:
        """What the page of a source would say now."""
        verdicts = tuple(row.verdict.value for row in source.verdicts)
        return cls(source.state, verdicts, board.grid.number(board.now))


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


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told and shown last, in health.json."""

    told: tuple[Told, ...] = ()
    shown: Mapping[str, Shown] = field(default_factory=dict)
    page_at: datetime | None = None
    """When the page of the corpus was made."""


def read_memory(datadir: DataDir) -> Memory:
    """What was told and shown; nothing where the file is not there or is none of ours."""
    try:
        held = json.loads(_file(datadir).read_text(encoding="utf-8"))
        told = (
            Told(r["source"], SourceVerdict(r["verdict"]), datetime.fromisoformat(r["since_at"])) for r in held["told"]
        )
        shown = {k: Shown(r["state"], tuple(r["verdicts"]), r["period"]) for k, r in held["shown"].items()}
        page_at = datetime.fromisoformat(held["page_at"]) if held["page_at"] else None
        return Memory(tuple(told), shown, page_at)
    except (OSError, ValueError, KeyError, TypeError):
        return Memory()


def write_memory(datadir: DataDir, memory: Memory) -> None:
    """Keep what was told and shown. Raises OSError."""
    told = [{"source": t.source, "verdict": t.verdict.value, "since_at": t.since_at.isoformat()} for t in memory.told]
    shown = {source: asdict(one) for source, one in sorted(memory.shown.items())}
    page_at = memory.page_at.isoformat() if memory.page_at else None
    held = {"told": told, "shown": shown, "page_at": page_at}
    write_atomically(_file(datadir), json.dumps(held, indent=1).encode())


def _file(datadir: DataDir) -> Path:
    return datadir.root / "health.json"
