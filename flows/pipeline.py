"""The whole way as Prefect flows: what schedules run, and what `broadsheet run` and `broadsheet ingest` run.

Parameters are plain values with a default, so that each can be filled in from the Prefect UI; whatever is left empty
comes from the settings (environment variables `BROADSHEET_…`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.orchestrate import DataDirParameter, as_tasks, conclude
from flows.runs import open_run, pick_sources
from flows.stages import run_ingest, run_pipeline
from flows.steps import direct_steps


def _pipeline_name() -> str:
    return f"crawl and load {', '.join(runtime.flow_run.parameters.get('source') or []) or 'what is due'}"


def _ingest_name() -> str:
    paths = [Path(p).name for p in runtime.flow_run.parameters.get("paths") or []]
    return f"ingest {', '.join(paths[:3])}" + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


@flow(name="pipeline", flow_run_name=_pipeline_name, validate_parameters=True)
def pipeline(
    source: Annotated[list[str], Field(description="ids of the sources to run; empty: every source that is due")] = [],  # noqa: B006 (never changed; Prefect shows it)
    sources_file: Annotated[Path | None, Field(description="what to crawl; empty: sources.toml")] = None,
    urls_file: Annotated[Path | None, Field(description="a list of addresses to fetch instead, one a line")] = None,
    data_dir: DataDirParameter = None,
    allow_private: Annotated[list[str], Field(description="private networks that may be fetched from")] = [],  # noqa: B006
) -> State[Any]:
    """Crawl what is due, extract it, load it, publish it."""
    run = open_run(data_dir=data_dir, sources_file=sources_file, allow_private=allow_private)
    chosen = pick_sources(run.settings, source, urls_file)
    with direct_steps(run, chosen) as steps:
        return conclude(run_pipeline(run, as_tasks(steps)), key="run")


@flow(name="ingest", flow_run_name=_ingest_name, validate_parameters=True)
def ingest(
    paths: Annotated[list[Path], Field(description="WARC, HTML and text files, or folders of them")],
    data_dir: DataDirParameter = None,
) -> State[Any]:
    """Take files under captures/, extract, load and publish them."""
    run = open_run(data_dir=data_dir)
    with direct_steps(run) as steps:
        return conclude(run_ingest(run, paths, as_tasks(steps)), key="ingest")
