"""Files of the lake that somebody has written and nobody has committed yet.

Where the process that writes a batch is not the one that commits it, a load may clear up between the two, and would
take the files for what a killed writer left. So the writer announces its batch before the first file, and the commit
takes the announcement away. Whoever was killed in between leaves one that counts for a day.
"""

from __future__ import annotations

import time

from warehouse.datadir import DataDir

PENDING_MAX_S = 86_400.0
"""An announcement older than this is of a writer that will not come back: no shard takes so long."""


def announce(datadir: DataDir, stem: str) -> None:
    """Say that files whose names begin with `stem` are being written. Again renews it."""
    folder = datadir.lake / ".pending"
    folder.mkdir(exist_ok=True)
    (folder / stem).touch()


def withdraw(datadir: DataDir, stem: str) -> None:
    """The files are in the manifest, or not wanted."""
    (datadir.lake / ".pending" / stem).unlink(missing_ok=True)


def announced(datadir: DataDir) -> tuple[str, ...]:
    """The stems whose files must stay; what was announced too long ago is forgotten.

    List the files before: each was announced before it was there.
    """
    stems = []
    for path in (datadir.lake / ".pending").glob("*"):
        try:
            if time.time() - path.stat().st_mtime < PENDING_MAX_S:
                stems.append(path.name)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass  # withdrawn meanwhile
    return tuple(stems)
