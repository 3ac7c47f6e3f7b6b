"""Subcommands that look after the disk: compact, retain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.progress import Progress, report
from flows.runs import open_run
from flows.settings import make_settings
from flows.sizes import size
from warehouse.errors import UserError


def compact(*, data_dir: DataDirOption = None) -> int:
    """Merge small files of the lake into large ones; rows, batches and what is loaded stay the same."""
    from warehouse.compact import compact as merge

    run = open_run(data_dir=open_existing(data_dir).root)
    with show.progress_shown():
        done = merge(run.datadir, on_wait=show.say, on_progress=lambda at, of: report(Progress("compact", at, of)))
    print(done.words())
    return 0


def retain(
    *,
    older_than_days: Annotated[
        int | None, Parameter(help="captures older than this go [BROADSHEET_CAPTURES_MAX_DAYS]")
    ] = None,
    budget_gb: Annotated[
        float | None, Parameter(help="the oldest go until this much is left [BROADSHEET_CAPTURES_MAX_GB]")
    ] = None,
    yes: Annotated[bool, Parameter(help="do it; without, only show what would go", negative="")] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Remove capture files that are old or beyond the budget of the disk. What was read from them stays."""
    from warehouse.retention import Policy, plan, retire

    settings = make_settings(data_dir=data_dir, captures_max_days=older_than_days, captures_max_gb=budget_gb)
    days, gigabytes = settings.captures_max_days, settings.captures_max_gb
    if days is None and gigabytes is None:
        raise UserError("nothing says what may go: give --older-than-days or --budget-gb, or set it (see settings)")
    policy = Policy(
        max_age=None if days is None else timedelta(days=days),
        max_bytes=None if gigabytes is None else int(gigabytes * 1e9),
    )
    datadir, now = open_existing(data_dir), datetime.now(UTC)
    files = plan(datadir, policy, now=now)
    going = [file for file in files if file.reason]
    show.table(
        ("file", "captures", "oldest", "newest", "size", "why"),
        [(f.warc_file, f.capture_count, _day(f.oldest_at), _day(f.newest_at), size(f.bytes), f.reason) for f in going],
        title="Capture files that go",
        numbers=("captures", "size"),
    )
    waiting = sum(not file.is_loaded for file in files)
    kept = sum(f.bytes for f in files if not f.reason)
    print(
        f"{len(going)} of {len(files)} files go, {size(sum(f.bytes for f in going))}; {size(kept)} stay"
        + (f", {waiting} files among them are not wholly loaded yet" if waiting else "")
    )
    if not yes and going:
        raise UserError("nothing was removed: add --yes to remove these files for ever")
    by_reason: dict[str, list[str]] = {}
    for file in going:
        by_reason.setdefault(file.reason or "", []).append(file.warc_file)
    run = open_run(data_dir=datadir.root)
    for reason, names in by_reason.items():
        retire(datadir, names, reason=reason, run_id=run.run_id, now=now, on_wait=show.say)
    if going:
        print("removed; the table `retired` and retired.jsonl say so. What was read from them stays as it is.")
    return 0


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
