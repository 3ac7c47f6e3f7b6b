"""The crawl alone, as a Prefect flow: captures and fetch records are kept, nothing is extracted or loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestrate import DataDirParameter, as_tasks, conclude
from flows.runs import open_run, pick_sources
from flows.stages import run_crawl
from flows.steps import direct_steps


@flow(name="crawl", flow_run_name="crawl only", validate_parameters=True)
def crawl(
    source: Annotated[list[str], Field(description="ids of the sources to run; empty: every source that is due")] = [],  # noqa: B006 (never changed; Prefect shows it)
    sources_file: Annotated[Path | None, Field(description="what to crawl; empty: sources.toml")] = None,
    data_dir: DataDirParameter = None,
    allow_private: Annotated[list[str], Field(description="private networks that may be fetched from")] = [],  # noqa: B006
) -> State[Any]:
    """Fetch what is due into captures/ and note every outcome; `extract` and `load` carry it on."""
    run = open_run(data_dir=data_dir, sources_file=sources_file, allow_private=allow_private)
    chosen = pick_sources(run.settings, source)
    with direct_steps(run, chosen) as steps:
        return conclude(run_crawl(run, as_tasks(steps)), key="crawl")
