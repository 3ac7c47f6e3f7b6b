"""News of the sources' health as Prefect events: one when a verdict begins to hold, one when it no longer does.

Automations turn events into notifications (`flows.health_automations`). The resource of an event is its source, so the
UI's event feed can be filtered by it, and the id follows from what it says, so that telling it twice is one event.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event
from prefect.settings import PREFECT_API_URL

from transforms.health_records import VERDICT_DESCRIPTIONS
from warehouse.health_board import Board
from warehouse.health_news import Told, news_of

RESOURCE = "broadsheet.source"
BEGUN, ENDED = "broadsheet.source.verdict-begun", "broadsheet.source.verdict-ended"


def tell_news(told: Iterable[Told], board: Board) -> tuple[Told, ...]:
    """Emit what is new since `told`; gives what is told now. A temporary server has nobody to tell."""
    holding = [row for source in board.sources for row in source.verdicts]
    if not PREFECT_API_URL.value():
        return tuple(told)
    news = news_of(told, holding)
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
    for one in news.ended:
        means = VERDICT_DESCRIPTIONS[one.verdict]
        _emit(
            ENDED,
            one.source,
            one.verdict.value,
            one.since_at.isoformat(),
            {
                "text": f"{one.source}: {one.verdict.value} no longer holds ({means})",
            },
        )
    return tuple(Told(row.source, row.verdict, row.since_at) for row in holding)


def _emit(event: str, source: str, verdict: str, since: str, payload: dict[str, object]) -> None:
    emit_event(
        event,
        resource={"prefect.resource.id": f"{RESOURCE}.{source}", "prefect.resource.name": source},
        payload={"event": event, "source": source, "verdict": verdict, "since_at": since, **payload},
        id=uuid5(NAMESPACE_URL, f"{event} {source} {verdict} {since}"),
    )
