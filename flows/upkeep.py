"""Looking after the data as Prefect flows: compact, retire, replay the quarantine, forget.

What each does is in warehouse/; a flow adds the form to fill in, the words it ends in, and waiting its turn.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed
from pydantic import Field

from flows.final_state import in_words
from flows.parameters import ForgetTarget, Gigabytes
from flows.runs import open_run
from flows.waiting import wait_for_crawls
from warehouse import quarantine
from warehouse.compact import compact as compact_lake
from warehouse.forget import count_meant, forget
from warehouse.reading import has_warehouse
from warehouse.retention import Policy, plan, retire

_GIGABYTE = 1_000_000_000


@flow(name="compact", flow_run_name="compact the lake", validate_parameters=True)
@in_words
def compact(data_dir: Path | None = None) -> State[Any]:
    """Merge the lake's small files and delete what no batch needs; rows and what is loaded stay the same.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    datadir = open_run(data_dir=data_dir).datadir
    words = compact_lake(datadir).words()
    if datadir.lakehouse is not None and has_warehouse(datadir):
        from warehouse.ducklake_upkeep import tidy

        words = f"{words}; {tidy(datadir, now=datetime.now(UTC)).words()}"
    return Completed(message=words)


@flow(name="retain", flow_run_name="retire old captures", validate_parameters=True)
@in_words
def retain(
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] | None = None,
    max_gigabytes: Gigabytes | None = None,
    is_confirmed: bool = False,
    data_dir: Path | None = None,
) -> State[Any]:
    """Delete old capture files whose every page is loaded. Their rows stay; they cannot be extracted anew.

    Args:
        max_age_days: files go whose newest capture is older; empty: age is no reason
        max_gigabytes: the oldest go until captures/ holds no more than this; empty: size is no reason
        is_confirmed: delete; without, only say which files it would be
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    if max_age_days is None and max_gigabytes is None:
        return Completed(message="nothing to do: give max_age_days or max_gigabytes")
    run, now = open_run(data_dir=data_dir), datetime.now(UTC)
    policy = Policy(
        max_age=timedelta(days=max_age_days) if max_age_days else None,
        max_bytes=round(max_gigabytes * _GIGABYTE) if max_gigabytes else None,
    )
    going = [file for file in plan(run.datadir, policy, now=now) if file.reason]
    rows = [
        {"file": f.warc_file, "MB": round(f.bytes / 1e6, 1), "captures": f.capture_count, "why": f.reason}
        for f in going
    ]
    create_table_artifact(table=rows, key="retain", description=f"{len(rows)} capture files to retire")
    size = f"{len(going)} files of {sum(f.bytes for f in going) / 1e6:.0f} MB"
    if not is_confirmed:
        return Completed(message=f"{size} would go; run it again with is_confirmed")
    reason = f"retention: {max_age_days or 'any'} days, {max_gigabytes or 'any'} GB"
    gone = retire(run.datadir, [f.warc_file for f in going], reason=reason, run_id=run.run_id, now=now)
    return Completed(message=f"{len(gone)} of {size} were deleted")


@flow(name="replay-quarantine", flow_run_name="replay the quarantine", validate_parameters=True)
@in_words
def replay_quarantine(data_dir: Path | None = None) -> State[Any]:
    """Hold the records in quarantine to the rules again and load those that now keep them.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    run = open_run(data_dir=data_dir)
    loaded = quarantine.replay(run.datadir, run_id=run.run_id, now=datetime.now(UTC))
    left = quarantine.violations(run.datadir)
    create_table_artifact(
        table=[{"record": v.record, "key": v.row_key, "rule": v.rule} for v in left],
        key="quarantine",
        description=f"{len(left)} records in quarantine",
    )
    counts = ", ".join(f"{n} {name}" for name, n in loaded.counts.items()) or "nothing"
    return Completed(message=f"loaded {counts}; {len(left)} records stay in quarantine")


@flow(name="forget", flow_run_name="forget {target}", validate_parameters=True)
@in_words
def forget_page(
    target: ForgetTarget,
    is_confirmed: bool = False,
    wait_minutes: Annotated[int, Field(ge=0, le=1_440)] = 60,
    data_dir: Path | None = None,
) -> State[Any]:
    """Remove a page or a site from captures, lake and warehouse, and note that it was done. Cannot be undone.

    Args:
        target: the address of a page, or a domain with all below it
        is_confirmed: remove; without, only say how many captures it would be
        wait_minutes: how long to wait for a crawl that is under way; nothing may be fetched meanwhile
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    run = open_run(data_dir=data_dir)
    if not is_confirmed:
        count = count_meant(run.datadir, target)
        return Completed(message=f"{count} captures would be removed for ever; run it again with is_confirmed")
    if not wait_for_crawls(run.datadir, wait_minutes * 60.0, say=get_run_logger().info):
        return Failed(
            message=f"a crawl was under way for {wait_minutes} minutes: pause its schedule, then run it again"
        )
    done = forget(run.datadir, target, run_id=run.run_id, now=datetime.now(UTC))
    return Completed(
        message=f"removed {done.captures} captures, {done.records} WARC records, {done.fetches} fetches; "
        "put it into `exclude` of its source, or the crawl may ask for it again"
    )
