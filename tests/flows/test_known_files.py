"""A capture file that the lake holds whole is not read again; one that it holds in part, or from other code, is."""

from pathlib import Path

import psutil
import pytest
from made_archives import archive_of

from flows.runs import Run, open_run
from flows.shards import known_shards
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.batch_names import batch_name
from warehouse.captures import ShardPlan
from warehouse.ingest import ingest
from warehouse.lake import drop_batches, known_batches

PAGES = 5


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return open_run(data_dir=tmp_path / "data", workers=1, shard_pages=2)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archive_of(1, pages=PAGES))
    return path


def plan(run: Run, *, is_forced: bool = False) -> ShardPlan:
    [warc] = (run.datadir.captures / "ingested").glob("*.warc.gz")
    with direct_steps(run, is_forced=is_forced) as steps:
        return steps.plan(f"ingested/{warc.name}")


def test_a_file_is_read_until_the_lake_holds_it_whole(run: Run, archive: Path) -> None:
    with direct_steps(run) as steps:
        first = run_ingest(run, [archive], steps)
        again = run_ingest(run, [archive], steps)
    assert (first.capture_count, first.known_count) == (PAGES, 0)
    assert (again.capture_count, again.known_count) == (0, 3)
    assert plan(run) == ShardPlan((), None, known_count=3)
    assert len(plan(run, is_forced=True).shards) == 3
    one = sorted(known_batches(run.datadir))[0]
    drop_batches(run.datadir, [one])
    assert len(plan(run).shards) == 3
    with direct_steps(run) as steps:
        mended = run_ingest(run, [archive], steps)
    assert mended.known_count == 2
    assert one in known_batches(run.datadir)


def test_a_load_between_two_shards_has_the_memory_of_extraction(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def children() -> int:
        return len(psutil.Process().children(recursive=True))

    at_load: list[int] = []
    monkeypatch.setattr("warehouse.load.load", lambda *_, **__: at_load.append(children()))
    before = children()
    [name] = ingest([archive], run.datadir).warc_files
    with direct_steps(run) as steps:
        shards = steps.plan(name).shards
        for shard in shards[:2]:
            assert steps.extract(shard, len(shards)).article_count > 0
            assert children() > before
            steps.load()
    assert at_load == [before, before]


def test_only_batches_of_the_file_itself_made_by_the_same_code_are_known() -> None:
    ours, longer = (batch_name(name, 0, 2) for name in ("a.warc.gz", "a.warc.gz.warc.gz"))
    held = {ours: "new", batch_name("a.warc.gz", 1, 2): "old", longer: "new", "fetches": None}
    assert known_shards(held, "a.warc.gz", "new") == {ours}
