"""However the parent ends, its children end too, and nothing of its `__main__` runs again in them."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform != "linux", reason="children of a killed server die by a Linux signal"),
]


def start(tmp_path, body, **arguments):
    """A parent that is a script without a `__main__` guard."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, threading, time
            sys.path[:0] = {path!r}
            print("main", flush=True)
            from flows.pool import Pool, PoolLimits
            mark = {mark!r}
            """
        ).format(path=[str(HERE), str(HERE.parents[1])], mark=str(tmp_path / "pids"))
        + textwrap.dedent(body)
    )
    return subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **arguments)


def hanging_pids(tmp_path):
    """The child that hangs in C and its server, once they run."""
    mark = tmp_path / "pids"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if mark.exists() and len(pids := mark.read_text().split()) == 2:
            return [int(pid) for pid in pids]
        time.sleep(0.01)
    raise AssertionError("the child did not start")


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def assert_gone(pids):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and not all(is_gone(pid) for pid in pids):
        time.sleep(0.02)
    assert all(is_gone(pid) for pid in pids)


HANG = """
with Pool(workers=2, work="pool_work:processes", options=mark, limits=PoolLimits(cpu_s=600)) as pool:
    list(pool.map(["hang"]))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_parent_leaves_no_child(tmp_path, number):
    parent = start(tmp_path, HANG)
    pids = hanging_pids(tmp_path)
    assert not any(is_gone(pid) for pid in pids)
    parent.send_signal(number)
    parent.communicate(timeout=15)
    assert_gone(pids)


def test_children_die_with_a_parent_that_others_were_forked_from(tmp_path):
    """A process forked from the parent holds its sockets open, so their closing cannot be what ends the server."""
    forking = """
    import os
    from flows.pool_server import PoolServer
    pool = Pool(workers=1, work="pool_work:processes", options=mark, limits=PoolLimits(cpu_s=600))
    list(pool.map([1]))
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    list(pool.map(["hang"]))
    """
    parent = start(tmp_path, forking, start_new_session=True)
    pids = hanging_pids(tmp_path)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(15)
    assert_gone(pids)
    os.killpg(parent.pid, signal.SIGKILL)
    parent.communicate(timeout=15)


def test_a_killed_server_takes_its_children_along(tmp_path):
    parent = start(tmp_path, HANG)
    child, server = hanging_pids(tmp_path)
    os.kill(server, signal.SIGKILL)
    assert_gone([child, server])
    parent.kill()
    parent.communicate(timeout=15)


def test_ctrl_c_ends_all_and_is_raised_once(tmp_path):
    parent = start(tmp_path, HANG, start_new_session=True)
    pids = hanging_pids(tmp_path)
    os.killpg(parent.pid, signal.SIGINT)
    out, errors = parent.communicate(timeout=15)
    assert_gone(pids)
    assert out.split() == [b"main"]
    assert errors.count(b"KeyboardInterrupt") == 1
    assert errors.count(b"Traceback") == 1


def test_an_exception_in_the_consumer_ends_all(tmp_path):
    raising = """
    with Pool(workers=2, chunk=1, work="pool_work:processes", options=mark, limits=PoolLimits(cpu_s=600)) as pool:
        for number, pids in pool.map([1, "hang"]):
            import os
            while not os.path.exists(mark) or len(open(mark).read().split()) < 2: time.sleep(0.01)
            raise RuntimeError("the lake is full")
    """
    parent = start(tmp_path, raising)
    pids = hanging_pids(tmp_path)
    _, errors = parent.communicate(timeout=15)
    assert_gone(pids)
    assert b"RuntimeError: the lake is full" in errors


def test_a_pool_that_was_never_closed_ends_with_its_parent(tmp_path):
    leaving = """
    pool = Pool(workers=2, work="pool_work:processes", options=mark)
    print(*dict(pool.map([1, 2, 3]))[0])
    """
    parent = start(tmp_path, leaving)
    out, errors = parent.communicate(timeout=15)
    assert errors == b""
    assert parent.returncode == 0
    main, *pids = out.split()
    assert main == b"main"
    assert_gone([int(pid) for pid in pids])


def test_a_thread_that_made_the_pool_may_end_before_it(tmp_path):
    """Prefect runs tasks in threads: a death signal bound to the thread would kill the server too early."""
    threaded = """
    made = []
    maker = threading.Thread(target=lambda: made.append(Pool(workers=2, work="pool_work:processes")))
    maker.start(); maker.join()
    time.sleep(0.3)
    with made[0] as pool:
        print(len(list(pool.map(range(40)))))
    """
    out, errors = start(tmp_path, threaded).communicate(timeout=15)
    assert (out.split(), errors) == ([b"main", b"40"], b"")
