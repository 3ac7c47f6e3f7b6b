"""`broadsheet doctor`: a table of what is right and what is not, and exit code 1 where something must be done."""

from __future__ import annotations

import os
from pathlib import Path

from flows.commands import show
from flows.commands.options import DataDirOption
from flows.doctor import Finding, Machine, Mark, check_data, check_machine, check_settings
from flows.settings import Settings
from flows.sources import Source, load_sources
from transforms.masking import masked
from warehouse.errors import UserError


def doctor(*, data_dir: DataDirOption = None) -> int:
    """Check versions, settings, disk, data dir, server, pool, worker and schedules, and say what to do."""
    machine, environ = Machine(), dict(os.environ)
    findings = [*check_machine(machine)]
    settings, about_settings = check_settings(environ)
    findings += about_settings
    folder = data_dir or (settings.data_dir if settings else Path(environ.get("BROADSHEET_DATA_DIR") or "data"))
    places = (settings.lakehouse, settings.ledger_url, settings.store_at) if settings else ()
    findings += check_data(folder, machine, *places)
    from flows.doctor_server import check_server

    findings += check_server(folder, environ, _sources(settings))
    return finish(findings)


def _sources(settings: Settings | None) -> tuple[Source, ...]:
    """What is to be crawled; that a file of sources is wrong is a finding of `check_settings`."""
    try:
        return load_sources(settings.sources_file) if settings else ()
    except UserError:
        return ()


def finish(findings: list[Finding]) -> int:
    """Show the table; 1 where something is bad."""
    show.table(("check", "", "found", "what to do"), [(f.check, f.mark, masked(f.found), f.advice) for f in findings])
    bad, warn = (sum(f.mark is mark for f in findings) for mark in (Mark.BAD, Mark.WARN))
    print(f"{bad} bad, {warn} to look at, {len(findings) - bad - warn} right")
    return 1 if bad else 0
