from __future__ import annotations

from pathlib import Path

import pytest
from lake_extra import needs_extra
from lake_killing import kill_repeatedly

from warehouse.lakehouse import Lakehouse

pytestmark = [needs_extra, pytest.mark.kill, pytest.mark.slow]


def test_killed_writers_lose_nothing_and_readers_see_whole_loads(lakehouse: Lakehouse, tmp_path: Path) -> None:
    """One kill in some steps; `python tests/lake/lake_killing.py` does many."""
    died, seen = kill_repeatedly(lakehouse, tmp_path, kills=5, seed=1)
    assert died.total() == 5
    assert seen.reads
