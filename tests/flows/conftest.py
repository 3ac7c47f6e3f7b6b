"""The demo press crawled over its editions, once for all tests that ask about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from whole_way import Way, crawl_editions


@pytest.fixture(scope="session")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with crawl_editions(tmp_path_factory.mktemp("way")) as crawled:
        yield crawled
