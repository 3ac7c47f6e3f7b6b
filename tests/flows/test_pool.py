"""The pool gives each item exactly one result, whatever an item does to the process that works on it."""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from flows.pool import Pool, PoolError, PoolLimits
from flows.pool_child import memory_bytes
from transforms.outcome import Outcome
from transforms.page import Rejected

LIMITS = PoolLimits(cpu_s=0.5, memory_bytes=250_000_000, stall_s=60)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def pool(work="act", **arguments):
    arguments.setdefault("limits", LIMITS)
    return Pool(work=f"pool_work:{work}", **arguments)


@pytest.mark.parametrize(
    ("order", "outcome", "detail"),
    [
        ("hang in Python", Outcome.EXTRACT_TIMEOUT, "more than 0.5 s of CPU time"),
        ("hang in C", Outcome.EXTRACT_TIMEOUT, "more than 0.5 s of CPU time"),
        pytest.param("hog", Outcome.EXTRACT_MEMORY, "more than 250000000 bytes of memory", marks=LINUX),
        pytest.param("burst", Outcome.EXTRACT_MEMORY, "more than 250000000 bytes of memory", marks=LINUX),
        ("exit", Outcome.EXTRACT_CRASHED, "its process ended with status 3"),
        ("kill", Outcome.EXTRACT_CRASHED, "killed by SIGKILL"),
        ("segfault", Outcome.EXTRACT_CRASHED, "killed by SIGSEGV"),
        ("raise", Outcome.EXTRACT_ERROR, "ValueError: no way (pool_work.py:"),
        ("sys.exit", Outcome.EXTRACT_ERROR, "SystemExit: 4 (pool_work.py:"),
        ("recurse", Outcome.EXTRACT_ERROR, "RecursionError: maximum recursion depth exceeded"),
        ("unpicklable", Outcome.EXTRACT_ERROR, "lambda"),
    ],
)
def test_an_item_that_misbehaves_costs_itself_alone(order, outcome, detail):
    items = [*range(5), order, *range(6, 20)]
    # to fill memory is work as well: on a busy machine it may take longer than what hangs is given
    limits = LIMITS if outcome is Outcome.EXTRACT_TIMEOUT else replace(LIMITS, cpu_s=20.0)
    with pool(workers=1, chunk=8, limits=limits) as one:
        results = list(one.map(items))
    assert sorted(number for number, _ in results) == list(range(20))
    by_number = dict(results)
    rejected = by_number.pop(5)
    assert isinstance(rejected, Rejected)
    assert rejected.outcome is outcome
    assert detail in rejected.detail
    assert all(by_number[number] == number for number in by_number)


def test_many_misbehaving_items_in_one_chunk():
    orders = ["exit", "hang in C", "kill", "raise", "segfault", "exit"]
    with pool(workers=2, chunk=16) as one:
        results = dict(one.map([*orders, "fine"]))
    assert [results[n].outcome.value for n in range(6)] == [
        "extract_crashed", "extract_timeout", "extract_crashed", "extract_error", "extract_crashed", "extract_crashed",
    ]  # fmt: skip
    assert results[6] == "fine"


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 300])
def test_every_number_once(workers, count):
    with pool(workers=workers) as one:
        results = list(one.map(f"item {number}" for number in range(count)))
    assert sorted(results) == sorted((number, f"item {number}") for number in range(count))


def test_items_larger_than_a_chunk_may_be():
    items = [bytes([number]) * 3_000_000 for number in range(8)]
    with pool(workers=2) as one:
        assert dict(one.map(items)) == dict(enumerate(items))


def test_a_child_killed_from_outside_loses_nothing(tmp_path):
    with pool("die_once", workers=2, options=str(tmp_path), chunk=4) as one:
        results = dict(one.map(range(12)))
    assert results == {number: number for number in range(12)}
    assert len(list(tmp_path.iterdir())) == 12


@LINUX
def test_a_killed_server_is_started_again(tmp_path):
    with pool("kill_server_once", workers=2, options=str(tmp_path), chunk=4) as one:
        assert dict(one.map(range(12))) == {number: number for number in range(12)}
    assert (tmp_path / "killed").exists()


def test_a_child_that_waits_for_ever_is_ended():
    with pool(workers=1, limits=PoolLimits(stall_s=0.3)) as one:
        results = dict(one.map(["sleep", "fine"]))
    assert results == {0: Rejected(outcome=Outcome.EXTRACT_TIMEOUT, detail="no result within 0.3 s"), 1: "fine"}


@LINUX
def test_a_child_that_stays_large_is_replaced_and_its_next_item_not_blamed():
    with pool("grow", workers=1, chunk=1, limits=PoolLimits(memory_bytes=400_000_000)) as one:
        small = {pid for _, pid in one.map([1_000, 1_000])}
        large = [pid for _, pid in one.map([250_000_000, 250_000_000, 1_000])]
    assert len(small) == 1
    assert len(set(large)) == 3


