"""The manifest in a bucket: immutable objects, of which the listing is the truth.

A bucket has no rename and no lock that other machines would see, so nothing is ever replaced there. Each commit is one
object with a name of its own; now and then all are folded into a snapshot, and what it holds is deleted. The names are
numbered by what their writer had seen listed, so a commit that follows another has the larger name. What a batch is,
is decided by the largest of its stamps: (name of the commit of its content, name of the commit of its place). Taking
the largest gives the same result in any order and however often, so machines need not agree on anything: two may commit
and fold at once, a killed one leaves at most an object more. A compaction has the stamp of the content that it moved,
so it never brings back what was made anew meanwhile. `log-` comes before `snapshot-` in a listing: whoever misses a
folded commit finds the snapshot that holds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from warehouse.bucket_store import BucketStore
from warehouse.errors import LakeError
from warehouse.manifest import Entry

FORMAT_VERSION = 1
FOLD_COUNT = 100
"""So many commits are folded: each is a request the first time that it is read, and a small file beside the lake."""

_FOLDER = "lake/manifest"
_NAME = re.compile(r"(?P<kind>log|snapshot)-(?P<stamp>(?P<number>\d{12})-[0-9a-f]{12})\.json")
_TRIES = 5
_RELEASED_KEPT = timedelta(days=2)
"""That a file is not named any more since a longer time nobody needs to know: it is gone, or may go by its age."""


@dataclass(frozen=True, slots=True)
class Held:
    """One batch as some commit says that it is; no entries where it was dropped."""

    content: str
    """Stamp of the commit of these rows."""
    place: str
    """Stamp of the commit that said where they lie: the same, or that of a compaction."""
    at: str
    """When that was, ISO 8601 in UTC."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class State:
    """All batches, dropped ones included, and since when files are not named any more."""

    batches: Mapping[str, Held]
    released: Mapping[str, datetime]
    names: tuple[str, ...]
    """The objects that say so."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, in order."""
        return tuple(sorted(entry for held in self.batches.values() for entry in held.entries))


def read_state(store: BucketStore) -> State:
    """The manifest as it is now. Raises LakeError for a damaged or lost one, StorageError."""
    for _ in range(_TRIES):
        names = _listed(store)
        try:
            contents = [_content(store, name) for name in names]
        except FileNotFoundError:
            continue  # folded since it was listed
        if not names and any(one.key.endswith(".parquet") for one in store.bucket.list("lake")):
            raise LakeError(_lost(store))
        return _merged(contents, names)
    raise LakeError(f"{store.storage.url}/{_FOLDER} changes faster than it can be read: try again")


def begin(store: BucketStore) -> None:
    """See that there is a manifest before the first file: files without one mean that it was lost."""
    if not any((store.root / _FOLDER).glob("*.json")) and not _listed(store):
        _put(store, "snapshot", (), {"batches": [], "released": {}})


def put_batches(store: BucketStore, batches: Mapping[str, Sequence[Entry]]) -> None:
    """Commit batches with new content, in one piece; no entries drop a batch."""
    _commit(store, lambda stamp: [_line(key, stamp, stamp, entries) for key, entries in batches.items()])


def move(store: BucketStore, moved: Mapping[Entry, Entry]) -> None:
    """Commit that rows lie elsewhere. Batches that were made anew meanwhile stay as they are."""
    state = read_state(store)
    touched = {
        key: tuple(moved.get(entry, entry) for entry in held.entries)
        for key, held in state.batches.items()
        if any(entry in moved for entry in held.entries)
    }
    if touched:
        _commit(
            store,
            lambda stamp: [_line(key, state.batches[key].content, stamp, touched[key]) for key in sorted(touched)],
        )


