"""A soak: `broadsheet serve` over the demo press, a run every minute, with faults injected; what must hold is asserted.

The press prints a new edition every minute. On the way sites are down, slow, printed in another template and stripped
of dates and authors; worker, server and flow processes are killed, a run is cancelled, Prefect's database is locked. At
the end every run must have ended, memory and disk must have levelled off, counts must balance, nothing may be there
twice, and the verdicts on sources must name each fault and nothing else. Needs Linux (/proc).

    python benchmarks/soak.py --minutes 60 --folder /var/tmp/soak --report docs/soak.md
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from soak_checks import Checks, check_all
from soak_press import stocked
from soak_report import write_report
from soak_watch import Watch, ask, flow_pids, pids_with

from demo.press import Fault, Press

HERE = Path(__file__).resolve().parent
PROJECT = """
name: soak
deployments:
  - name: crawl-and-load
    entrypoint: flows.pipeline.pipeline
    work_pool: {{name: broadsheet}}
    concurrency_limit: {{limit: 1, collision_strategy: CANCEL_NEW}}
    schedules: [{{interval: 60, slug: every-minute}}]
  - name: load-again
    entrypoint: flows.load.load
    work_pool: {{name: broadsheet}}
    concurrency_limit: {{limit: 1, collision_strategy: CANCEL_NEW}}
    schedules: [{{interval: {often}, slug: often}}]
{more}
"""


@dataclass(frozen=True)
class SiteFault:
    """A fault of one site from and to these shares of the time, and the verdicts any of which names it."""

    site: str
    name: str
    start: float
    end: float
    fault: dict[str, object]
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class Blow:
    """Something done once to the machinery."""

    at: float
    name: str
    do: Callable[[Soak], str]


class Soak:
    """What a soak has in hand."""

    def __init__(self, folder: Path, minutes: float, base_port: int) -> None:
        self.folder, self.seconds, self.base_port = folder, minutes * 60, base_port
        self.data, self.project = folder / "data", folder / "project"
        self.api = f"http://127.0.0.1:{base_port}/api"
        self.period_s = max(30, round(self.seconds / 24))
        self.edition_s = 60.0 if minutes >= 20 else 20.0
        self.log: list[str] = []
        self.serve: subprocess.Popen[bytes] | None = None

    def say(self, words: str) -> None:
        line = f"{time.strftime('%H:%M:%S', time.gmtime())} {words}"
        self.log.append(line)
        print(line, flush=True)


def kill_worker(soak: Soak) -> str:
    assert soak.serve is not None
    pids = pids_with(soak.serve.pid, "worker", "start")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return f"worker {pids} killed"


def kill_server(soak: Soak) -> str:
    assert soak.serve is not None
    pids = pids_with(soak.serve.pid, "prefect.server.api.server") or pids_with(soak.serve.pid, "server", "start")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return f"server {pids} killed"


def kill_flow(soak: Soak) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if pids := flow_pids(soak.data):
            os.kill(max(pids), signal.SIGKILL)
            return f"flow process {max(pids)} killed"
        time.sleep(0.2)
    return "no flow process was there to kill"


def cancel_run(soak: Soak) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        running = ask(soak.api, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}})
        if running:
            state = {"state": {"type": "CANCELLING", "name": "Cancelling"}, "force": False}
            ask(soak.api, f"flow_runs/{running[0]['id']}/set_state", state)
            return f"run {running[0]['name']} cancelled"
        time.sleep(0.2)
    return "no run was there to cancel"


def lock_database(soak: Soak) -> str:
    with sqlite3.connect(soak.data / "prefect" / "prefect.db", timeout=30, isolation_level=None) as con:
        con.execute("BEGIN IMMEDIATE")
        time.sleep(20)
        con.execute("ROLLBACK")
    con.close()
    return "Prefect's database was locked for 20 s"


FAULTS = (
    SiteFault("saltmere", "down", 0.34, 0.42, {"is_down": True}, ("server_errors", "unreachable", "silent")),
    SiteFault("relay", "slow", 0.46, 0.54, {"delay_s": 3.0}, ("slow",)),
    SiteFault("grauwalden", "redesigned", 0.58, 0.68, {"is_redesigned": True}, ("template_changed",)),
    SiteFault(
        "marsa",
        "stripped",
        0.74,
        0.84,
        {"is_stripped": True},
        ("template_changed", "dates_gone", "authors_gone", "short_texts", "empty_pages"),
    ),
)
BLOWS = (
    Blow(0.25, "flow killed", kill_flow),
    Blow(0.30, "worker killed", kill_worker),
    Blow(0.44, "server killed", kill_server),
    Blow(0.56, "run cancelled", cancel_run),
    Blow(0.63, "flow killed again", kill_flow),
    Blow(0.70, "database locked", lock_database),
    Blow(0.78, "worker and server killed", lambda soak: f"{kill_worker(soak)}; {kill_server(soak)}"),
    Blow(0.88, "worker killed again", kill_worker),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--folder", type=Path, required=True, help="new or empty: data, project and logs go there")
    parser.add_argument("--base-port", type=int, default=9760, help="server; the press and the metrics follow")
    parser.add_argument("--report", type=Path, help="Markdown file for the figures")
    given = parser.parse_args()
    soak = Soak(given.folder.absolute(), given.minutes, given.base_port)
    soak.project.mkdir(parents=True)
    stock = stocked(int(soak.seconds / soak.edition_s) + 5)
    with Press(base_port=soak.base_port + 5, stock=stock, access_log=soak.folder / "access.jsonl") as press:
        checks, watch = run(soak, press)
    soak.say(checks.verdict())
    for line in checks.lines():
        print(line)
    (soak.folder / "samples.json").write_text(json.dumps(watch.samples))
    (soak.folder / "log.txt").write_text("\n".join(soak.log) + "\n")
    if given.report:
        write_report(given.report, soak.log, watch, checks, minutes=given.minutes, period_s=soak.period_s)
    return 0 if checks.is_good else 1


def run(soak: Soak, press: Press) -> tuple[Checks, Watch]:
    start_serve(soak, press)
    watch = Watch(soak.data, soak.api, soak.serve.pid)  # type: ignore[union-attr]
    begun = time.monotonic()
    todo = [(b.at, b.name, b.do) for b in BLOWS]
    for fault in FAULTS:
        todo.append((fault.start, f"{fault.site} {fault.name}", _begin(press, fault)))
        todo.append((fault.end, f"{fault.site} mended", _end(press, fault)))
    todo.sort(key=lambda one: one[0])
    try:
        while (elapsed := time.monotonic() - begun) < soak.seconds:
            press.edition = 1 + int(elapsed / soak.edition_s)
            while todo and todo[0][0] * soak.seconds <= elapsed:
                _, name, do = todo.pop(0)
                try:
                    soak.say(f"[{elapsed / soak.seconds:4.0%}] {name}: {do(soak)}")
                except OSError as error:
                    soak.say(f"[{elapsed / soak.seconds:4.0%}] {name} could not be done: {error}")
            watch.sample(elapsed)
            if soak.serve is not None and soak.serve.poll() is not None:
                raise SystemExit(
                    f"serve ended by itself with code {soak.serve.returncode}: see {soak.folder}/serve.log"
                )
            time.sleep(5)
        soak.say("time is up: schedules are switched off, what is under way may end")
        switch_off(soak)
        ended = watch.wait_for_ends(240)
        soak.say("every run has ended" if ended else "runs are left that have not ended")
        checks = check_all(soak.data, soak.api, watch, press.log.entries(), FAULTS)
    finally:
        stop_serve(soak)
    return checks, watch


def start_serve(soak: Soak, press: Press) -> None:
    sources = press.sources_toml().replace('revisit_after = ["0s"]', 'revisit_after = ["50s", "5m", "10m"]')
    (soak.project / "sources.toml").write_text(sources)
    more = ""
    own = (HERE.parent / "prefect.yaml").read_text()
    if "flows.health.judge_sources" in own:
        more = (
            "  - name: judge-sources\n    entrypoint: flows.health.judge_sources\n    work_pool: {name: broadsheet}\n"
            f"    schedules: [{{interval: {round(soak.period_s)}, slug: each-period}}]\n"
        )
    if "flows.upkeep.compact" in own:
        more += (
            "  - name: compact\n    entrypoint: flows.upkeep.compact\n    work_pool: {name: broadsheet}\n"
            "    concurrency_limit: {limit: 1, collision_strategy: CANCEL_NEW}\n"
            f"    schedules: [{{interval: {round(max(120, soak.seconds / 6))}, slug: now-and-then}}]\n"
        )
    text = PROJECT.format(often=round(max(90, soak.seconds / 10)), more=more)
    (soak.project / "prefect.yaml").write_text(text)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "BROADSHEET_"))}
    environment |= {
        "BROADSHEET_SOURCES_FILE": str(soak.project / "sources.toml"),
        "BROADSHEET_ALLOW_PRIVATE": '["127.0.0.0/8"]',
        "BROADSHEET_HOST_GAP_S": "0.1",
        "BROADSHEET_HEALTH_PERIOD": str(soak.period_s),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    }
    command = Path(sys.executable).parent / "broadsheet"
    arguments = [*("serve", "--port", str(soak.base_port), "--metrics-port", str(soak.base_port + 1))]
    arguments += ["--project", str(soak.project), "--data-dir", str(soak.data)]
    with (soak.folder / "serve.log").open("ab") as log:
        soak.serve = subprocess.Popen([command, *arguments], env=environment, stdout=log, stderr=log)
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            if ask(soak.api, "deployments/filter", {}):
                soak.say("serve is up, deployments are there")
                return
        except OSError:
            pass
        time.sleep(1)
    raise SystemExit(f"serve did not come up: see {soak.folder}/serve.log")


def switch_off(soak: Soak) -> None:
    for deployment in ask(soak.api, "deployments/filter", {}):
        ask(soak.api, f"deployments/{deployment['id']}/pause_deployment", {})


def stop_serve(soak: Soak) -> None:
    if soak.serve is not None and soak.serve.poll() is None:
        soak.serve.send_signal(signal.SIGINT)
        try:
            soak.serve.wait(120)
        except subprocess.TimeoutExpired:
            soak.serve.kill()
            soak.serve.wait()


def _begin(press: Press, fault: SiteFault) -> Callable[[Soak], str]:
    def do(_: Soak) -> str:
        press.faults[fault.site] = Fault(**fault.fault)  # type: ignore[arg-type]
        return str(fault.fault)

    return do


def _end(press: Press, fault: SiteFault) -> Callable[[Soak], str]:
    def do(_: Soak) -> str:
        press.faults.pop(fault.site, None)
        return "as before"

    return do


if __name__ == "__main__":
    sys.exit(main())
