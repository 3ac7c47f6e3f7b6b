"""Subcommands that operate Broadsheet: serve, deploy, and the check of the sources file."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows import prefect_env
from flows.commands import show
from flows.commands.options import DataDirOption, SourcesOption, open_as_set
from flows.runs import pick_sources
from flows.schedules import never_crawled, read_deployments, schedules_of
from flows.settings import make_settings
from warehouse.datadir import DataDir
from warehouse.errors import UserError

ProjectOption = Annotated[Path, Parameter(name="--project", help="folder that holds prefect.yaml")]


def serve(
    *,
    demo: Annotated[bool, Parameter(help="serve the demo press too, and crawl it", negative="")] = False,
    port: Annotated[int, Parameter(help="port of the Prefect server and its UI, on loopback")] = 4200,
    metrics_port: Annotated[
        int | None, Parameter(help="port on loopback where Prometheus can scrape /metrics [none]")
    ] = None,
    project: ProjectOption = Path(),
    data_dir: DataDirOption = None,
) -> int:
    """Run a Prefect server, deploy prefect.yaml, start a worker, until Ctrl-C."""
    from flows.serve import serve as serve_all

    read_deployments(project / "prefect.yaml")  # before a data dir is made in a folder that is not the one meant
    settings = make_settings(data_dir=data_dir)
    datadir = open_as_set(settings, create=True)
    command = None
    if demo:
        from flows.commands.demo import press_command

        command = press_command(datadir, os.environ)
    serve_all(
        project=project,
        data_dir=datadir.root,
        port=port,
        metrics_port=metrics_port,
        demo_command=command,
        say=show.say,
    )
    return 0


def deploy(*, project: ProjectOption = Path(), data_dir: DataDirOption = None) -> int:
    """Check prefect.yaml and deploy all of it to the server that is running."""
    folder = make_settings(data_dir=data_dir).data_dir
    said = dict(os.environ)
    server = prefect_env.find_server(folder, os.environ)
    with prefect_env.home_for_now(folder) as home:
        os.environ.update({**prefect_env.client_environment(folder, server, os.environ), **home})
        from flows.deployment_check import check_deployments

        check_deployments(project / "prefect.yaml")
        if server is None:
            raise UserError("no Prefect server: start one with `broadsheet serve`, or name one in PREFECT_API_URL")
        prefect_env.require_reachable(server)
        from flows.deploy import deploy as deploy_all

        deployed = deploy_all(project, server, said, runs_worker=False)
    print(f"deployed to {server}: {', '.join(deployed.names)}", *deployed.notes, sep="\n")
    return 0


def check(
    *,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
    contact: str | None = None,
    project: ProjectOption = Path(),
) -> int:
    """Say what each source would do, without asking any site, and which ones no schedule of prefect.yaml crawls."""
    from flows.source_check import SourceCheck, check_sources
    from flows.sources import read_urls
    from warehouse.ledger import open_ledger
    from warehouse.ledger_place import is_there

    settings = make_settings(sources_file=sources, data_dir=data_dir, contact=contact)
    known = pick_sources(settings)
    for source in known:
        read_urls(source)  # raises where a list cannot be read
    next_polls = {}
    place = DataDir(settings.data_dir, ledger_url=settings.ledger_url).ledger_place
    if is_there(place):
        with open_ledger(place) as ledger:
            next_polls = ledger.next_polls()
    rows = check_sources(known, settings, next_polls, time.time())
    names = [column.name for column in dataclasses.fields(SourceCheck)]
    show.table(names, [[getattr(row, name) for name in names] for row in rows])
    file = project / "prefect.yaml"
    if file.exists():
        for line in never_crawled(known, schedules_of(read_deployments(file))):
            show.say(f"{file}: {line}")
    return 0
