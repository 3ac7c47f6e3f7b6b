"""What came of a backfill, as one value that the terminal and the Prefect UI show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from transforms.masking import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """One archive of a run. `found_count`: captures in the file; `loaded_count`: rows of it in the warehouse."""

    key: str
    state: str
    """loaded, failed, or left: the run ended before it."""
    bytes: int = 0
    found_count: int = 0
    loaded_count: int = 0
    is_kept: bool = True
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillReport:
    """Every archive that was due in this run. `known_count`: those that an earlier run had done."""

    run_id: str
    archives: tuple[ArchiveReport, ...]
    known_count: int
    given_up_count: int
    """Archives that failed in earlier runs so often that they were passed over."""
    stopped: str | None = None
    """Why the run ended before all were done, where it did."""

    def of(self, state: str) -> tuple[ArchiveReport, ...]:
        """The archives in a state."""
        return tuple(archive for archive in self.archives if archive.state == state)

    @property
    def is_balanced(self) -> bool:
        """Whether each capture of each file that was loaded is in the warehouse."""
        return all(archive.found_count == archive.loaded_count for archive in self.of("loaded"))

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person should look at, one line each."""
        failed = [f"{archive.key}: {archive.detail}" for archive in self.of("failed")]
        uneven = [
            f"{a.key}: {a.found_count} captures in the file, {a.loaded_count} in the warehouse"
            for a in self.of("loaded")
            if a.found_count != a.loaded_count
        ]
        given_up = [f"{self.given_up_count} files failed too often and were passed over"] if self.given_up_count else []
        return (*failed, *uneven, *given_up, *([self.stopped] if self.stopped else []))

    def words(self) -> str:
        """The run in a few words."""
        loaded = self.of("loaded")
        parts = [f"{len(loaded)} of {len(self.archives)} files, {sum(a.loaded_count for a in loaded)} captures loaded"]
        if dropped := sum(not a.is_kept for a in loaded):
            parts.append(f"{dropped} files dropped afterwards")
        for count, name in (
            (len(self.of("failed")), "failed"),
            (len(self.of("left")), "left for the next run"),
            (self.known_count, "were done before"),
        ):
            if count:
                parts.append(f"{count} {name}")
        return ", ".join(parts)

    def rows(self) -> list[dict[str, Any]]:
        """One row an archive, without what looks like a secret in its address."""
        return [
            {
                "archive": masked(a.key),
                "state": a.state,
                "MB": round(a.bytes / 1e6, 1),
                "captures": a.found_count,
                "loaded": a.loaded_count,
                "kept": a.is_kept,
                "detail": masked(a.detail or ""),
            }
            for a in self.archives
        ]
