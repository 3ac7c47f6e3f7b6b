"""Loading alone, as a Prefect flow: batches that the warehouse does not hold yet are loaded and published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.final_state import in_words
from flows.orchestrate import as_tasks, conclude
from flows.runs import open_run
from flows.stages import run_load
from flows.steps import direct_steps


@flow(name="load", flow_run_name="load the lake", validate_parameters=True)
@in_words
def load(data_dir: Path | None = None) -> State[Any]:
    """Load what the lake holds and the warehouse does not, and publish it.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    run = open_run(data_dir=data_dir)
    with direct_steps(run) as steps:
        return conclude(run_load(run, as_tasks(steps)), run, key="load")
