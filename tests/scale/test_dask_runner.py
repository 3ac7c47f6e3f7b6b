"""Shards on Dask give what they give on one machine, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest
from scale_pages import bench_pages, demo_pages, long_page, write_archive

from flows import dask_runner
from flows.dask_runner import DaskError
from flows.progress import Progress, listening
from flows.runs import Run, open_run
from flows.stages import run_extract, run_load
from flows.steps import direct_steps
from warehouse.captures import plan_shards
from warehouse.errors import UserError
from warehouse.manifest import Manifest
from warehouse.query import run_sql

distributed = pytest.importorskip("distributed", reason="needs the extra [dask]")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform != "linux", reason="children of a killed server die by a Linux signal"),
]

SHARD_PAGES = 10
HASHES = "SELECT md5(string_agg(t::VARCHAR, '|' ORDER BY t::VARCHAR)) FROM (FROM {}) AS t"
TABLES = ("captures", "article_versions", "comments", "evidence", "links")


def opened(data: Path, pages: list[tuple[str, bytes]], **given: Any) -> Run:
    run = open_run(data_dir=data, **{"shard_pages": SHARD_PAGES, "workers": 2, **given})
    write_archive(run.datadir.captures / "a.warc.gz", pages)
    return run


def extracted(run: Run) -> dict[str, str]:
    """Extract all that is there; each batch with the digest of what it holds."""
    with direct_steps(run) as steps:
        assert run_extract(run, steps).problems == ()
    assert list((run.datadir.root / "attempts").glob("*")) == []
    return digests(run)


def digests(run: Run) -> dict[str, str]:
    return {name: batch.digest for name, batch in Manifest.read(run.datadir).batches.items()}


def row_hashes(run: Run) -> list[object]:
    with direct_steps(run) as steps:
        run_load(run, steps)
    return [run_sql(run.datadir, HASHES.format(table)).rows[0][0] for table in TABLES]


@pytest.fixture(scope="module")
def pages() -> list[tuple[str, bytes]]:
    return [*demo_pages(), *bench_pages()]


@pytest.fixture(scope="module")
def on_one_machine(
    pages: list[tuple[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], Any]:
    run = opened(tmp_path_factory.mktemp("one") / "data", pages, workers=1)
    return extracted(run), row_hashes(run)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster that was there before, with two workers."""
    import dask

    patience = dask.config.set({"distributed.deploy.lost-worker-timeout": "300s"})
    with patience, distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=None, silence_logs=50,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as one:  # fmt: skip
        yield one


def children_of(cluster: Any) -> list[psutil.Process]:
    """The extraction processes below the cluster's workers."""
    found = []
    for nanny in cluster.workers.values():
        if psutil.pid_exists(nanny.pid):
            found += psutil.Process(nanny.pid).children(recursive=True)
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_a_cluster_of_its_own_makes_the_same_batches_and_rows(
    pages: list[tuple[str, bytes]], on_one_machine: tuple[dict[str, str], Any], tmp_path: Path
) -> None:
    heard: list[Progress] = []
    run = opened(tmp_path / "data", pages, runner="dask")
    with listening(heard.append):
        assert extracted(run) == on_one_machine[0]
    assert len(on_one_machine[0]) > 5
    assert not (run.datadir.lake / ".pending").exists() or not list((run.datadir.lake / ".pending").iterdir())
    assert row_hashes(run) == on_one_machine[1]
    assert not [p for p in psutil.Process().children(recursive=True) if "flows.pool_child" in " ".join(p.cmdline())]


def test_a_worker_killed_in_mid_shard_costs_a_try_elsewhere(cluster: Any, tmp_path: Path) -> None:
    many = [(f"{url}?{turn}", body) for turn in range(8) for url, body in demo_pages()]
    given = {"shard_pages": 10_000, "runner": "dask", "dask_address": cluster.scheduler_address}
    run = opened(tmp_path / "data", many, **given)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if not killed and progress.stage == "extract":
            busy = [a for a, worker in cluster.scheduler.workers.items() if worker.processing]
            killed.extend(nanny.pid for nanny in cluster.workers.values() if nanny.worker_address in busy)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    with listening(kill):
        on_dask = extracted(run)
    assert len(killed) == 1
    alone = opened(tmp_path / "alone", many, shard_pages=10_000)
    assert on_dask == extracted(alone)


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ({"page_cpu_s": 0.4}, "extract_timeout"),
        ({"page_memory_bytes": 300_000_000}, "extract_memory"),
    ],
)
def test_a_page_that_takes_too_much_costs_itself_alone(
    cluster: Any, tmp_path: Path, limit: dict[str, Any], outcome: str
) -> None:
    pages = list(demo_pages())
    poisoned = [*pages[:6], ("http://long.example/a", long_page()), *pages[6:12]]
    found = []
    for name, given in (("dask", {"runner": "dask", "dask_address": cluster.scheduler_address}), ("one", {})):
        run = opened(tmp_path / name, poisoned, shard_pages=10_000, **limit, **given)
        found.append(extracted(run))
        (kept,) = (run.datadir.lake / "captures").glob("*/*.parquet")
        rows = pq.read_table(kept, columns=["url", "outcome"]).to_pylist()
        assert [tuple(r.values()) for r in rows if r["outcome"] != "new"] == [("http://long.example/a", outcome)]
    assert found[0] == found[1]


