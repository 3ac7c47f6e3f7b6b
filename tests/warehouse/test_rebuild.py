from __future__ import annotations

import random
from pathlib import Path

import pytest
from synthetic import NOW, World, query, rows

from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.rebuild import rebuild


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))])
def test_rows_are_the_same_in_whatever_order_and_groups_they_came(tmp_path: Path, seed: int) -> None:
    world, rng = World(seed), random.Random(seed)
    datadir = DataDir.open(tmp_path / "data", create=True)
    for batch in rng.sample(range(world.batches), world.batches):
        world.put(datadir, batch)
        if rng.random() < 0.6:
            load(datadir, run_id="r", now=NOW)
    load(datadir, run_id="r", now=NOW)
    in_many_loads = rows(datadir.warehouse)
    rebuild(datadir, run_id="r", now=NOW)
    assert rows(datadir.warehouse) == in_many_loads
    # the made-up press is worth the name: there is something to get wrong
    [(merged, versions, unchanged)] = query(
        datadir.warehouse,
        "SELECT (SELECT count(DISTINCT coalesce(page_key, article_id)) - count(DISTINCT article_id) "
        "FROM observations), "
        "(SELECT max(version_number) FROM article_versions), "
        "(SELECT count(*) FROM captures WHERE outcome = 'unchanged')",
    )
    assert merged > 0
    assert versions > 2
    assert unchanged > 0


def test_a_rebuild_keeps_the_list_of_loads(datadir: DataDir) -> None:
    world = World(0)
    world.put(datadir, 0)
    load(datadir, run_id="first", now=NOW)
    rebuild(datadir, run_id="second", now=NOW)
    found = query(datadir.warehouse, "SELECT run_id, is_rebuild FROM loads ORDER BY run_id")
    assert found == [("first", False), ("second", True)]
    assert query(datadir.warehouse, "SELECT count(DISTINCT load_id) FROM batches") == [(1,)]
