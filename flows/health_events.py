"""News of the sources' health as Prefect events: one when a verdict begins to hold, one when it no longer does.

Automations turn events into notifications (`flows.health_automations`). The resource of an event is its source, so the
UI's event feed can be filtered by it, and the id follows from what it says, so that telling it twice is one event.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event
from prefect.settings import PREFECT_API_URL

from transforms.health_records import VERDICT_DESCRIPTIONS
from warehouse.datadir import DataDir
from warehouse.health_board import Board
from warehouse.health_news import News, news_of, read_told, write_told

RESOURCE = "broadsheet.source"
BEGUN, ENDED = "broadsheet.source.verdict-begun", "broadsheet.source.verdict-ended"


def tell_news(datadir: DataDir, board: Board) -> News:
    """Emit what is new since it was last told, and keep that it was. A temporary server has nobody to tell."""
    holding = [row for source in board.sources for row in source.verdicts]
    news = news_of(read_told(datadir), holding)
    if not news or not PREFECT_API_URL.value():
        return news
    for row in news.begun:
        _emit(
            BEGUN,
            row.source,
            row.verdict.value,
            row.since_at.isoformat(),
            {
                "severity": row.severity.value,
                "measured": row.measured,
                "expected_low": row.expected_low,
                "expected_high": row.expected_high,
                "text": f"{row.source}: {row.verdict.value}: {row.sentence}. {row.advice}",
            },
        )
    for told in news.ended:
        means = VERDICT_DESCRIPTIONS[told.verdict]
        _emit(
            ENDED,
            told.source,
            told.verdict.value,
            told.since_at.isoformat(),
            {
                "text": f"{told.source}: {told.verdict.value} no longer holds ({means})",
            },
        )
    write_told(datadir, holding)
    return news


def _emit(event: str, source: str, verdict: str, since: str, payload: dict[str, object]) -> None:
    emit_event(
        event,
        resource={"prefect.resource.id": f"{RESOURCE}.{source}", "prefect.resource.name": source},
        payload={"event": event, "source": source, "verdict": verdict, "since_at": since, **payload},
        id=uuid5(NAMESPACE_URL, f"{event} {source} {verdict} {since}"),
    )
