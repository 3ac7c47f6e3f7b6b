"""Clearing up a lake in a bucket: objects that no batch names go, but none that another machine may be at.

There is no lock that other machines would see, so time is what keeps them apart: what was replaced stays for an hour,
for whoever reads by an earlier manifest, and what was never named stays for an hour after it was written, as its commit
may be on its way. Nothing that is named now goes, whatever was said of it before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from warehouse.bucket_store import BucketStore
from warehouse.manifest_objects import read_state

GRACE = timedelta(hours=1)
"""Far above what a batch takes from its first upload to its commit, and a load from its manifest to its last file."""

_PAUSE = timedelta(hours=1)
"""Beside loads it is done so often at most: it lists the whole lake."""


def vacuum_bucket(store: BucketStore, *, at_once: bool, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """Delete objects of the lake that no batch names; how many. Copies that are too many are dropped too.

    `at_once` leaves no time to others: only where nothing else runs, on any machine.
    """
    store.sweep()
    store.trim(store.root / "lake")
    last = store.root / ".stored" / "vacuumed"
    if not at_once and last.exists() and now().timestamp() - last.stat().st_mtime < _PAUSE.total_seconds():
        return 0
    state = read_state(store)
    named = {entry.path for entry in state.entries}
    until = now() - (timedelta(days=-1) if at_once else GRACE)
    stale = [
        store.root / one.key
        for one in store.bucket.list("lake")
        if one.key.startswith("lake/") and "/month=" in one.key
        if (place := one.key.removeprefix("lake/")) not in named
        and max(state.released.get(place, one.modified_at), one.modified_at) < until
    ]
    store.remove(stale)
    last.parent.mkdir(exist_ok=True)
    last.touch()
    return len(stale)
