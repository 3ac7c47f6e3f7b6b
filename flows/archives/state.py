"""What became of each archive of every backfill: a log beside the data, one line a step, synced as it is written.

Keys are addresses and paths, so a second list that names the same file finds it done. A run that is killed leaves at
most half a line, which is passed over.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from warehouse.datadir import DataDir
from warehouse.errors import UserError

TRIES_MAX = 3
"""An archive that failed so often is passed over, until somebody asks for it again."""


class Step(StrEnum):
    """How far an archive is."""

    TAKEN = "taken"
    """It lies under captures/; its shards may be in the lake in part."""
    LOADED = "loaded"
    """Every page of it is in the warehouse."""
    FAILED = "failed"
    """It could not be had, or not be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the log."""

    key: str
    step: Step
    at: str
    warc_file: str | None = None
    bytes: int = 0
    capture_count: int = 0
    is_kept: bool = True
    """Whether its WARC file still lies under captures/."""
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an archive stands: its last note, and how often it failed since it last got further."""

    note: Note
    failures: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.note.step is Step.LOADED

    @property
    def is_given_up(self) -> bool:
        """Whether it failed so often that it is passed over."""
        return self.failures >= TRIES_MAX


def folder_of(datadir: DataDir) -> Path:
    """Where backfills keep their log and their downloads."""
    return datadir.root / "backfill"


def read_state(datadir: DataDir) -> dict[str, Standing]:
    """Where every archive stands that a backfill has met, by key. Raises UserError where the log cannot be read."""
    path = folder_of(datadir) / "log.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    found: dict[str, Standing] = {}
    for line in lines:
        try:
            fields = json.loads(line)
            note = Note(**{**fields, "step": Step(fields["step"])})
        except (ValueError, TypeError, KeyError):
            continue
        failures = found[note.key].failures if note.key in found else 0
        found[note.key] = Standing(note, failures + 1 if note.step is Step.FAILED else 0)
    return found


def add_note(datadir: DataDir, key: str, step: Step, **more: object) -> Note:
    """Write one line durably, and give it. `more` are further fields of Note."""
    note = Note(key=key, step=step, at=datetime.now(UTC).isoformat(), **more)  # type: ignore[arg-type]
    path = folder_of(datadir) / "log.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(asdict(note), ensure_ascii=False))
        file.flush()
        os.fsync(file.fileno())
    return note
