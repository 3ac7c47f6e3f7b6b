"""Extraction alone, as a Prefect flow: captures that the lake does not hold yet become batches in the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.final_state import in_words
from flows.orchestrate import as_tasks, conclude
from flows.runs import open_run
from flows.stages import run_extract
from flows.steps import direct_steps


@flow(name="extract", flow_run_name="extract captures", validate_parameters=True)
@in_words
def extract(
    data_dir: Path | None = None,
    again: bool = False,
    sources_file: Path | None = None,
) -> State[Any]:
    """Extract every capture file that the lake does not hold yet; `load` publishes what it gave.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        again: extract captures again that the lake holds already
        sources_file: what is special about single sites; empty: BROADSHEET_SOURCES_FILE, else sources.toml
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file)
    with direct_steps(run, is_forced=again) as steps:
        return conclude(run_extract(run, as_tasks(steps)), run, key="extract")
