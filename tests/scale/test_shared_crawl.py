"""Several workers on one crawl, with data dirs of their own: nothing asked twice, nothing lost, gaps kept."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from crawl_worker import worker
from cut_cable import Cable
from postgres_server import Server
from shared_press import SharedPress, shared_press

from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.captures import Captured, read_captures
from warehouse.captures_recover import recover
from warehouse.lake import known_batches
from warehouse.query import run_sql

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
CALM = {"total_timeout_s": 20.0, "lease_s": 60.0}
Start = Callable[..., BaseProcess]


@pytest.fixture
def press() -> Iterator[SharedPress]:
    with shared_press(6, latency_s=0.02) as served:
        yield served


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a worker: its name, the ledger, the pages, settings."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawl_worker"])
    started: list[BaseProcess] = []

    def begin(name: str, ledger: str, urls: Sequence[str], *, run_id: str = "", **given: Any) -> BaseProcess:
        (tmp_path / name).mkdir(exist_ok=True)
        arguments = (str(tmp_path / name), run_id or name, ledger, urls, {"contact": name, **given})
        process = context.Process(target=worker, args=arguments, daemon=True)
        process.start()
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.is_alive():
            process.kill()
        process.join()


def let_go(folder: Path, *names: str) -> None:
    """Let workers begin together, once all of them are there: starting a process takes long on a busy machine."""
    wait_until(lambda: all((folder / name / f"{name}.ready").exists() for name in names))
    (folder / "go").touch()


def said(folder: Path, run_id: str) -> dict[str, Any]:
    return dict(json.loads((folder / f"{run_id}.json").read_text()))


def kept(folder: Path) -> Counter[str]:
    """The pages in a worker's capture files."""
    root = folder / "data" / "captures"
    records = [r for path in sorted(root.rglob("*.warc.gz")) for r in read_captures(path, root=root)]
    assert all(isinstance(record, Captured) for record in records)
    return Counter(record.page.url for record in records if isinstance(record, Captured))


def rows(ledger: str, query: str) -> list[Any]:
    with psycopg.connect(ledger) as connection:
        return list(connection.execute(query).fetchall())


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def is_clean(ledger: str) -> bool:
    held = rows(ledger, "SELECT count(*) FROM queue UNION ALL SELECT count(lease_run_id) FROM hosts")
    return [count for (count,) in held] == [0, 0]


@pytest.mark.slow
def test_two_workers_share_a_crawl(tmp_path: Path, postgres: Server, press: SharedPress, start: Start) -> None:
    ledger, urls = postgres.create("two"), press.urls(420)
    gentle = {"host_gap_s": 0.1, **CALM}
    workers = [start(name, ledger, urls, **gentle) for name in ("anna", "boris")]
    let_go(tmp_path, "anna", "boris")
    for process in workers:
        process.join(120)
    reports = [said(tmp_path / name, name) for name in ("anna", "boris")]
    assert all(report["balanced"] for report in reports), reports
    pages = [report["counts"].get("page captured", 0) for report in reports]
    assert sum(pages) == len(urls)
    assert min(pages) > 0, "one worker did it all"
    assert press.asked() == Counter(urls)
    assert press.least_gap_s() >= 0.1
    assert kept(tmp_path / "anna") + kept(tmp_path / "boris") == Counter(urls)
    assert sum(path == "/robots.txt" for *_, path, _ in press.log) == len(press.sites)
    assert is_clean(ledger)
    assert rows(ledger, "SELECT outcome, count(*) FROM urls GROUP BY 1") == [("captured", len(urls))]

    data_dir = tmp_path / "together"
    run = open_run(data_dir=data_dir, workers=1)
    with direct_steps(run) as steps:
        report = run_ingest(run, [tmp_path / name / "data" for name in ("anna", "boris")], steps)
    assert report.is_balanced, report
    [(captures, fetched, matched)] = run_sql(
        run.datadir,
        "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM fetches WHERE outcome = 'captured'), "
        "(SELECT count(*) FROM fetches JOIN captures USING (capture_id))",
    ).rows
    assert (captures, fetched, matched) == (len(urls), len(urls), len(urls))


