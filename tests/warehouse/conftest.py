from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.datadir import DataDir


@pytest.fixture
def datadir(tmp_path: Path) -> DataDir:
    return DataDir.open(tmp_path / "data", create=True)
