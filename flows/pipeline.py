"""The whole way as Prefect flows: what schedules run, and what `broadsheet run` and `broadsheet ingest` run.

Parameters are plain values with a default, so that each can be filled in from the Prefect UI; whatever is left empty
comes from the settings (environment variables `BROADSHEET_…`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.final_state import in_words
from flows.orchestrate import as_tasks, conclude
from flows.parameters import FilePaths, GroupNames, Networks, SourceId, SourceIds
from flows.runs import open_run, pick_sources
from flows.sources import DEFAULT_GROUP
from flows.stages import run_ingest, run_pipeline
from flows.steps import direct_steps


def _pipeline_name() -> str:
    given = runtime.flow_run.parameters
    groups = [f"group {name}" for name in given.get("group") or [] if name != DEFAULT_GROUP]
    return f"crawl and load {', '.join(given.get('source') or groups) or 'what is due'}"


def _ingest_name() -> str:
    paths = [Path(p).name for p in runtime.flow_run.parameters.get("paths") or []]
    return f"ingest {', '.join(paths[:3])}" + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


@flow(name="pipeline", flow_run_name=_pipeline_name, validate_parameters=True)
@in_words
def pipeline(
    source: SourceIds | None = None,
    group: GroupNames | None = None,
    *,
    sources_file: Path | None = None,
    urls_file: Path | None = None,
    data_dir: Path | None = None,
    allow_private: Networks | None = None,
) -> State[Any]:
    """Crawl what is due, extract it, load it, publish it.

    Args:
        source: ids of the sources to run; empty: every source of the groups
        group: groups of sources, as sources.toml names them; empty: every group. Not asked where a source is named
        sources_file: what to crawl; empty: BROADSHEET_SOURCES_FILE, else sources.toml
        urls_file: a list of addresses to fetch instead, one a line
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        allow_private: private addresses or networks that may be fetched from, any port there
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file, allow_private=allow_private)
    chosen = pick_sources(run.settings, source or (), urls_file, group or ())
    if not chosen:
        return Completed(message=f"no source in the group {', '.join(group or ())} of {run.settings.sources_file}")
    with direct_steps(run, chosen) as steps:
        return conclude(run_pipeline(run, as_tasks(steps)), run, key="run")


@flow(name="crawl-source", flow_run_name="crawl and load {source}", validate_parameters=True)
@in_words
def crawl_source(
    source: SourceId,
    sources_file: Path | None = None,
    data_dir: Path | None = None,
    allow_private: Networks | None = None,
) -> State[Any]:
    """Crawl what is due of one source, extract it, load it, publish it.

    Args:
        source: id of the source, as sources.toml and `broadsheet sources check` spell it
        sources_file: what to crawl; empty: BROADSHEET_SOURCES_FILE, else sources.toml
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        allow_private: private addresses or networks that may be fetched from, any port there
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file, allow_private=allow_private)
    with direct_steps(run, pick_sources(run.settings, [source])) as steps:
        return conclude(run_pipeline(run, as_tasks(steps)), run, key="run")


@flow(name="ingest", flow_run_name=_ingest_name, validate_parameters=True)
@in_words
def ingest(
    paths: FilePaths,
    data_dir: Path | None = None,
) -> State[Any]:
    """Take files under captures/, extract, load and publish them.

    Args:
        paths: WARC, HTML and text files, or folders of them, on the worker's machine
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    run = open_run(data_dir=data_dir)
    with direct_steps(run) as steps:
        return conclude(run_ingest(run, [Path(path) for path in paths], as_tasks(steps)), run, key="ingest")
