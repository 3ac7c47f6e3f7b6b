"""Captures and lake in a bucket, with the data directory as the writer's place and a bounded cache.

Beside the files, `.stored/` says of each what is known of its object: its etag and size, and how the local copy looked
then. A local file that does not look so was never stored, or has been changed since, and `keep` stores it; an object
that has another etag was changed elsewhere, and `fetch` copies it anew. What the notes say can be lost: then files are
stored or copied once more. Only a file whose note matches is ever dropped to make room.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.bucket import Bucket, Stored
from warehouse.storage import Storage
from warehouse.store import local_sizes

AT_ONCE = 8
"""Requests at a time: a batch has some seven files, and each takes a server's answer."""
KEPT_FOR_USERS_S = 900.0
"""A local copy that was used within this time stays, whatever the budget: somebody may be about to read it."""
TRIM_PAUSE_S = 60.0
SCRATCH_MAX_S = 86_400.0

_NOTES = ".stored"
_UNFINISHED = (".open", ".tmp", ".lock")


@dataclass(frozen=True, slots=True)
class _Note:
    """What is known of a stored file: its object, and the local file that equals it."""

    etag: str
    bytes: int
    modified_ns: int

    def is_of(self, path: Path) -> bool:
        """Whether the local file is still the one that was stored."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.bytes, self.modified_ns)


class BucketStore:
    """The store of a data directory whose captures and lake are in a bucket. See `warehouse.store.Store`."""

    def __init__(self, root: Path, storage: Storage, *, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self.storage = storage
        self.bucket = Bucket(storage)
        self._clock = clock
        self._trimmed_at = 0.0

    def keep(self, paths: Iterable[Path]) -> None:
        """Store what is not stored as it is now, several at a time; returns when all of it is there."""
        self._each(self._keep, [path for path in paths if not self.is_copy(path)])

    def overwrite(self, paths: Iterable[Path]) -> None:
        """Store files in place of what is stored under their names: only for who has changed what is stored."""
        self._each(self._put, list(paths))

    def drop(self, paths: Iterable[Path]) -> None:
        """Remove the local copies of stored files."""
        for path in paths:
            if self.is_copy(path):
                path.unlink(missing_ok=True)
                self._note_of(path).unlink(missing_ok=True)

    def fetch(self, paths: Iterable[Path]) -> None:
        """Copy what is not here, and captures that were changed elsewhere. Files of the lake never change."""
        self._each(self._fetch, list(paths))

    def sizes(self, folder: Path) -> Mapping[str, int]:
        """What is stored, and what is complete here and will be."""
        here = {name: size for name, size in local_sizes(folder).items() if not name.endswith(_UNFINISHED)}
        return here | {name: one.bytes for name, one in self.stored(folder).items()}

    def names(self, folder: Path) -> set[str]:
        """What is stored in a folder, and what is complete here and will be."""
        return {name for name in self.sizes(folder) if "/" not in name}

    def size(self, path: Path) -> int | None:
        """Bytes of what is stored, or of what is here and will be."""
        if path.is_file() and not self.is_copy(path):
            return path.stat().st_size
        found = self.bucket.head(self._key(path))
        return None if found is None else found.bytes

    def remove(self, paths: Iterable[Path]) -> None:
        """Delete the objects, then the local copies."""
        gone = list(paths)
        self.bucket.delete([self._key(path) for path in gone])
        for path in gone:
            path.unlink(missing_ok=True)
            self._note_of(path).unlink(missing_ok=True)

    def read_range(self, path: Path, start: int, end: int) -> bytes:
        """Some bytes of a stored file. Raises FileNotFoundError."""
        return self.bucket.get_range(self._key(path), start, end)

    def fetch_to(self, path: Path, target: Path) -> None:
        """Copy what is stored, whatever lies here, to another place, with its time. Raises FileNotFoundError."""
        at = self.bucket.download(self._key(path), target, scratch=self.scratch()).modified_at.timestamp()
        os.utime(target, (at, at))

    def stored(self, folder: Path) -> Mapping[str, Stored]:
        """What is stored below a folder, by the path below it."""
        below = self._key(folder)
        return {one.key.removeprefix(below + "/"): one for one in self.bucket.list(below)}

    def is_copy(self, path: Path) -> bool:
        """Whether a local file is the copy of one that is stored."""
        note = _read_note(self._note_of(path))
        return note is not None and note.is_of(path)

    def scratch(self) -> Path:
        """A folder for what is there for a moment; `sweep` clears up what a killed process left in it."""
        folder = self.root / _NOTES / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def sweep(self) -> None:
        """Remove what has lain in the scratch folder for a day: whoever made it was killed."""
        for left in self.scratch().iterdir():
            if self._clock() - left.stat().st_mtime > SCRATCH_MAX_S:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)

    def trim(self, folder: Path) -> int:
        """Drop local copies below a folder until all copies keep to the budget, the least used first; how many.

        Only files that are stored as they lie here, and that nobody has used for a while.
        """
        if self._clock() - self._trimmed_at < TRIM_PAUSE_S:
            return 0
        self._trimmed_at = self._clock()
        copies: list[tuple[float, Path, int]] = []
        for top in ("captures", "lake"):
            for place in (self.root / _NOTES / top).rglob("*"):
                if (note := _read_note(place)) is None:
                    continue
                path = self.root / place.relative_to(self.root / _NOTES)
                if note.is_of(path):
                    copies.append((place.stat().st_mtime, path, note.bytes))
                elif not path.exists():
                    place.unlink(missing_ok=True)
        left = sum(size for _, _, size in copies) - self.storage.cache_bytes
        dropped = 0
        for used_at, path, size in sorted(copies):
            if left <= 0 or self._clock() - used_at < KEPT_FOR_USERS_S:
                break
            if path.is_relative_to(folder):
                path.unlink(missing_ok=True)
                self._note_of(path).unlink(missing_ok=True)
                left -= size
                dropped += 1
        return dropped

    def _keep(self, path: Path) -> None:
        if path.is_relative_to(self.root / "captures") and not self._note_of(path).exists():
            # stored by a process that was killed before it noted so, and perhaps changed elsewhere since
            found = self.bucket.head(self._key(path))
            if found is not None and found.bytes == path.stat().st_size:
                self._copy(path)
                return
        self._put(path)

    def _put(self, path: Path) -> None:
        before = path.stat().st_mtime_ns
        self._write_note(path, self.bucket.put(self._key(path), path), before)

    def _fetch(self, path: Path) -> None:
        place = self._note_of(path)
        note = _read_note(place)
        if path.is_file():
            if note is None or not note.is_of(path):
                return  # ours, and not stored yet
            if path.is_relative_to(self.root / "lake"):
                os.utime(place)
                return
            found = self.bucket.head(self._key(path))
            if found is None or found.etag == note.etag:
                os.utime(place)
                return
        with suppress(FileNotFoundError):  # whoever opens it says so
            self._copy(path)

    def _copy(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = self.bucket.download(self._key(path), path, scratch=self.scratch())
        self._write_note(path, found, path.stat().st_mtime_ns)

    def _each(self, work: Callable[[Path], None], paths: Sequence[Path]) -> None:
        if len(paths) == 1:
            work(paths[0])
        elif paths:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="storage") as executor:
                for done in [executor.submit(work, path) for path in paths]:
                    done.result()

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _note_of(self, path: Path) -> Path:
        return self.root / _NOTES / path.relative_to(self.root)

    def _write_note(self, path: Path, found: Stored, modified_ns: int) -> None:
        place = self._note_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps({"etag": found.etag, "bytes": found.bytes, "modified_ns": modified_ns}))
        temporary.replace(place)


def _read_note(path: Path) -> _Note | None:
    try:
        return _Note(**json.loads(path.read_bytes()))
    except (FileNotFoundError, IsADirectoryError, ValueError, TypeError):
        return None
