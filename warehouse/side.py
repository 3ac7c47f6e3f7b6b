"""The side lake: what a re-extraction gives, kept apart until somebody adopts it.

It is a lake of its own below the data directory, over the same captures. No load reads it, so nothing published can
come from it; `rebuild` makes the lake itself anew, and that is how a new extractor is adopted.
"""

from __future__ import annotations

import shutil

from warehouse.datadir import DataDir
from warehouse.errors import LakeError


def side_lake(datadir: DataDir) -> DataDir:
    """Where a re-extraction writes; its lake need not be there."""
    return DataDir(datadir.root / "reextract")


def begin_side_lake(datadir: DataDir) -> DataDir:
    """The side lake, emptied: half of an earlier re-extraction beside half of this one would compare with nothing."""
    drop_side_lake(datadir)
    side = side_lake(datadir)
    try:
        side.lake.mkdir(parents=True)
    except OSError as error:
        raise LakeError(f"cannot make {side.root}: {error.strerror or error}") from error
    return side


def drop_side_lake(datadir: DataDir) -> None:
    """Delete the side lake, if there is one. Raises LakeError."""
    side = side_lake(datadir)
    try:
        if side.root.exists():
            shutil.rmtree(side.root)
    except OSError as error:
        raise LakeError(f"cannot empty {side.root}: {error.strerror or error}") from error
