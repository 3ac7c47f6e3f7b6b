"""Upkeep as Prefect flows: everything right of the captures made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.comparison import comparison_markdown
from flows.final_state import in_words
from flows.orchestrate import as_tasks, conclude
from flows.parameters import SourceIds
from flows.runs import open_run
from flows.stages import run_rebuild, run_reextract
from flows.steps import Aside, direct_steps
from warehouse.compare import compare


@flow(name="rebuild", flow_run_name="rebuild from captures", validate_parameters=True)
@in_words
def rebuild(data_dir: Path | None = None, sources_file: Path | None = None) -> State[Any]:
    """Extract every capture again with the present extractor and publish a warehouse made from that alone.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        sources_file: what is special about single sites; empty: BROADSHEET_SOURCES_FILE, else sources.toml
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file)
    with direct_steps(run, is_forced=True, is_rebuild=True) as steps:
        return conclude(run_rebuild(run, as_tasks(steps)), run, key="rebuild")


@flow(name="reextract", flow_run_name="reextract captures aside", validate_parameters=True)
@in_words
def reextract(
    source: SourceIds | None = None,
    data_dir: Path | None = None,
    sources_file: Path | None = None,
) -> State[Any]:
    """Extract captures again into the side lake and say what that would change; nothing published changes.

    Args:
        source: ids of the sources to read again; empty: all captures
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        sources_file: what is special about single sites; empty: BROADSHEET_SOURCES_FILE, else sources.toml
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file)
    with direct_steps(run, aside=Aside(frozenset(source or ()))) as steps:
        report = run_reextract(run, as_tasks(steps))
    if not report.capture_count:
        return Completed(message=report.words(), data=report)
    comparison = compare(run.datadir)
    create_markdown_artifact(markdown=comparison_markdown(comparison), key="reextract", description=comparison.words())
    name = "Completed with problems" if report.problems else "Completed"
    return Completed(name=name, message=f"{report.words()}; {comparison.words()}", data=report)
