"""Backfill over a local server: within a budget, killed and resumed; counts balance, nothing is there twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archive_server import ArchiveServer
from made_archives import archive_of

from flows.archives.claims import at_work, claimed_files
from flows.archives.report import BackfillReport
from flows.archives.state import Step, add_note, folder_of, read_state
from flows.archives.work import BackfillOptions, run_backfill
from flows.parameters import Keep
from flows.runs import open_run
from flows.stages import run_pipeline
from flows.steps import direct_steps
from warehouse.captures import capture_files
from warehouse.query import run_sql
from warehouse.retired import retired_files

COMMAND = str(Path(sys.executable).parent / "broadsheet")
ONCE = """
SELECT count(*), count(DISTINCT capture_id), count(DISTINCT (warc_file, warc_offset)), count(DISTINCT url),
       (SELECT count(*) FROM articles), (SELECT count(*) FROM article_versions)
FROM captures
"""


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    files = {f"/2026/10/news-{n}.warc.gz": archive_of(n, pages=12) for n in range(4)}
    listing = "".join(f"{path.lstrip('/')}\n" for path in files)
    with ArchiveServer({**files, "/lists/warc.paths": listing.encode()}) as server:
        yield server


def do(data: Path, *given: str, **more: object) -> BackfillReport:
    run = open_run(data_dir=data, allow_private=["127.0.0.0/8"], workers=1, shard_pages=5)
    with direct_steps(run) as steps:
        return run_backfill(run, given, steps, BackfillOptions(niceness=0, **more))  # type: ignore[arg-type]


def counts(data: Path) -> tuple[int, ...]:
    return tuple(run_sql(open_run(data_dir=data).datadir, ONCE).rows[0])


def test_a_month_passes_through_a_disk_that_holds_two_files(server: ArchiveServer, tmp_path: Path) -> None:
    data, size = tmp_path / "data", len(server.files["/2026/10/news-0.warc.gz"])
    url = f"{server.origin}/lists/warc.paths"
    report = do(data, url, month="2026-10", keep=Keep.NONE, budget_bytes=int(size * 2.5))
    assert report.problems == ()
    assert report.words() == "4 of 4 files, 48 captures loaded, 4 files dropped afterwards"
    assert report.is_balanced
    assert counts(data) == (48, 48, 48, 48, 48, 48)
    datadir = open_run(data_dir=data).datadir
    assert capture_files(datadir.captures) == ()
    assert len(retired_files(datadir)) == 4
    assert list((folder_of(datadir) / "downloads").iterdir()) == []

    asked = len(server.asked)
    again = do(data, url, month="2026-10", keep=Keep.NONE)
    assert (again.archives, again.known_count, len(server.asked)) == ((), 4, asked + 1)
    assert counts(data) == (48, 48, 48, 48, 48, 48)


def test_files_that_are_kept_use_the_budget_up(server: ArchiveServer, tmp_path: Path) -> None:
    size = len(server.files["/2026/10/news-0.warc.gz"])
    url = f"{server.origin}/lists/warc.paths"
    report = do(tmp_path / "data", url, budget_bytes=int(size * 2.5))
    assert [archive.state for archive in report.archives] == ["loaded", "loaded", "left", "left"]
    assert report.stopped is not None
    assert "disk budget" in report.stopped
    assert do(tmp_path / "data", url).words() == "2 of 2 files, 24 captures loaded, 2 were done before"


def test_local_files_lists_and_folders(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"a{number}.warc.gz").write_bytes(archive_of(number, pages=4))
    (tmp_path / "all.paths").write_text("a0.warc.gz\na1.warc.gz\n")
    data = tmp_path / "data"
    assert do(data, str(tmp_path / "all.paths"), files_max=1).words() == "1 of 1 files, 4 captures loaded"
    assert do(data, str(tmp_path)).words() == "2 of 2 files, 8 captures loaded, 1 were done before"
    assert all((tmp_path / f"a{n}.warc.gz").exists() for n in range(3))
    assert counts(data)[:2] == (12, 12)


def test_what_cannot_be_had_is_tried_three_times_and_shown(server: ArchiveServer, tmp_path: Path) -> None:
    data, url = tmp_path / "data", f"{server.origin}/lists/warc.paths"
    server.statuses["/2026/10/news-1.warc.gz"] = 404
    server.files["/2026/10/news-2.warc.gz"] = server.files["/2026/10/news-2.warc.gz"][:-40]
    report = do(data, url)
    assert [archive.state for archive in report.archives] == ["loaded", "failed", "loaded", "loaded"]
    assert report.problems[0].endswith("news-1.warc.gz: " + f"{server.origin}/2026/10/news-1.warc.gz: status 404")
    assert report.is_balanced
    assert "cut off" in str(report.archives[2].detail) or report.archives[2].detail
    for _ in range(2):
        assert len(do(data, url).of("failed")) == 1
    passed = do(data, url)
    assert (passed.archives, passed.given_up_count) == ((), 1)
    assert "failed too often" in passed.problems[0]
    server.statuses.clear()
    assert do(data, url, is_retrying=True).words() == "1 of 1 files, 12 captures loaded, 3 were done before"
    assert read_state(open_run(data_dir=data).datadir)[f"{server.origin}/2026/10/news-1.warc.gz"].is_done


def test_a_daily_run_leaves_to_a_living_backfill_what_it_has_in_hand(tmp_path: Path) -> None:
    run = open_run(data_dir=tmp_path / "data", workers=1)
    (run.datadir.captures / "ingested").mkdir()
    (run.datadir.captures / "ingested" / "x.warc.gz").write_bytes(archive_of(1, pages=3))
    add_note(run.datadir, "https://s.example/x.warc.gz", Step.TAKEN, warc_file="ingested/x.warc.gz")
    with at_work(run.datadir):
        assert claimed_files(run.datadir) == {"ingested/x.warc.gz"}
        with direct_steps(run) as steps:
            assert run_pipeline(run, steps).notes == ()
    assert claimed_files(run.datadir) == frozenset()
    with direct_steps(run) as steps:
        assert "3 captures" in run_pipeline(run, steps).notes[0]


@pytest.mark.slow
@pytest.mark.kill
def test_killed_in_the_middle_and_resumed(server: ArchiveServer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    server.chunk_pause_s = 0.1  # so that a kill meets a download
    files = {f"/2026/10/news-{n}.warc.gz": archive_of(n, pages=20, filler=150_000) for n in range(4)}
    server.files.update(files)
    log = data / "backfill" / "log.jsonl"

    def is_noted(step: str, number: int) -> bool:
        return log.exists() and log.read_text().count(f'"step": "{step}"') >= number

    part = data / "backfill" / "downloads"
    moments: list[Callable[[], bool]] = [
        lambda: part.exists() and any(p.name.endswith(".part") and p.stat().st_size for p in part.iterdir()),
        lambda: is_noted("taken", 1),
        lambda: is_noted("taken", 2),
        lambda: is_noted("loaded", 1),
    ]
    command = [COMMAND, "backfill", f"{server.origin}/lists/warc.paths", "--keep", "none", "--data-dir", str(data)]
    command += ["--allow-private", "127.0.0.0/8", "--no-prefect"]
    env = {**os.environ, "BROADSHEET_SHARD_PAGES": "10"}
    killed = 0
    for moment in moments:
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while process.poll() is None and not moment() and time.monotonic() < end:
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed >= 3
    server.chunk_pause_s = 0.0
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert counts(data)[:4] == (80, 80, 80, 80)
    assert capture_files(open_run(data_dir=data).datadir.captures) == ()
    states = [json.loads(line)["step"] for line in log.read_text().splitlines() if line.endswith("}")]
    assert states.count("loaded") >= 4
    assert subprocess.run([COMMAND, "verify", "--data-dir", str(data)], check=False).returncode == 0
    # a download that was cut off was carried on, not begun again
    assert any(wanted for path, wanted in server.asked if path.endswith("news-0.warc.gz"))
