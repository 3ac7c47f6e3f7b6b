from __future__ import annotations

from pathlib import Path

import pytest
from lake_extra import needs_extra
from lake_killing import kill_repeatedly

from warehouse.lakehouse import Lakehouse

pytestmark = [needs_extra, pytest.mark.kill, pytest.mark.slow]


def test_killed_writers_lose_nothing_and_readers_see_whole_loads(lakehouse: Lakehouse, tmp_path: Path) -> None:
    """One kill in some steps; `python tests/lake/lake_killing.py` does many."""
    record = kill_repeatedly(lambda: lakehouse, tmp_path, kills=5, seed=1)
    assert record.died.total() == 5
    assert record.directories == 1
    assert record.seen.reads
