"""Each command that can run under Prefect names a flow that there is, with parameters that it takes."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from flows.commands import backfill, work
from flows.commands.jobs import Job


class AskedError(Exception):
    """Carries a job out of the command that made it."""


COMMANDS: list[tuple[str, Callable[[], int]]] = [
    ("run", lambda: work.run(source=["a"])),
    ("crawl", lambda: work.crawl(allow_private=["127.0.0.1"])),
    ("ingest", lambda: work.ingest(Path("page.html"))),
    ("ingest addresses", lambda: work.ingest(urls=Path("list.txt"))),
    ("extract", lambda: work.extract(again=True)),
    ("load", lambda: work.load(data_dir=Path("data"))),
    ("rebuild", lambda: work.rebuild(sources=Path("sources.toml"))),
    ("reextract", lambda: work.reextract(source=["a"])),
    ("backfill", lambda: backfill.backfill("a.paths", disk_budget=1.0)),
]


@pytest.mark.parametrize("command", [c[1] for c in COMMANDS], ids=[c[0] for c in COMMANDS])
def test_the_flow_is_there_and_takes_the_parameters(
    command: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(job: Job[Any], **_: object) -> None:
        raise AskedError(job)

    monkeypatch.setattr(work, "run_job", taken)
    monkeypatch.setattr(backfill, "run_job", taken)
    with pytest.raises(AskedError) as asked:
        command()
    job: Job[Any] = asked.value.args[0]
    signature(resolve_name(job.flow).fn).bind(**job.parameters)
