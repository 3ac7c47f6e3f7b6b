"""Upkeep as Prefect flows: everything right of the captures made anew."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestrate import DataDirParameter, as_tasks, conclude
from flows.runs import open_run
from flows.stages import run_rebuild
from flows.steps import direct_steps


@flow(name="rebuild", flow_run_name="rebuild from captures", validate_parameters=True)
def rebuild(data_dir: DataDirParameter = None) -> State[Any]:
    """Extract every capture again with the present extractor and publish a warehouse made from that alone."""
    run = open_run(data_dir=data_dir)
    with direct_steps(run, is_forced=True, is_rebuild=True) as steps:
        return conclude(run_rebuild(run, as_tasks(steps)), key="rebuild")
