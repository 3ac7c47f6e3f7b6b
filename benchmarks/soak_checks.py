"""What must hold after a soak, each as a line that says what was found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from soak_watch import PARTS, Watch, all_runs, ask

COMMAND = str(Path(sys.executable).parent / "broadsheet")
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass
class Checks:
    """Lines with a mark each: does it hold?"""

    found: list[tuple[bool, str, str]] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    totals: dict[str, Any] = field(default_factory=dict)
    verdicts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, holds: bool, words: str) -> None:
        self.found.append((holds, name, words))

    @property
    def is_good(self) -> bool:
        return all(holds for holds, _, _ in self.found)

    def verdict(self) -> str:
        wrong = [name for holds, name, _ in self.found if not holds]
        return f"DOES NOT HOLD: {', '.join(wrong)}" if wrong else "all holds"

    def lines(self) -> list[str]:
        return [f"{'holds' if holds else 'FAILS'}  {name}: {words}" for holds, name, words in self.found]


def sql(data: Path, question: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [COMMAND, "sql", question, "--format", "json", "--data-dir", str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(done.stderr.strip())
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def check_all(data: Path, api: str, watch: Watch, access: Sequence[Any], faults: Iterable[Any]) -> Checks:
    checks = Checks()
    _runs(checks, api)
    _counts(checks, data, access)
    _twice(checks, data)
    _levels(checks, watch)
    _verdicts(checks, data, tuple(faults))
    done = subprocess.run([COMMAND, "verify", "--data-dir", str(data)], capture_output=True, text=True, check=False)
    checks.add("verify", done.returncode == 0, " ".join(done.stdout.split())[:300] or done.stderr[-300:])
    return checks


def _runs(checks: Checks, api: str) -> None:
    runs = [r for r in all_runs(api) if r["state"]["type"] != "SCHEDULED"]
    checks.states = Counter(f"{r['state']['type']} {r['state']['name']}" for r in runs)
    left = [r["name"] for r in runs if r["state"]["type"] not in FINAL]
    words = ", ".join(f"{n} {name}" for name, n in checks.states.most_common())
    checks.add("every run ended", not left, f"{len(runs)} runs: {words}" + (f"; NOT ENDED {left}" if left else ""))
    failed = [f"{r['name']}: {r['state']['message']}" for r in runs if r["state"]["type"] == "FAILED"]
    checks.add("no run failed", not failed, "; ".join(failed)[:600] or "none")
    # runs that have started and done something; a cancelled new one never did
    crawls = [r for r in runs if r["state"]["type"] == "COMPLETED" and r["name"].startswith("crawl")]
    checks.totals["completed crawls"] = len(crawls)
    checks.totals["seconds a run, median"] = (
        sorted(r["total_run_time"] for r in crawls)[len(crawls) // 2] if crawls else 0
    )
    reports = ask(api, "artifacts/filter", {"artifacts": {"key": {"any_": ["run"]}}, "limit": 200})
    uneven = [a["description"] for a in reports if "DO NOT BALANCE" in (a["data"] or "")]
    checks.add("each run's counts balance", not uneven, f"{len(reports)} reports; " + ("; ".join(uneven) or "all even"))


def _counts(checks: Checks, data: Path, access: Sequence[Any]) -> None:
    [row] = sql(
        data,
        """SELECT (SELECT count(*) FROM captures) AS captures,
                  (SELECT count(DISTINCT capture_id) FROM fetches WHERE capture_id IS NOT NULL) AS named,
                  (SELECT count(*) FROM fetches) AS fetches,
                  (SELECT count(*) FROM fetches f ANTI JOIN captures c USING (capture_id)
                    WHERE f.capture_id IS NOT NULL) AS without_capture,
                  (SELECT count(*) FROM captures c ANTI JOIN fetches f USING (capture_id)) AS without_fetch,
                  (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM article_versions) AS versions,
                  (SELECT count(*) FROM loads) AS loads,
                  (SELECT count(*) FROM fetches, unnest(attempts)) AS attempts""",
    )
    checks.totals |= row
    holds = row["without_capture"] == 0 and row["without_fetch"] == 0 and row["captures"] == row["named"]
    checks.add(
        "captures and fetches agree",
        holds,
        f"{row['captures']} captures, {row['named']} named by {row['fetches']} fetches; fetches that name no capture "
        f"that is loaded: {row['without_capture']}, captures without a fetch: {row['without_fetch']}",
    )
    checks.totals["requests in the press's log"] = len(access)
    lost = len(access) - row["attempts"]
    checks.add(
        "requests are accounted for",
        0 <= lost <= 200,
        f"{len(access)} in the press's log, {row['attempts']} in `fetches.attempts`; {lost} more were asked by "
        "processes that were killed before they could note it",
    )


def _twice(checks: Checks, data: Path) -> None:
    [row] = sql(
        data,
        """SELECT (SELECT count(*) - count(DISTINCT capture_id) FROM captures) AS ids,
                  (SELECT count(*) - count(DISTINCT (warc_file, warc_offset)) FROM captures) AS places,
                  (SELECT count(*) - count(DISTINCT (url, captured_at)) FROM captures) AS moments,
                  (SELECT count(*) - count(DISTINCT (run_id, url, kind)) FROM fetches WHERE kind = 'page') AS fetches,
                  (SELECT count(*) - count(DISTINCT (article_id, version_number)) FROM article_versions) AS versions,
                  (SELECT count(*) - count(DISTINCT article_id) FROM articles) AS articles""",
    )
    words = ", ".join(f"{name} {n}" for name, n in row.items())
    checks.add("nothing is there twice", not any(row.values()), f"surplus rows: {words}")


def _levels(checks: Checks, watch: Watch) -> None:
    for name, most in (("server_mb", 1.15), ("worker_mb", 1.15), ("serve_mb", 1.15), ("flows_mb", 1.35)):
        third, last = watch.level(name)
        words = f"median {third:.0f} MB in the third quarter, {last:.0f} MB in the last"
        checks.add(f"memory of {name.removesuffix('_mb')} levels off", last <= third * most + 10, words)
    for part in PARTS:
        values = [s[part] for s in watch.samples]
        quarter = [values[len(values) * i // 4] for i in range(4)] + [values[-1]] if values else [0.0] * 5
        growth = [b - a for a, b in pairwise(quarter)]
        words = (
            "growth by quarter " + ", ".join(f"{g / 1e6:.2f}" for g in growth) + f" MB, now {quarter[-1] / 1e6:.1f} MB"
        )
        # steady input gives steady growth: what must not be is growth that grows
        holds = growth[3] <= max(growth[1], growth[2]) * 1.5 + 1e6
        checks.add(f"disk of {part} does not accelerate", holds, words)


def _verdicts(checks: Checks, data: Path, faults: tuple[Any, ...]) -> None:
    try:
        rows = sql(
            data,
            """SELECT source, verdict, severity, min(period_at) AS first_at, max(period_at) AS last_at, count(*) AS n,
                      any_value(sentence) AS sentence FROM source_verdicts GROUP BY ALL ORDER BY first_at""",
        )
    except ValueError as error:
        checks.add("verdicts", False, str(error)[:200])
        return
    checks.verdicts = rows
    for fault in faults:
        named = sorted({r["verdict"] for r in rows if r["source"] == fault.site})
        holds = any(v in fault.verdicts for v in named)
        checks.add(f"{fault.site} {fault.name} is named", holds, ", ".join(named) or "nothing")
    faulty = {fault.site for fault in faults}
    other = [f"{r['source']} {r['verdict']} ({r['severity']})" for r in rows if r["source"] not in faulty]
    checks.add("no verdict on a source without a fault", not other, "; ".join(other) or "none")
