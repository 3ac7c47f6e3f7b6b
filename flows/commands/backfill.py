"""`broadsheet backfill`: months of WARC files, from lists, folders and the web, beside the daily runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from flows.archives.report import BackfillReport
from flows.archives.work import BackfillOptions, run_backfill, spare_workers
from flows.commands import show
from flows.commands.jobs import Job, run_job
from flows.commands.options import DataDirOption, PrefectOption, PrivateOption
from flows.parameters import Keep
from flows.settings import make_settings
from warehouse.errors import UserError

ROWS_SHOWN = 20


def backfill(
    *archives: Annotated[str, Parameter(help="lists of WARC paths or addresses, WARC files, folders")],
    month: Annotated[str, Parameter(help="only files whose path names this month, as 2026-10")] = "",
    base: Annotated[str, Parameter(help="what the lines of a list are relative to [the list's site or folder]")] = "",
    keep: Annotated[Keep, Parameter(help="all, or none: drop a WARC file once each of its pages is loaded")] = Keep.ALL,
    disk_budget: Annotated[
        float | None, Parameter(help="GB that the WARC files may take on disk at a time [the free disk but 2 GB]")
    ] = None,
    files_max: Annotated[int, Parameter(help="so many files at most in this run; 0 is all")] = 0,
    retry: Annotated[bool, Parameter(help="try files again that failed three times", negative="")] = False,
    data_dir: DataDirOption = None,
    allow_private: PrivateOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Take in WARC files from lists, folders and the web. Stop it at any time: the next one carries on."""
    if not archives:
        raise UserError("nothing to backfill: give lists of WARC files, WARC files or folders")
    if disk_budget is not None and disk_budget <= 0:
        raise UserError("--disk-budget must be more than 0 GB")
    options = BackfillOptions(
        month=month,
        base=base,
        keep=keep,
        budget_bytes=round(disk_budget * 1e9) if disk_budget else None,
        files_max=files_max,
        is_retrying=retry,
    )
    given = [one if "://" in one else str(Path(one).absolute()) for one in archives]

    job: Job[BackfillReport] = Job(
        given={
            "data_dir": data_dir,
            "allow_private": allow_private,
            "workers": spare_workers(make_settings().workers),
        },
        direct=lambda run, steps: run_backfill(run, given, steps, options),
        flow="flows.backfill:backfill",
        parameters={
            "archives": given,
            "month": month,
            "base": base,
            "keep": keep,
            "disk_budget_gigabytes": disk_budget,
            "files_max": files_max,
            "is_retrying": retry,
            "data_dir": data_dir and data_dir.absolute(),
            "allow_private": allow_private or [],
        },
    )
    return finish_backfill(run_job(job, is_orchestrated=prefect))


def finish_backfill(report: BackfillReport) -> int:
    """Show a report; the exit code is 1 where something was not had or does not balance."""
    rows = report.rows()
    wanted = [row for row in rows if row["state"] != "loaded" or row["captures"] != row["loaded"]] or rows
    shown = wanted[:ROWS_SHOWN]
    title = f"{len(shown)} of {len(rows)} files" if len(shown) < len(rows) else None
    if rows:
        table = [[str(cell) for cell in row.values()] for row in shown]
        show.table(list(rows[0]), table, title=title, numbers=("MB", "captures", "loaded"))
    for problem in report.problems[:ROWS_SHOWN]:
        show.say(f"broadsheet: {problem}")
    print(report.words())
    return 1 if report.problems else 0
