"""Source health in the Prefect UI: the flow that judges when nothing is loaded, and what every run leaves behind.

A run that loads has its sources judged in the load. What is left here is to say so: events for what is new, the
standing artifact of each source concerned, and the page "corpus today".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.final_state import in_words
from flows.health_events import tell_news
from flows.health_pages import artifact_key, corpus_page, source_page
from flows.health_words import summary
from flows.runs import open_run
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.health import judge_sources as judge_now
from warehouse.health_board import Board
from warehouse.health_news import Memory, Shown, read_memory, write_memory
from warehouse.reading import has_warehouse
from warehouse.today import read_today

CORPUS_KEY = "corpus-today"
PAGE_PAUSE = timedelta(minutes=15)
"""The page of the corpus is made anew when there is news, else no more often: its charts cost a second of CPU."""


@flow(name="judge-sources", flow_run_name="judge every source", validate_parameters=True)
@in_words
def judge_sources(data_dir: Path | None = None) -> State[Any]:
    """Judge every source as of now: a source that falls silent is noticed though nothing is loaded.

    Args:
        data_dir: the data dir; empty: BROADSHEET_DATA_DIR, else data/
    """
    run = open_run(data_dir=data_dir)
    if not has_warehouse(run.datadir):
        return Completed(message="nothing is loaded yet")
    judge_now(run.datadir, now=datetime.now(UTC), period=run.settings.health_period)
    board = show_health(run.datadir)
    return Completed(message=summary(board))


def show_health(datadir: DataDir) -> Board:
    """Events, the artifacts of sources whose page would say something else, and the page of the corpus.

    Raises WarehouseError where nothing is loaded.
    """
    today = read_today(datadir, now=datetime.now(UTC))
    board = today.board
    memory = read_memory(datadir)
    told = tell_news(memory.told, board)
    now_shown = {source.source: Shown.of(source, board) for source in board.sources}
    for source in board.sources:
        if memory.shown.get(source.source) != now_shown[source.source]:
            create_markdown_artifact(
                markdown=source_page(source, today),
                key=artifact_key(source.source),
                description=f"{source.state}: " + ("; ".join(v.sentence for v in source.verdicts) or "as usual"),
            )
    is_news = set(told) != set(memory.told)
    is_due = memory.page_at is None or board.now - memory.page_at >= min(PAGE_PAUSE, board.grid.period)
    if is_news or is_due:
        made = create_markdown_artifact(markdown=corpus_page(today), key=CORPUS_KEY, description=summary(board))
        _forget_older(CORPUS_KEY, made)
    page_at = board.now if is_news or is_due else memory.page_at
    write_memory(datadir, Memory(told, now_shown, page_at))
    return board


def try_to_show_health(datadir: DataDir) -> str | None:
    """The same at the end of a run whose work is done: gives the problem in one line, where there is one."""
    try:
        show_health(datadir)
    except WarehouseError as error:
        return f"the health of the sources could not be shown: {error}"
    return None


def _forget_older(key: str, newest: object) -> None:
    """Remove the earlier versions of a standing page: a hundred of them a day, with charts, are a gigabyte a year."""
    with get_client(sync_client=True) as client:
        older = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])), limit=50)
        for artifact in older:
            if str(artifact.id) != str(newest):
                client.delete_artifact(artifact.id)
