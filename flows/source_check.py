"""What each source would do now, found out without the network: the rows of `broadsheet sources check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flows.settings import Settings
from flows.sources import DEFAULT_GROUP, Kind, Source
from transforms.masking import masked
from transforms.url import site_key


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """One row of `broadsheet sources check`: what a source would do, found out without the network."""

    id: str
    kind: str
    address: str
    due: str
    robots: str
    pace: str
    patterns: str
    limits: str


def check_sources(
    sources: tuple[Source, ...], settings: Settings, next_poll_at: Mapping[str, float], now: float
) -> tuple[SourceCheck, ...]:
    """What each source would do now. `next_poll_at` is the ledger's answer by source id, seconds since 1970."""
    return tuple(_check(source, settings, next_poll_at.get(source.id), now) for source in sources)


def _check(source: Source, settings: Settings, next_poll_at: float | None, now: float) -> SourceCheck:
    addresses = [str(source.file)] if source.file else list(source.urls)
    sites = {site_key(url) for url in source.urls}
    wait_s = max(0.0, (next_poll_at or 0) - now)
    revisits = settings.revisit_after if source.revisit_after is None else source.revisit_after
    if source.kind is Kind.URLS:
        every = "at each run"
    else:
        every = "as often as it has news" if source.interval is None else f"every {_text(source.interval)}"
    patterns = [f"+ {p.pattern}" for p in source.include] + [f"- {p.pattern}" for p in source.exclude]
    return SourceCheck(
        id=source.id,
        kind=source.kind.value,
        address=masked(addresses[0]) + (f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""),
        due=(f"in {_text(timedelta(seconds=round(wait_s)))}" if wait_s else "now") + f", {every}",
        robots="obeyed" + (f", {len(sites)} sites" if len(sites) > 1 else ""),
        pace=f"{settings.host_concurrency} at a time per host, {settings.host_gap_s:g} s apart or more",
        patterns=", ".join(patterns) or "all links",
        limits=(f"group {source.group}, " if source.group != DEFAULT_GROUP else "")
        + f"{source.max_pages} pages a run, revisits after {', '.join(map(_text, revisits)) or 'never'}"
        + (", and so on" if source.keep_revisiting else ""),
    )


def _text(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
