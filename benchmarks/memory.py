"""Peak memory of this process and its children: the sum of their proportional set sizes, sampled.

What processes share is counted once; file pages that a process has mapped count as far as they are mapped.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

INTERVAL_S = 0.2


class PeakMemory:
    """A context that samples until it is left; `peak_mb` is the most that was seen."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, tree_pss_mb(Path("/proc/self")))
            if self._done.wait(INTERVAL_S):
                return


def tree_pss_mb(process: Path) -> float:
    """PSS of a process, given as its folder below /proc, and of all its descendants, in MB; 0 for one that is gone."""
    try:
        rollup = (process / "smaps_rollup").read_text()
        children = [c for task in (process / "task").iterdir() for c in (task / "children").read_text().split()]
    except (OSError, ProcessLookupError):
        return 0.0
    own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return own / 1000 + sum(tree_pss_mb(Path("/proc") / child) for child in children)