def test_what_is_under_way_ends_with_the_run_and_the_cluster_goes_on(cluster: Any, tmp_path: Path) -> None:
    many = [(f"{url}?{turn}", body) for turn in range(40) for url, body in demo_pages()]
    given = {"shard_pages": 10_000, "runner": "dask", "dask_address": cluster.scheduler_address}
    run = opened(tmp_path / "data", many, **given)
    ended: list[BaseException] = []
    wait_for(lambda: not children_of(cluster))

    def extract(steps: Any) -> None:
        shard = plan_shards(run.datadir.captures / "a.warc.gz", root=run.datadir.captures, pages=10_000).shards[0]
        try:
            steps.extract(shard, 1)
        except UserError as error:
            ended.append(error)

    with direct_steps(run) as steps:
        waiting = threading.Thread(target=extract, args=(steps,))
        waiting.start()
        wait_for(lambda: len(children_of(cluster)) >= 2)
    waiting.join(60)
    assert isinstance(ended[0], DaskError)
    wait_for(lambda: not children_of(cluster))
    assert digests(run) == {}
    assert len(cluster.scheduler.workers) == 2


def test_a_page_that_takes_its_worker_along_is_left_out_after_three(cluster: Any, tmp_path: Path) -> None:
    from deadly_page import DeadlyPlugin

    pages = list(demo_pages())[:4]
    many = [*pages[:2], ("http://deadly.example/", pages[0][1]), *pages[2:]]
    run = opened(tmp_path / "data", many, runner="dask", dask_address=cluster.scheduler_address)
    with distributed.Client(cluster, set_as_default=False) as client:
        client.register_plugin(DeadlyPlugin(), name="deadly")
        try:
            extracted(run)
        finally:
            client.unregister_worker_plugin("deadly")
    (kept,) = (run.datadir.lake / "captures").glob("*/*.parquet")
    rows = pq.read_table(kept, columns=["url", "outcome", "detail"]).to_pylist()
    bad = [tuple(r.values()) for r in rows if r["outcome"] != "new"]
    assert bad == [("http://deadly.example/", "extract_crashed", "ended the whole run, 3 times")]


PARENT = """
import sys
from pathlib import Path
from flows.runs import open_run
from flows.stages import run_extract
from flows.steps import direct_steps

if __name__ == "__main__":
    run = open_run(data_dir=Path(sys.argv[1]), shard_pages=10, workers=2, runner="dask")
    with direct_steps(run) as steps:
        run_extract(run, steps)
"""


def test_a_killed_run_leaves_no_process_and_the_next_one_carries_on(
    tmp_path: Path,
) -> None:
    many = [(f"{url}?{turn}", body) for turn in range(8) for url, body in demo_pages()]
    run = opened(tmp_path / "data", many)
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py", str(run.datadir.root)])
    wait_for(lambda: len(digests(run)) >= 2)
    below = psutil.Process(parent.pid).children(recursive=True)
    assert len(below) >= 4
    parent.kill()
    parent.wait()
    done = digests(run)
    wait_for(lambda: all(not p.is_running() or p.status() == psutil.STATUS_ZOMBIE for p in below))
    with direct_steps(run) as steps:
        report = run_extract(run, steps)
    assert report.known_count == len(done) > 0
    whole = opened(tmp_path / "whole", many)
    assert digests(run) == extracted(whole)
    assert done.items() <= digests(run).items()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:26999", "nonsense", "quic://127.0.0.1:26999"])
def test_an_address_that_is_wrong_is_one_line_before_anything_is_crawled(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(dask_runner, "CONNECT_S", 0.5)
    run = open_run(data_dir=tmp_path / "data", runner="dask", dask_address=address)
    with direct_steps(run) as steps, pytest.raises(DaskError) as raised:
        steps.begin()
    assert str(raised.value).startswith(f"no Dask cluster answers at {address}: ")
    assert "BROADSHEET_DASK_ADDRESS" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_extra_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_runner, "find_spec", lambda name: None)
    run = open_run(data_dir=tmp_path / "data", runner="dask")
    with pytest.raises(UserError, match=r"runner dask needs the extra \[dask\]"), direct_steps(run):
        pass
