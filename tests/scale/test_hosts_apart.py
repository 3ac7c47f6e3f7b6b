"""Hosts that share no disk: each worker has a data dir of its own, captures and lake go to a bucket, the ledger is a
PostgreSQL server. One worker is cut off from both in mid-run, the other is killed in mid-run; both come back.

The commands are run as somebody would run them, and a third host loads into a DuckLake what the two have stored. All
extras at once are needed, so this is part of `make test-scale`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import pytest
from cut_cable import Cable
from postgres_server import PASSWORD, Server
from s3_server import BUCKET, SECRET
from shared_press import SharedPress, shared_press
from test_shared_crawl import is_clean, rows, wait_until

from warehouse.captures import Captured, read_captures
from warehouse.captures_stored import fetch_capture, stored_captures
from warehouse.datadir import DataDir
from warehouse.lakehouse import Lakehouse
from warehouse.query import run_sql
from warehouse.verify import verify

sys.path.append(str(Path(__file__).parents[1] / "lake"))
from lake_extra import needs_extra

pytestmark = [pytest.mark.slow, pytest.mark.kill, needs_extra]

PAGES = 420
GAP_S = 0.1
QUICK_S, SLOW_S = 0.02, 6.0
LEASE_S = 24.0
COUNTS = """SELECT (SELECT count(*) FROM captures), (SELECT count(DISTINCT url) FROM captures),
  (SELECT count(*) FROM fetches WHERE outcome = 'captured'),
  (SELECT count(*) FROM fetches JOIN captures USING (capture_id) WHERE fetches.outcome = 'captured')"""
ARTICLES = "SELECT source, url, title, text, version_number FROM articles ORDER BY ALL"


@pytest.fixture
def press() -> Iterator[SharedPress]:
    with shared_press(6, latency_s=QUICK_S, paragraphs=4) as served:
        yield served


class Host:
    """A machine of its own as far as one can be had here: a folder, and processes that know no other."""

    def __init__(self, folder: Path, urls: list[str], **settings: Any) -> None:
        self.folder = folder
        folder.mkdir()
        tables = [
            f'[[source]]\nid = "{name}"\nkind = "urls"\nmax_pages = 100000\nurls = {json.dumps(half)}\n'
            for name, half in (("first", urls[: PAGES // 2]), ("second", urls[PAGES // 2 :]))
        ]
        (folder / "sources.toml").write_text("\n".join(tables))
        self.settings = {
            "contact": folder.name, "allow_private": '["127.0.0.0/8"]', "host_gap_s": GAP_S, "latency_factor": 0,
            "warc_age_max_s": 3, "total_timeout_s": 10, "lease_s": LEASE_S, "storage_patience_s": 5, "workers": 1,
            "data_dir": folder / "data", "sources_file": folder / "sources.toml", **settings,
        }  # fmt: skip

    def start(self, **settings: Any) -> subprocess.Popen[bytes]:
        """Begin `broadsheet run`; what it says goes to a file."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
        given = {f"BROADSHEET_{name.upper()}": str(value) for name, value in {**self.settings, **settings}.items()}
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [Path(sys.executable).with_name("broadsheet"), "run", "--no-prefect"],
                env={**kept, **given},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a run that must end well: exit code 0 says that its counts balance."""
        assert process.wait(600) == 0, self.said()


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts runs of hosts, and ends those that a failing test leaves behind."""
    started: list[subprocess.Popen[bytes]] = []

    def start(host: Host, **settings: Any) -> subprocess.Popen[bytes]:
        started.append(host.start(**settings))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def kept(datadir: DataDir) -> Counter[str]:
    """The pages in the capture files of the bucket."""
    found: Counter[str] = Counter()
    for name in stored_captures(datadir):
        records = list(read_captures(fetch_capture(datadir, name), root=datadir.captures))
        assert all(isinstance(record, Captured) for record in records)
        found.update(record.page.url for record in records if isinstance(record, Captured))
    return found


def test_one_is_cut_off_and_one_is_killed_and_nothing_is_lost_or_doubled(
    tmp_path: Path, postgres: Server, s3: str, press: SharedPress, begin: Callable[..., subprocess.Popen[bytes]]
) -> None:
    urls = press.urls(PAGES)
    name = token_hex(4)
    ledger, catalog = postgres.create(f"ledger_{name}"), postgres.create(f"catalog_{name}")
    shared = {"ledger": ledger, "storage": f"s3://{BUCKET}/{name}", "storage_endpoint": s3}
    anna, boris = (Host(tmp_path / who, urls, **shared) for who in ("anna", "boris"))
    storage_port = urlsplit(s3).port
    assert storage_port
    with Cable(postgres.port) as to_ledger, Cable(storage_port) as to_storage:
        victim = begin(anna)
        lonely = begin(
            boris,
            ledger=postgres.url(f"ledger_{name}", port=to_ledger.port),
            storage_endpoint=f"http://127.0.0.1:{to_storage.port}",
        )
        wait_until(lambda: min(press.count_by("anna"), press.count_by("boris")) > 0, 300)
        press.latency_s = 0.3
        wait_until(lambda: min(press.count_by("anna"), press.count_by("boris")) > 25, 300)
        press.latency_s = SLOW_S  # so that the other is not through when this one is back
        to_ledger.cut()
        to_storage.cut()
        assert lonely.wait(300) == 1, boris.said()
    last = boris.said().splitlines()[-1]  # of whichever it needed first, ledger or bucket
    assert "out of reach" in last or "nothing is lost" in last, boris.said()
    assert "Traceback" not in boris.said()
    assert PASSWORD not in last
    assert SECRET not in last

    back, before = begin(boris), press.count_by("boris")
    wait_until(lambda: press.count_by("boris") > before + 3, 300)
    wait_until(lambda: any(anna.folder.rglob("*.open")), 300)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    assert sum(press.asked().values()) < PAGES, "it was killed when all was done"
    press.latency_s = QUICK_S
    boris.finish(back)
    anna.finish(begin(anna))
    assert not list(tmp_path.rglob("*.open"))

    assert is_clean(ledger)
    assert rows(ledger, "SELECT outcome, count(*) FROM urls GROUP BY 1") == [("captured", PAGES)]
    assert press.least_gap_s() >= GAP_S
    assert press.asked().keys() == set(urls)
    calm = Host(tmp_path / "calm", urls, host_gap_s=0)
    calm.finish(begin(calm))
    office = Host(tmp_path / "office", urls, **shared, warehouse="ducklake", warehouse_catalog=catalog)
    office.finish(begin(office))
    loaded = DataDir.open(office.folder / "data", create=False, lakehouse=Lakehouse(catalog))
    assert kept(loaded) == Counter(urls)
    assert run_sql(loaded, COUNTS).rows == [(PAGES, PAGES, PAGES, PAGES)]
    assert run_sql(loaded, ARTICLES).rows == run_sql(DataDir.open(calm.folder / "data", create=False), ARTICLES).rows
    assert verify(loaded) == ()
