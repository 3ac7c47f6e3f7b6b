"""A page that ends the run's own process: after three tries the shard goes through without it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from made_archives import archive_of

from flows.attempts import attempted
from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.datadir import DataDir
from warehouse.poison import poison_pages
from warehouse.query import run_sql

KILLED = """
import os, signal, sys
from pathlib import Path
import flows.steps
from flows.pool import Pool
from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps

class Deadly(Pool):
    def map(self, items):
        def checked():
            for page in items:
                if page.url.endswith("/2"):
                    os.kill(os.getpid(), signal.SIGKILL)
                yield page
        return super().map(checked())

flows.steps.Pool = Deadly
run = open_run(data_dir=Path(sys.argv[1]), workers=1)
with direct_steps(run) as steps:
    run_ingest(run, [Path(sys.argv[2])], steps)
"""


@pytest.mark.slow
@pytest.mark.kill
def test_a_page_that_ends_the_run_is_left_out_after_three_tries(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "a.warc.gz"
    archive.write_bytes(archive_of(1, pages=5))
    codes = [subprocess.run([sys.executable, "-c", KILLED, str(data), str(archive)]).returncode for _ in range(4)]  # noqa: PLW1510
    assert codes == [-signal.SIGKILL] * 3 + [0]
    rows = run_sql(
        DataDir.open(data, create=False), "SELECT parse_path(url)[-1], outcome, detail FROM captures ORDER BY url"
    ).rows
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4"]
    assert [row[1] for row in rows if row[0] != "2"] == ["new"] * 4
    assert rows[2][1:] == ("extract_crashed", "ended the whole run, 3 times")
    assert list((data / "attempts").iterdir()) == []


def test_an_error_is_no_pages_fault(tmp_path: Path) -> None:
    datadir = open_run(data_dir=tmp_path / "data").datadir
    for _ in range(5):
        with pytest.raises(OSError, match="disk"):
            _fail(datadir)
    assert list((datadir.root / "attempts").iterdir()) == []


def _fail(datadir: DataDir) -> None:
    with attempted(datadir, "a") as attempt:
        assert not attempt.is_careful
        raise OSError("disk")


def test_tries_are_counted_by_shard_and_forgotten_when_one_ends(tmp_path: Path) -> None:
    datadir = open_run(data_dir=tmp_path / "data").datadir

    def killed(batch_id: str) -> None:
        if (pid := os.fork()) == 0:
            with attempted(datadir, batch_id):
                os._exit(1)
        os.waitpid(pid, 0)

    killed("a")
    killed("a")
    killed("b")
    with attempted(datadir, "b") as attempt:
        assert not attempt.is_careful
    with attempted(datadir, "a") as attempt:
        assert attempt.is_careful
    with attempted(datadir, "a") as attempt:
        assert not attempt.is_careful


def test_what_was_set_aside_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive_of(1, pages=3))
    run = open_run(data_dir=tmp_path / "data", workers=1, page_memory_bytes=1_000)
    with direct_steps(run) as steps:
        run_ingest(run, [tmp_path / "a.warc.gz"], steps)
    pages = poison_pages(run.datadir)
    assert {page.outcome for page in pages} == {"extract_memory"}
    assert len(pages) == 3
    assert all(page.warc_file.endswith("a.warc.gz") for page in pages)
