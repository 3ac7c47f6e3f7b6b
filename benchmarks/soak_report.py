"""The figures of a soak as a page of Markdown."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from soak_checks import Checks
from soak_watch import PARTS, Watch

_MEMORY = ("server_mb", "worker_mb", "serve_mb", "flows_mb")


def write_report(path: Path, log: list[str], watch: Watch, checks: Checks, *, minutes: float, period_s: float) -> None:
    """Write the page; what was found is in it as found, good or bad."""
    lines = [
        "# An hour of it",
        "",
        f"`benchmarks/soak.py --minutes {minutes:g}` on {datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores: "
        "`broadsheet serve` over the demo press, a run every minute, a new edition every minute, health judged every "
        f"{period_s:g} seconds. Sites were made to fail, processes were killed. Written by the script.",
        "",
        f"**{checks.verdict()}**",
        "",
        "## What must hold",
        "",
        "| holds | what | found |",
        "| --- | --- | --- |",
        *(f"| {'yes' if holds else '**no**'} | {name} | {_cell(words)} |" for holds, name, words in checks.found),
        "",
        "## What was done",
        "",
        "```",
        *log,
        "```",
        "",
        "## In figures",
        "",
        *(f"- {name}: {value:g}" for name, value in checks.totals.items()),
        "",
        "| minute | " + " | ".join(n.removesuffix("_mb") + " MB" for n in _MEMORY) + " | " + " | ".join(PARTS) + " |",
        "| ---: |" + " ---: |" * (len(_MEMORY) + len(PARTS)),
        *_table(watch),
        "",
        "Memory is PSS of the processes at the moment; sizes are MB on disk. `flows` is 0 between two runs.",
        "",
        "## Verdicts",
        "",
        "| source | verdict | severity | periods | from | to | sentence |",
        "| --- | --- | --- | ---: | --- | --- | --- |",
        *(
            f"| {r['source']} | {r['verdict']} | {r['severity']} | {r['n']} | {str(r['first_at'])[11:19]} | "
            f"{str(r['last_at'])[11:19]} | {_cell(str(r['sentence']))} |"
            for r in checks.verdicts
        ),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _table(watch: Watch) -> list[str]:
    step = max(1, len(watch.samples) // 13)
    rows = []
    for sample in watch.samples[::step]:
        memory = " | ".join(f"{sample[name]:.0f}" for name in _MEMORY)
        disk = " | ".join(f"{sample[part] / 1e6:.1f}" for part in PARTS)
        rows.append(f"| {sample['s'] / 60:.0f} | {memory} | {disk} |")
    return rows


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")
