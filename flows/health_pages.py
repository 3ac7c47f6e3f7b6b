"""The standing pages in words: one of each source, one of the whole corpus. Markdown with charts in it."""

from __future__ import annotations

import re
from datetime import datetime
from statistics import median

from flows.health_words import sparkline, summary
from flows.run_page import cell, link
from flows.sizes import size
from transforms.health_records import VERDICT_DESCRIPTIONS
from warehouse.health_board import RECENT_PERIODS, Board, SourceHealth
from warehouse.today import Today

_SOURCES_CHARTED = 25


def artifact_key(source: str) -> str:
    """The artifact of a source: its id with what Prefect allows in a key."""
    return "source-" + re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")


def source_page(source: SourceHealth, today: Today) -> str:
    """One source: its state, what is wrong and what to do, its volume, its last errors."""
    board = today.board
    lines = [f"# {source.source}: {source.state}", "", *_verdict_lines(source)]
    if not source.verdicts:
        lines.append("Nothing is unlike its own past.")
    labels, counts = _labels(board), board.volumes(source)
    lines += [
        "",
        "## New articles",
        "",
        f"`{sparkline(counts)}` from {labels[0]} to {labels[-1]}, in all {sum(counts)}",
        "",
    ]
    lines.append(
        f"Last new: {_moment(source.last_new_at)}. Last asked: {_moment(source.last_asked_at)}. Times are UTC."
    )
    errors = today.errors.get(source.source, ())
    lines += ["", "## Last errors", ""]
    if errors:
        lines += ["| when | outcome | address |", "|---|---|---|"]
        lines += [
            f"| {_moment(e.fetched_at)} | {e.outcome}{f': {cell(e.detail)}' if e.detail else ''} | {link(e.url)} |"
            for e in errors
        ]
    else:
        lines.append("None in the periods shown.")
    return "\n".join(lines)


def corpus_page(today: Today) -> str:
    """The whole corpus: what came in, beside what is usual, who is in trouble, who is slow, how much room is left."""
    board = today.board
    lines = [
        f"# The corpus on {today.board.now:%d %B %Y, %H:%M} UTC",
        "",
        f"**{summary(board)}.** {today.article_count} articles, the last capture at {_moment(today.newest_at)}.",
        "",
        *(_charts(today) if _has_past(today) else ["Charts follow when the first period has ended.", ""]),
        "## Health",
        "",
        *(line for source in board.sources if source.verdicts for line in _trouble(source)),
        "| source | state | new articles | last new |",
        "|---|---|---|---|",
        *(_health_row(board, source) for source in board.sources),
        "",
        "## Slowest hosts",
        "",
        "| host | requests | median s | longest s | failed |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {cell(h.host)} | {h.request_count} | {h.latency_median_s:.3f} | {h.latency_max_s:.3f} | "
            f"{h.failed_count} |"
            for h in today.hosts
        ),
        "",
        "## Disk",
        "",
        "| what | size |",
        "|---|---:|",
        *(f"| {name} | {size(size_bytes)} |" for name, size_bytes in today.sizes.items()),
        f"| free | {size(today.free_bytes)} |",
    ]
    return "\n".join(lines)


def _has_past(today: Today) -> bool:
    """Whether a period that has ended holds anything: one column says no more than a number, and drawing takes a second
    of CPU and thirty megabytes, most of it the library's import."""
    board = today.board
    running = board.grid.number(board.now)
    return any(row.number < running for row in today.outcomes) or any(
        any(board.volumes(source)[:-1]) for source in board.sources
    )


def _charts(today: Today) -> list[str]:
    from flows.charts import image

    return [
        "## Pages by what became of them",
        "",
        image(_outcomes_chart(today), "pages by outcome"),
        "",
        "## New articles by source, beside what is usual",
        "",
        image(_sources_chart(today.board), "new articles by source"),
        "",
    ]


def _outcomes_chart(today: Today) -> str:
    from flows.charts import stacked

    grid = today.board.grid
    running = grid.number(today.board.now)
    found = {row.number: row for row in today.outcomes}
    rows = [found.get(n) for n in range(running - RECENT_PERIODS + 1, running + 1)]
    return stacked(
        _labels(today.board),
        {
            "new": [row.new_count if row else 0 for row in rows],
            "changed": [row.changed_count if row else 0 for row in rows],
            "unchanged": [row.unchanged_count if row else 0 for row in rows],
            "rejected": [row.rejected_count if row else 0 for row in rows],
            "not fetched": [row.not_fetched_count if row else 0 for row in rows],
        },
    )


def _sources_chart(board: Board) -> str:
    """The last period that has ended, beside the median of the periods before it."""
    from flows.charts import beside_usual

    rows: list[tuple[str, int, float | None]] = []
    for source in board.sources:
        *before, last, _running = board.volumes(source)
        first = next((place for place, count in enumerate(before) if count), len(before))
        rows.append((source.source, last, median(before[first:]) if before[first:] else None))
    rows.sort(key=lambda row: (-(max(row[1], row[2] or 0)), row[0]))
    return beside_usual(rows[:_SOURCES_CHARTED])


def _verdict_lines(source: SourceHealth) -> list[str]:
    """The verdicts as a list: a table would be wider than the page."""
    return [
        f"- **{v.verdict.value}** since {_moment(v.since_at)} ({VERDICT_DESCRIPTIONS[v.verdict]}): {cell(v.sentence)}. "
        f"{cell(v.advice)}"
        for v in source.verdicts
    ]


def _trouble(source: SourceHealth) -> list[str]:
    return [f"### {source.source}: {source.state}", "", *_verdict_lines(source), ""]


def _health_row(board: Board, source: SourceHealth) -> str:
    volumes = sparkline(board.volumes(source))
    return f"| {source.source} | {source.state} | {volumes} | {_moment(source.last_new_at)} |"


def _labels(board: Board) -> list[str]:
    running = board.grid.number(board.now)
    pattern = "%d %b" if board.grid.period_s >= 86_400 else "%H:%M"
    return [f"{board.grid.start(n):{pattern}}" for n in range(running - RECENT_PERIODS + 1, running + 1)]


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"
