"""Shards that take the whole run with them: counted over runs, then read page by page, and the guilty page left out.

A page that kills its extraction child costs itself alone (`flows.pool`). One that makes the system end the run's own
process would end every later run too, since each carries on where the last one broke off. So each try at a shard leaves
a note that only a try which ends, well or with an error, takes away. After two such tries the third goes page by page
and notes the page in hand; whatever page stood there when that was killed as well is rejected from then on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from transforms.outcome import Outcome
from transforms.page import Extracted, Page, Rejected
from warehouse.datadir import DataDir, write_atomically

TRIES_MAX = 3
"""The try that goes page by page. A page that outlives this one too was not to blame."""


class Mapper(Protocol):
    """What extraction needs of a pool."""

    def map(self, items: Iterable[Page], /) -> Iterator[tuple[int, Extracted | Rejected]]:
        """Give each item's number and its result."""


@dataclass(frozen=True, slots=True)
class _Note:
    """How often a shard was begun and neither finished nor failed; pages that were in hand; the one that is."""

    batch_id: str
    tries: int = 0
    guilty: tuple[str, ...] = ()
    in_hand: str | None = None


class Attempt:
    """One try at a shard."""

    def __init__(self, path: Path, note: _Note) -> None:
        self._path, self._note = path, note

    @property
    def is_careful(self) -> bool:
        """Whether earlier tries were killed so often that this one goes page by page."""
        return self._note.tries >= TRIES_MAX

    def over(self, pool: Mapper) -> Mapper:
        """The pool, or where care is needed one that gives it page after page."""
        return _OneByOne(self, pool) if self.is_careful else pool

    def is_guilty(self, page: Page) -> bool:
        """Whether a try was killed while it had the page in hand."""
        return page.capture_id in self._note.guilty

    def take(self, page: Page | None) -> None:
        """Note durably which page is in hand."""
        self._note = replace(self._note, in_hand=page.capture_id if page else None)
        _write(self._path, self._note)


@contextmanager
def attempted(datadir: DataDir, batch_id: str) -> Iterator[Attempt]:
    """A try at the shard of this batch. Only a kill leaves its note behind: an error is no page's fault."""
    path = datadir.root / "attempts" / f"{hashlib.sha256(batch_id.encode()).hexdigest()[:24]}.json"
    note = _read(path, batch_id)
    if note.in_hand:
        note = replace(note, guilty=(*note.guilty, note.in_hand), in_hand=None)
    path.parent.mkdir(exist_ok=True)
    _write(path, replace(note, tries=note.tries + 1))
    try:
        yield Attempt(path, replace(note, tries=note.tries + 1))
    except BaseException:
        if note.tries:
            _write(path, note)
        else:
            path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


class _OneByOne:
    """Gives a pool one page at a time, none that is guilty."""

    def __init__(self, attempt: Attempt, pool: Mapper) -> None:
        self._attempt, self._pool = attempt, pool

    def map(self, items: Iterable[Page], /) -> Iterator[tuple[int, Extracted | Rejected]]:
        for number, page in enumerate(items):
            if self._attempt.is_guilty(page):
                detail = f"ended the whole run, {TRIES_MAX} times"
                yield number, Rejected(outcome=Outcome.EXTRACT_CRASHED, detail=detail)
                continue
            self._attempt.take(page)
            yield from ((number, result) for _, result in self._pool.map([page]))
        self._attempt.take(None)


def _read(path: Path, batch_id: str) -> _Note:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        note = _Note(**{**fields, "guilty": tuple(fields["guilty"])})
    except (OSError, ValueError, TypeError, KeyError):
        return _Note(batch_id)
    return note if note.batch_id == batch_id else _Note(batch_id)


def _write(path: Path, note: _Note) -> None:
    write_atomically(path, json.dumps(asdict(note)).encode())
