"""The one page that a run leaves in the Prefect UI: what came of it by source and outcome, who was slow and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.report import RunReport
from transforms.masking import masked
from warehouse.datadir import DataDir
from warehouse.run_sources import RunError, RunHost, RunSource, run_errors, run_hosts, run_sources


@dataclass(frozen=True, slots=True)
class RunDetails:
    """What the warehouse says about one run; empty where it loaded nothing."""

    sources: tuple[RunSource, ...] = ()
    hosts: tuple[RunHost, ...] = ()
    errors: tuple[RunError, ...] = ()


def run_details(datadir: DataDir, run_id: str) -> RunDetails:
    """The details of a run. Raises WarehouseError where nothing is loaded."""
    return RunDetails(run_sources(datadir, run_id), run_hosts(datadir, run_id), run_errors(datadir, run_id))


def run_page(report: RunReport, details: RunDetails) -> str:
    """The page, in Markdown."""
    lines = [f"# {report.words()}", "", report.balance(), ""]
    lines += [f"- **problem**: {masked(line)}" for line in report.problems]
    lines += [*(f"- {masked(line)}" for line in report.notes), ""]
    if details.sources:
        head = "| source | pages | new | changed | unchanged | rejected | 304 | gone | not fetched |"
        lines += ["## Sources", "", head, "|---|" + "---:|" * 8, *map(_source_row, details.sources)]
        lines += [_sum_row(details.sources), ""]
    if details.errors:
        lines += ["## What went wrong", "", "| source | outcome | times | for example |", "|---|---|---:|---|"]
        lines += [*map(_error_row, details.errors), ""]
    if details.hosts:
        head = "| host | requests | median s | longest s | we waited s |"
        lines += ["## Slowest hosts", "", head, "|---|---:|---:|---:|---:|", *map(_host_row, details.hosts), ""]
    rows = report.rows()
    if rows:
        lines += ["## Every outcome", "", "| source | of | outcome | count | meaning |", "|---|---|---|---:|---|"]
        lines += ["| {source} | {of} | {outcome} | {count} | {meaning} |".format(**row) for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text that stays in its cell of a table, without what looks like a secret."""
    return " ".join(masked(text).replace("|", "\\|").replace("<", "&lt;").split())


def link(url: str) -> str:
    """An address as a link, shortened to what a table has room for, without what looks like a secret."""
    url = masked(url)
    safe = url.replace(" ", "%20").replace(")", "%29").replace("|", "%7C")
    return f"[{cell(url[:90])}]({safe})"


def _source_row(row: RunSource) -> str:
    counts = (
        row.page_count, row.new_count, row.changed_count, row.unchanged_count, row.rejected_count,
        row.not_modified_count, row.gone_count, row.not_fetched_count,
    )  # fmt: skip
    return f"| {cell(row.source)} | {' | '.join(str(n or '') for n in counts)} |"


def _sum_row(rows: Sequence[RunSource]) -> str:
    sums = (
        sum(r.page_count for r in rows), sum(r.new_count for r in rows), sum(r.changed_count for r in rows),
        sum(r.unchanged_count for r in rows), sum(r.rejected_count for r in rows),
        sum(r.not_modified_count for r in rows), sum(r.gone_count for r in rows),
        sum(r.not_fetched_count for r in rows),
    )  # fmt: skip
    return f"| **all** | {' | '.join(str(n) for n in sums)} |"


def _error_row(row: RunError) -> str:
    detail = f" ({cell(row.detail)})" if row.detail else ""
    return f"| {cell(row.source)} | {row.outcome}{detail} | {row.error_count} | {link(row.example_url)} |"


def _host_row(row: RunHost) -> str:
    times = f"{row.latency_median_s:.3f} | {row.latency_max_s:.3f} | {row.wait_s:.1f}"
    return f"| {cell(row.host)} | {row.request_count} | {times} |"