def rewrite(store: BucketStore, entries: Iterable[Entry]) -> None:
    """Say anew what there is, and forget what was said before."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(entry.batch_id, []).append(entry)
    names = _listed(store)
    stamp = _stamp(names)
    lines = [_line(key, stamp, stamp, listed) for key, listed in sorted(grouped.items())]
    _put(store, "snapshot", names, {"batches": lines, "released": {}}, stamp=stamp)
    _delete(store, names)


def fold(store: BucketStore) -> None:
    """Put one snapshot in place of all objects that are there."""
    state = read_state(store)
    since = datetime.now(UTC) - _RELEASED_KEPT
    snapshot = {
        "batches": [_line(key, h.content, h.place, h.entries, at=h.at) for key, h in sorted(state.batches.items())],
        "released": {path: at.isoformat() for path, at in sorted(state.released.items()) if at > since},
    }
    _put(store, "snapshot", state.names, snapshot)
    _delete(store, state.names)


def _commit(store: BucketStore, lines: Callable[[str], list[dict[str, Any]]]) -> None:
    names = _listed(store)
    if not names:
        raise LakeError(_lost(store))  # `begin` made one
    stamp = _stamp(names)
    _put(store, "log", names, {"batches": lines(stamp)}, stamp=stamp)
    if sum(name.startswith("log-") for name in names) >= FOLD_COUNT:
        fold(store)


def _merged(contents: Iterable[Mapping[str, Any]], names: Sequence[str]) -> State:
    best: dict[str, Held] = {}
    seen: list[tuple[str, Held]] = []
    released: dict[str, datetime] = {}
    for content in contents:
        for line in content["batches"]:
            held = Held(line["content"], line["place"], line["at"], tuple(Entry(**e) for e in line["entries"]))
            key = line["batch_id"]
            seen.append((key, held))
            if key not in best or (best[key].content, best[key].place) < (held.content, held.place):
                best[key] = held
        released |= {path: datetime.fromisoformat(at) for path, at in content.get("released", {}).items()}
    named = {entry.path for held in best.values() for entry in held.entries}
    for key, held in seen:
        since = datetime.fromisoformat(best[key].at)
        for entry in held.entries:
            if entry.path not in named:
                released[entry.path] = max(since, released.get(entry.path, since))
    return State(best, {path: at for path, at in released.items() if path not in named}, tuple(names))


def _lost(store: BucketStore) -> str:
    return f"{store.storage.url}/{_FOLDER} is lost: `broadsheet verify --repair` makes the manifest anew from the files"


def _listed(store: BucketStore) -> list[str]:
    found = (one.key.rpartition("/")[2] for one in store.bucket.list(_FOLDER))
    return [name for name in found if _NAME.fullmatch(name)]


def _content(store: BucketStore, name: str) -> Mapping[str, Any]:
    """One object, from its copy here where there is one: objects never change. Raises FileNotFoundError."""
    copy = store.root / _FOLDER / name
    place = f"{store.storage.url}/{_FOLDER}/{name}"
    try:
        raw = copy.read_bytes()
    except FileNotFoundError:
        raw = store.bucket.get(f"{_FOLDER}/{name}")
        _write_copy(store, name, raw)
    try:
        content = json.loads(raw)
        version = content["version"]
        if version == FORMAT_VERSION:
            return dict(content)
    except (ValueError, TypeError, KeyError) as error:
        copy.unlink(missing_ok=True)
        raise LakeError(f"{place} is damaged: `broadsheet verify --repair` makes it anew from the files") from error
    raise LakeError(f"{place} has version {version}, this Broadsheet knows {FORMAT_VERSION}: use a newer Broadsheet")


def _put(
    store: BucketStore, kind: str, listed: Sequence[str], content: Mapping[str, Any], *, stamp: str | None = None
) -> None:
    name = f"{kind}-{stamp or _stamp(listed)}.json"
    raw = json.dumps({"version": FORMAT_VERSION, **content}, ensure_ascii=False).encode()
    store.bucket.put(f"{_FOLDER}/{name}", raw)
    _write_copy(store, name, raw)


def _write_copy(store: BucketStore, name: str, raw: bytes) -> None:
    folder = store.root / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{name}.{token_hex(4)}.tmp"
    temporary.write_bytes(raw)
    temporary.replace(folder / name)


def _delete(store: BucketStore, names: Sequence[str]) -> None:
    store.bucket.delete([f"{_FOLDER}/{name}" for name in names])
    listed = set(_listed(store))
    for copy in (store.root / _FOLDER).iterdir():
        if copy.name not in listed:
            with suppress(FileNotFoundError):
                copy.unlink()


def _stamp(listed: Sequence[str]) -> str:
    numbers = [int(found["number"]) for name in listed if (found := _NAME.fullmatch(name))]
    return f"{max(numbers, default=0) + 1:012d}-{token_hex(6)}"


def _line(key: str, content: str, place: str, entries: Iterable[Entry], *, at: str | None = None) -> dict[str, Any]:
    return {
        "batch_id": key,
        "content": content,
        "place": place,
        "at": at or datetime.now(UTC).isoformat(),
        "entries": [asdict(entry) for entry in entries],
    }
