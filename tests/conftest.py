"""What holds for every test: names that all workers agree on, which worker runs what, and Ctrl-C that can be tested.

pytest-xdist compares the names that its workers collected. A case named by packed bytes differs from worker to
worker, since gzip writes the second into its header: bytes that are no plain text are named by their length.

With `--dist loadfile` the tests of a file stay together, and so do those that look at the crawled press: what a file
serves or crawls first is then made once, not once a worker. Files with slow tests begin, so that none is left at the
end. Nor does hypothesis look at the clock: how long an example takes is another question.
"""

import os
import signal
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what runs in its background so, and every process that a test interrupts would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    if isinstance(val, bytes) and not (val.isascii() and val.decode("ascii").isprintable()):
        return f"{argname}-{len(val)}-bytes"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)


class ByFile(LoadFileScheduling):
    """A worker gets whole files, and one of them all files that look at the crawled press."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the crawled press" if "way: Way" in (self.config.rootpath / file).read_text(encoding="utf-8") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None
