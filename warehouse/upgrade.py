"""Bringing a data directory of an earlier layout up to the present one, step by step, before anything is written to it.

Each step can be done twice, and the version file is written after it: whatever moment an upgrade is killed at, the next
start does the rest. What a step changes is replaced atomically, and the warehouse is left alone: readers go on with the
rows that they have until the next load, which builds it anew with the present columns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from warehouse.datadir import LAYOUT_VERSION, DataDir
from warehouse.locks import locked
from warehouse.manifest import Manifest, lake_lock, manifest_path

_log = logging.getLogger(__name__)


def upgrade(
    datadir: DataDir,
    *,
    on_note: Callable[[str], None] = _log.warning,
    on_step: Callable[[str], None] = lambda _: None,
) -> None:
    """Upgrade to the present layout; told in one line. Nothing is done to one that has it.

    Raises LakeError where the lake cannot be read, DataDirError for a layout that this code does not know.
    """
    with locked(datadir.lock, purpose="upgrade the data directory", on_wait=on_note):
        found = datadir.read_version()
        for version in range(found, LAYOUT_VERSION):
            on_step(f"upgrade from {version}")
            _STEPS[version](datadir)
            on_step(f"upgraded from {version}")
            datadir.write_version(version + 1)
    if found < LAYOUT_VERSION:
        on_note(
            f"{datadir.root}: upgraded from layout {found} to {LAYOUT_VERSION}; "
            "the next load builds the warehouse anew from the lake, until then readers have it as it was"
        )


def _from_1(datadir: DataDir) -> None:
    """The manifest is written in its second version, which code of layout 1 refuses, as it would miss shared files."""
    with locked(lake_lock(datadir), purpose="write to the lake"):
        if manifest_path(datadir).exists():
            Manifest.read(datadir).write(datadir)


_STEPS: dict[int, Callable[[DataDir], None]] = {1: _from_1}
"""What brings each layout to the next."""
