"""Progress bars in the Prefect UI: one artifact for each stage that takes long enough for somebody to look.

A thread of its own posts them: a crawl reports its progress from an event loop, which must not wait for the server, and
a bar that is some seconds old is as good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.progress import Progress, also_listening
from transforms.masking import masked

PATIENCE_S = 5.0
"""A stage that is done by then gets no bar; after that each is posted anew as often."""


@contextmanager
def progress_shown(name: str) -> Iterator[None]:
    """Within the block, progress is shown as an artifact named after `name`."""
    stop, latest = Event(), list[Progress]()
    thread = Thread(target=copy_context().run, args=(_post, name, latest, stop), name="progress", daemon=True)
    thread.start()
    try:
        with also_listening(lambda progress: latest.__setitem__(slice(None), [progress])):
            yield
    finally:
        stop.set()
        thread.join()


def share_of(progress: Progress) -> float:
    """How far a stage is, in per cent; 0 where nobody knows how much there is."""
    return min(100.0, 100.0 * progress.done / progress.total) if progress.total else 0.0


def _post(name: str, latest: list[Progress], stop: Event) -> None:
    posted: UUID | None = None
    while not stop.wait(PATIENCE_S):
        if latest:
            posted = _put(name, latest[0], posted)
    if posted is not None and latest:
        _put(name, latest[0], posted, is_done=True)


def _put(name: str, progress: Progress, posted: UUID | None, *, is_done: bool = False) -> UUID:
    share = 100.0 if is_done else share_of(progress)
    total, note = f" of {progress.total}" if progress.total else "", masked(progress.note)
    words = f"{name}: {progress.done}{total} {note}"
    if posted is None:
        key = "progress-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        made = create_progress_artifact(progress=share, key=key, description=words.strip())
        return made if isinstance(made, UUID) else UUID(str(made))
    update_progress_artifact(artifact_id=posted, progress=share, description=words.strip())
    return posted
