"""Extraction alone, as a Prefect flow: captures that the lake does not hold yet become batches in the lake."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestrate import DataDirParameter, SiteRulesParameter, as_tasks, conclude
from flows.runs import open_run
from flows.stages import run_extract
from flows.steps import direct_steps


@flow(name="extract", flow_run_name="extract captures", validate_parameters=True)
def extract(
    data_dir: DataDirParameter = None,
    again: Annotated[bool, Field(description="extract captures again that the lake holds already")] = False,
    sources_file: SiteRulesParameter = None,
) -> State[Any]:
    """Extract every capture file that the lake does not hold yet; `load` publishes what it gave."""
    run = open_run(data_dir=data_dir, sources_file=sources_file)
    with direct_steps(run, is_forced=again) as steps:
        return conclude(run_extract(run, as_tasks(steps)), key="extract")
