from collections.abc import Iterator

import pytest

from demo.press import Press


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press(base_port=0) as running:
        yield running


@pytest.fixture(autouse=True)
def first_edition(request: pytest.FixtureRequest) -> None:
    if "press" in request.fixturenames:
        running = request.getfixturevalue("press")
        running.edition = 1
        running.faults.clear()
