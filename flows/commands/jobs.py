"""Runs as a user asks for them: under Prefect where a server is there to show it, else as plain stages."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Generic, TypeVar

from flows import prefect_env
from flows.commands import show
from flows.commands.options import open_as_set, open_existing
from flows.report import RunReport
from flows.runs import Run, open_run
from flows.settings import Settings, make_settings
from flows.sources import Source
from flows.steps import Aside, Steps, direct_steps

R = TypeVar("R")
"""What a job reports."""


@dataclass(frozen=True, slots=True)
class Job(Generic[R]):
    """One run as a user asked for it: as plain stages, and as the flow that does the same under Prefect."""

    given: dict[str, Any]
    """Settings given on the command line."""
    direct: Callable[[Run, Steps], R]
    flow: str
    """The flow as `module:name`; imported only where Prefect is wanted, since its import takes a second."""
    parameters: dict[str, Any]
    """The flow's parameters."""
    sources: Callable[[Settings], tuple[Source, ...]] = lambda _: ()
    """What a crawl is over."""
    is_forced: bool = False
    is_rebuild: bool = False
    aside: Aside | None = None


def run_job(job: Job[R], *, is_orchestrated: bool | None = None) -> R:
    """Run a job and give its report.

    `is_orchestrated` None: under Prefect where a server is there to show it, else without, which starts at once.
    True: under Prefect in any case; without a server it starts a temporary one. Raises UserError.
    """
    settings = make_settings(**job.given)
    data_dir = settings.data_dir
    open_as_set(settings, create=True)
    server = prefect_env.find_server(data_dir, os.environ)
    if is_orchestrated or (is_orchestrated is None and server):
        if server:
            prefect_env.require_reachable(server)
        os.environ.update(prefect_env.client_environment(data_dir, server, os.environ))
        show.say(
            f"prefect: {server}" if server else "prefect: no server is running, starting a temporary one (some 10 s) …"
        )
        flow = resolve_name(job.flow)
        from prefect import tags

        with show.progress_shown(), tags("broadsheet", "by hand"):
            report: R = flow(**job.parameters)
        return report
    run = open_run(**job.given)
    sources = job.sources(run.settings)
    with (
        show.progress_shown(),
        direct_steps(run, sources, is_forced=job.is_forced, is_rebuild=job.is_rebuild, aside=job.aside) as steps,
    ):
        return job.direct(run, steps)


def finish(report: RunReport, data_dir: Path | None) -> int:
    """Show a report; the exit code is 1 where something could not be read or the counts do not balance."""
    show.run_report(report)
    if report.fetches and report.is_loaded:
        from warehouse.run_sources import run_sources

        show.sources(run_sources(open_existing(data_dir), report.run_id))
    return 1 if report.problems or not report.is_balanced else 0
