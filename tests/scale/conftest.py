"""An S3-speaking server for the tests that want one; the made-up press of the warehouse's tests is used here too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "warehouse"))


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a server with one bucket, and its keys in the environment."""
    from s3_server import KEYS, missing, s3_server

    if reason := missing():
        pytest.skip(reason)
    with s3_server(tmp_path_factory.mktemp("s3")) as endpoint, pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield endpoint


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; each test makes a database of its own in it."""
    from postgres_server import missing, postgres_server

    if reason := missing():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server