@LINUX
def test_a_child_without_work_is_ended_and_another_made(monkeypatch):
    monkeypatch.setattr("flows.pool.IDLE_S", 0.05)
    with pool("grow", workers=1) as one:
        [(_, first)] = one.map([1_000])
        deadline = time.monotonic() + 30
        while psutil.pid_exists(first) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not psutil.pid_exists(first)
        [(_, second)] = one.map([1_000])
    assert second != first


def test_the_sample_is_done_before_there_are_children(tmp_path):
    with pool("note_pid", workers=2, options=str(tmp_path), samples=["sample"]) as one:
        pids = {pid for _, pid in one.map(range(4))}
    noted = {path.name: int(path.read_text()) for path in tmp_path.iterdir()}
    assert noted.pop("sample") not in pids
    assert set(noted.values()) == pids


def test_a_sample_that_fails_costs_nothing(tmp_path):
    with pool(samples=["raise"]) as one:
        assert dict(one.map(["fine"])) == {0: "fine"}


def test_items_are_taken_only_as_there_is_room():
    taken = 0

    def items():
        nonlocal taken
        for number in range(2_000):
            taken += 1
            yield number

    with pool(workers=2, chunk=8) as one:
        ahead = [taken - done for done, _ in enumerate(one.map(items()), start=1)]
    # one chunk a child, one in line, and two chunks looked ahead
    assert max(ahead) <= (2 + 1 + 2) * 8
    assert len(ahead) == 2_000


def test_a_map_that_is_left_early_ends_its_work_and_the_pool_goes_on():
    with pool(workers=2, chunk=2, limits=PoolLimits(cpu_s=600)) as one:
        results = one.map(["first", *["hang in C"] * 50])
        assert next(results) == (0, "first")
        results.close()
        assert dict(one.map(range(10))) == {number: number for number in range(10)}


def test_an_error_in_the_items_is_raised_and_the_pool_goes_on():
    def items():
        yield from range(40)
        raise OSError("the disk is gone")

    with pool(workers=2, chunk=2) as one:
        with pytest.raises(OSError, match="the disk is gone"):
            list(one.map(items()))
        assert list(one.map(["fine"])) == [(0, "fine")]


def test_several_threads_share_a_pool():
    results = {}

    def use(name, one):
        results[name] = dict(one.map(f"{name} {number}" for number in range(50)))

    with pool(workers=2, chunk=4) as one:
        users = [threading.Thread(target=use, args=(name, one)) for name in "abc"]
        for user in users:
            user.start()
        for user in users:
            user.join()
    assert results == {name: {number: f"{name} {number}" for number in range(50)} for name in "abc"}


def test_a_pool_closed_under_a_running_map_raises_there():
    one = pool(workers=1, chunk=1, limits=PoolLimits(cpu_s=600))
    results = one.map(["first", "hang in C", "last"])
    assert next(results) == (0, "first")
    closer = threading.Timer(0.2, one.close)
    closer.start()
    with pytest.raises(PoolError, match="closed"):
        list(results)
    closer.join()
    with pytest.raises(PoolError, match="closed"):
        list(one.map(["again"]))


def test_a_result_that_the_parent_cannot_read_is_raised_and_the_pool_goes_on():
    with pool("give_unreadable", workers=1, chunk=2) as one:
        with pytest.raises(PoolError, match="the extraction pool failed: ValueError"):
            list(one.map(range(10)))
        assert len(list(one.map([0]))) == 1


def test_the_same_child_serves_one_map_after_another():
    with pool("give_unreadable", workers=1) as one:
        assert len({dict(one.map([0]))[0] for _ in range(30)}) == 1


@pytest.mark.parametrize("work", ["no_such_module:act", "pool_work:no_such_function"])
def test_work_that_cannot_be_imported_is_said(work):
    with Pool(work=work, workers=1) as one:
        for _ in range(2):
            with pytest.raises(PoolError, match=r"cannot be imported: .*no_such"):
                list(one.map([1]))


def test_children_import_what_the_work_needs_and_no_more():
    with pool("imported", workers=1) as one:
        [(_, modules)] = one.map([0])
    assert not {"prefect", "duckdb", "pytest"} & set(modules)
    assert "pool_work" in modules


@LINUX
def test_extraction_children_are_forked_from_a_process_without_threads():
    from transforms.page import ExtractOptions

    with Pool(workers=1, work="extract_threads:count", options=ExtractOptions()) as one:
        assert list(one.map([0])) == [(0, (1, 1, []))]


@LINUX
def test_memory_is_that_of_the_process_itself():
    import os

    before = memory_bytes(os.getpid())
    held = b"x" * 50_000_000
    assert 40_000_000 < memory_bytes(os.getpid()) - before < 80_000_000
    assert len(held) == 50_000_000
    assert memory_bytes(2**22 + 1) == 0


def test_importing_the_pool_imports_neither_prefect_nor_duckdb():
    import subprocess

    code = "import sys, flows.pool; print([m for m in ('prefect', 'duckdb', 'trafilatura') if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
