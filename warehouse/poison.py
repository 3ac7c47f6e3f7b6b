"""Pages that extraction did not survive: tried three times, then set aside by name. Their captures are kept."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.outcome import Outcome
from warehouse.datadir import DataDir
from warehouse.reading import reading

_SETTLED = (Outcome.EXTRACT_CRASHED, Outcome.EXTRACT_TIMEOUT, Outcome.EXTRACT_MEMORY, Outcome.EXTRACT_ERROR)


@dataclass(frozen=True, slots=True)
class PoisonPage:
    """One capture, and what its extraction came to."""

    url: str
    outcome: str
    detail: str | None
    warc_file: str
    warc_offset: int


def poison_pages(datadir: DataDir, *, limit: int = 1_000) -> tuple[PoisonPage, ...]:
    """The latest of them, newest first. Raises WarehouseError where nothing is loaded."""
    with reading(datadir) as con:
        rows = con.execute(
            "SELECT url, CAST(outcome AS VARCHAR), detail, warc_file, warc_offset FROM captures "
            "WHERE list_contains($outcomes, CAST(outcome AS VARCHAR)) ORDER BY captured_at DESC, url LIMIT $most",
            {"outcomes": [outcome.value for outcome in _SETTLED], "most": limit},
        ).fetchall()
    return tuple(PoisonPage(*row) for row in rows)
