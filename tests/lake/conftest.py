"""Each test of the DuckLake runs on both catalogs. They need the extra [lake], so most environments skip them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres_cluster import make_database, programs, running

from warehouse.datadir import DataDir
from warehouse.lakehouse import Lakehouse

sys.path.append(str(Path(__file__).parent.parent / "warehouse"))

_COUNTER = itertools.count()


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with running(folder) as port:
        yield port


@pytest.fixture(params=["sqlite", "postgres"])
def lakehouse(request: pytest.FixtureRequest) -> Lakehouse:
    """A DuckLake that does not exist yet."""
    if request.param == "sqlite":
        return Lakehouse()
    return new_lakehouse(request.getfixturevalue("postgres_port"))


def new_lakehouse(port: int) -> Lakehouse:
    folder = programs()
    assert folder is not None
    return Lakehouse(make_database(folder, port, f"lake{next(_COUNTER)}"))


@pytest.fixture
def lake(lakehouse: Lakehouse, tmp_path: Path) -> DataDir:
    """A data directory whose warehouse is a DuckLake, with nothing loaded."""
    return DataDir.open(tmp_path / "lake", create=True, lakehouse=lakehouse)


@pytest.fixture
def file(tmp_path: Path) -> DataDir:
    """A data directory beside it, with the file."""
    return DataDir.open(tmp_path / "file", create=True)


@pytest.fixture
def both(file: DataDir, lake: DataDir) -> Callable[[Callable[[DataDir], object]], None]:
    """Do the same to both."""

    def do(work: Callable[[DataDir], object]) -> None:
        work(file)
        work(lake)

    return do
