"""A shard gives the same rows in the same order, whichever of its pages was done first."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from made_archives import archive_of

from flows.attempts import Mapper
from flows.shards import PAGES_AT_ONCE, read_shard
from transforms.extract import extract_page
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Page, Rejected
from warehouse.captures import plan_shards
from warehouse.datadir import DataDir

PAGES = 2 * PAGES_AT_ONCE + 5
REJECTED = 7


class Shuffled:
    """Extracts in this process, and gives the results in an order drawn by lot; one page is rejected."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def map(self, items: Iterable[Page], /) -> Iterator[tuple[int, Extracted | Rejected]]:
        done = [(number, extract_page(page, ExtractOptions())) for number, page in enumerate(items)]
        done[REJECTED] = (REJECTED, Rejected(outcome=Outcome.EXTRACT_CRASHED, detail="drawn by lot"))
        yield from random.Random(self._seed).sample(done, len(done)) if self._seed else done


def tables(datadir: DataDir, mapper: Mapper) -> dict[str, pa.Table]:
    [shard] = plan_shards(datadir.captures / "a.warc.gz", root=datadir.captures, pages=1_000).shards
    return read_shard(datadir, shard, 1, mapper).tables


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_file_is_kept(tmp_path: Path, seed: int) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True)
    (datadir.captures / "a.warc.gz").write_bytes(archive_of(1, pages=PAGES))
    in_turn, by_lot = tables(datadir, Shuffled(0)), tables(datadir, Shuffled(seed))
    assert by_lot == in_turn
    assert by_lot["articles"].num_rows == PAGES - 1
    kept = [row["capture_id"] for row in by_lot["captures"].to_pylist() if row["outcome"] == Outcome.NEW]
    assert by_lot["articles"]["capture_id"].to_pylist() == kept
