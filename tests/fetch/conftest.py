from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crawl_kit import Crawler, Site, sites

from warehouse.datadir import DataDir


@pytest.fixture
def make_site() -> Iterator[Callable[[], Site]]:
    with sites() as make:
        yield make


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    return Crawler(DataDir.open(tmp_path / "data", create=True))
