"""The access log of the press: in memory for tests; in a file for people and for DuckDB, one JSON object a line."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and its answer. `path` is as asked, query included; `bytes` is the body as sent."""

    at: str
    site: str
    edition: int
    method: str
    path: str
    status: int
    bytes: int
    if_none_match: str | None
    if_modified_since: str | None
    user_agent: str | None

    @property
    def is_conditional(self) -> bool:
        """Whether the client sent a validator of an earlier answer."""
        return self.if_none_match is not None or self.if_modified_since is not None


def count_conditional(entries: Iterable[Entry], *, status: int | None = None) -> int:
    """How many requests carried a validator; with `status` only those that were answered so (304, say)."""
    return sum(e.is_conditional and status in (None, e.status) for e in entries)


def read_log(path: Path) -> tuple[Entry, ...]:
    """The entries of a log file. Raises OSError, json.JSONDecodeError or TypeError where it is not one."""
    return tuple(Entry(**json.loads(line)) for line in path.read_text("utf-8").splitlines())


def now_text() -> str:
    """The present as the log writes it: UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AccessLog:
    """Entries in the order of their answers; written through to a file, where one is given, line by line."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._file: IO[str] | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    def add(self, entry: Entry) -> None:
        """Record one request."""
        line = json.dumps(dataclasses.asdict(entry), ensure_ascii=False)
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(line + "\n")
                self._file.flush()

    def entries(self, *, site: str | None = None, since: int = 0) -> tuple[Entry, ...]:
        """The entries from number `since` on, of one site or of all."""
        with self._lock:
            return tuple(e for e in self._entries[since:] if site in (None, e.site))

    def close(self) -> None:
        """Close the file; the entries in memory stay."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