@pytest.mark.slow
@pytest.mark.kill
def test_a_killed_worker_is_taken_over(tmp_path: Path, postgres: Server, press: SharedPress, start: Start) -> None:
    ledger, urls = postgres.create("killed"), press.urls(480)
    gentle = {"host_gap_s": 0.1, **CALM}
    victim, other = (start(name, ledger, urls, **gentle) for name in ("anna", "boris"))
    let_go(tmp_path, "anna", "boris")
    wait_until(lambda: min(press.count_by("anna"), press.count_by("boris")) > 20)
    victim.kill()
    victim.join()
    shutil.copytree(tmp_path / "anna", tmp_path / "as it lay")
    recover(tmp_path / "as it lay" / "data" / "captures")
    durable = set(kept(tmp_path / "as it lay"))
    other.join(120)
    assert "error" not in (told := said(tmp_path / "boris", "boris")), told
    assert told["balanced"]
    assert press.least_gap_s() >= 0.1
    in_doubt = rows(ledger, "SELECT count(*) FROM queue")[0][0]
    assert rows(ledger, "SELECT count(*) FROM queue WHERE batch_id IS NULL")[0][0] == 0

    start("anna", ledger, urls, run_id="anna-again", **gentle).join(120)
    assert said(tmp_path / "anna", "anna-again")["balanced"]
    assert is_clean(ledger)
    both = kept(tmp_path / "anna") + kept(tmp_path / "boris")
    assert both == Counter(urls), f"{in_doubt} pages were just being written"
    twice = {page for page, count in press.asked().items() if count > 1}
    assert not twice & durable  # only what was under way or not yet written is asked for again
    assert rows(ledger, "SELECT outcome, count(*) FROM urls GROUP BY 1") == [("captured", len(urls))]
    assert rows(ledger, "SELECT count(*) FROM batches") == [(0,)]
    assert not list(tmp_path.rglob("*.open"))


@pytest.mark.slow
def test_a_worker_that_is_cut_off_stops_in_time(
    tmp_path: Path, postgres: Server, press: SharedPress, start: Start
) -> None:
    ledger, urls = postgres.create("cut"), press.urls(480)
    gentle = {"host_gap_s": 0.1, "total_timeout_s": 3.0, "lease_s": 9.0}
    with Cable(postgres.port) as cable:
        lonely = start("anna", postgres.url("cut", port=cable.port), urls, **gentle)
        other = start("boris", ledger, urls, **gentle)
        let_go(tmp_path, "anna", "boris")
        wait_until(lambda: min(press.count_by("anna"), press.count_by("boris")) > 20)
        cable.cut()
        cut_at = time.monotonic()
        lonely.join(30)
        ended_after_s = time.monotonic() - cut_at
        other.join(120)
    told = said(tmp_path / "anna", "anna")
    assert told["kind"] == "LedgerLostError", told
    assert "out of reach" in told["error"]
    assert "secret" not in told["error"]
    assert press.last_by("anna") <= cut_at + 9.0
    assert ended_after_s < 29.0
    assert "error" not in (told := said(tmp_path / "boris", "boris")), told
    assert told["balanced"]
    assert press.least_gap_s() >= 0.1

    start("anna", ledger, urls, run_id="anna-again", **gentle).join(120)
    assert said(tmp_path / "anna", "anna-again")["balanced"]
    assert is_clean(ledger)
    assert kept(tmp_path / "anna") + kept(tmp_path / "boris") == Counter(urls)
    assert rows(ledger, "SELECT outcome, count(*) FROM urls GROUP BY 1") == [("captured", len(urls))]


@pytest.mark.slow
def test_a_server_that_is_away_for_a_moment_costs_nothing(
    tmp_path: Path, postgres: Server, press: SharedPress, start: Start
) -> None:
    ledger, urls = postgres.create("away"), press.urls(180)
    running = start("anna", ledger, urls, host_gap_s=0.05, **CALM)
    let_go(tmp_path, "anna")
    wait_until(lambda: sum(press.asked().values()) > 40)
    postgres.stop()
    restarting = threading.Timer(1.0, postgres.start)
    restarting.start()
    running.join(120)
    restarting.join()
    told = said(tmp_path / "anna", "anna")
    assert told["balanced"], told
    assert told["counts"]["page captured"] == len(urls)
    assert press.asked() == kept(tmp_path / "anna") == Counter(urls)
    fetches = [key for key in known_batches(open_run(data_dir=tmp_path / "anna" / "data").datadir) if "fetches" in key]
    assert fetches
    assert is_clean(ledger)
