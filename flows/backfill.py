"""A backfill as a Prefect flow: what `broadsheet backfill` does, to be asked for from the run form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.archives.work import BackfillOptions, run_backfill, spare_workers
from flows.final_state import in_words
from flows.orchestrate import as_tasks
from flows.parameters import ArchiveLists, FileCount, Gigabytes, Keep, Month, Networks
from flows.runs import open_run
from flows.settings import make_settings
from flows.steps import direct_steps
from transforms.masking import masked


def _backfill_name() -> str:
    given = runtime.flow_run.parameters
    names = [masked(str(one)).rstrip("/").rpartition("/")[2] for one in given.get("archives") or []]
    month = f" of {given['month']}" if given.get("month") else ""
    return f"backfill {', '.join(names[:3])}" + (f" and {len(names) - 3} more" if len(names) > 3 else "") + month


@flow(name="backfill", flow_run_name=_backfill_name, validate_parameters=True)
@in_words
def backfill(
    archives: ArchiveLists,
    month: Month = "",
    *,
    base: str = "",
    keep: Keep = Keep.ALL,
    disk_budget_gigabytes: Gigabytes | None = None,
    files_max: FileCount = 0,
    is_retrying: bool = False,
    data_dir: Path | None = None,
    allow_private: Networks | None = None,
) -> State[Any]:
    """Take in WARC files from lists, folders and the web, one after the other; a later run carries on.

    Args:
        archives: lists of WARC paths or addresses (also in gzip, also at an address), WARC files, or folders of them
        month: only files whose path names this month, as 2026-10; empty: all
        base: what the lines of a list are relative to; empty: the list's own site or folder
        keep: all keeps every WARC file under captures/; none drops it once each of its pages is loaded
        disk_budget_gigabytes: what the WARC files may take on disk at a time; empty: the free disk but 2 GB
        files_max: so many files at most in this run; 0: all
        is_retrying: try files again that failed three times
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        allow_private: private addresses or networks that may be fetched from, any port there
    """
    workers = spare_workers(make_settings().workers)
    run = open_run(data_dir=data_dir, allow_private=allow_private, workers=workers)
    options = BackfillOptions(
        month=month,
        base=base,
        keep=keep,
        budget_bytes=round(disk_budget_gigabytes * 1e9) if disk_budget_gigabytes else None,
        files_max=files_max,
        is_retrying=is_retrying,
    )
    with direct_steps(run) as steps:
        report = run_backfill(run, archives, as_tasks(steps), options)
    create_table_artifact(table=report.rows(), key="backfill", description=report.words())
    if report.problems:
        message = f"{report.words()}; first: {masked(report.problems[0])}"
        return Completed(name="Completed with problems", message=message, data=report)
    return Completed(message=report.words(), data=report)
