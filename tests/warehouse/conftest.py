from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic import NOW, Shown, put

from warehouse.datadir import DataDir
from warehouse.load import load


@pytest.fixture
def datadir(tmp_path: Path) -> DataDir:
    """A new data directory without a warehouse."""
    return DataDir.open(tmp_path / "data", create=True)


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = DataDir.open(tmp_path_factory.mktemp("empty") / "data", create=True)
    load(made, run_id="run-0", now=NOW)
    return made.root


@pytest.fixture
def ready(empty_template: Path, tmp_path: Path) -> DataDir:
    """A data directory with an empty warehouse: a first load costs as much as three others."""
    return DataDir.open(Path(shutil.copytree(empty_template, tmp_path / "ready")), create=True)


@pytest.fixture(scope="session")
def loaded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = DataDir.open(tmp_path_factory.mktemp("loaded") / "data", create=True)
    put(made, "a", [Shown(comments=[("1", "So")])])
    put(made, "b", [Shown(minute=3, text="Gone. " * 30)])
    load(made, run_id="run-1", now=NOW)
    return made.root


@pytest.fixture
def loaded(loaded_template: Path, tmp_path: Path) -> DataDir:
    """A data directory with two batches loaded: an article in two versions, with one comment."""
    return DataDir.open(Path(shutil.copytree(loaded_template, tmp_path / "loaded")), create=True)
