"""The crawl alone, as a Prefect flow: captures and fetch records are kept, nothing is extracted or loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from flows.final_state import in_words
from flows.orchestrate import as_tasks, conclude
from flows.parameters import Networks, SourceIds
from flows.runs import open_run, pick_sources
from flows.stages import run_crawl
from flows.steps import direct_steps


def _name() -> str:
    return f"crawl {', '.join(runtime.flow_run.parameters.get('source') or []) or 'what is due'}, and go no further"


@flow(name="crawl", flow_run_name=_name, validate_parameters=True)
@in_words
def crawl(
    source: SourceIds | None = None,
    sources_file: Path | None = None,
    data_dir: Path | None = None,
    allow_private: Networks | None = None,
) -> State[Any]:
    """Fetch what is due into captures/ and note every outcome; `extract` and `load` carry it on.

    Args:
        source: ids of the sources to run; empty: every source
        sources_file: what to crawl; empty: BROADSHEET_SOURCES_FILE, else sources.toml
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
        allow_private: private addresses or networks that may be fetched from, any port there
    """
    run = open_run(data_dir=data_dir, sources_file=sources_file, allow_private=allow_private)
    chosen = pick_sources(run.settings, source or ())
    with direct_steps(run, chosen) as steps:
        return conclude(run_crawl(run, as_tasks(steps)), run, key="crawl")
