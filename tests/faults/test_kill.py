"""kill -9 at random moments of a crawl: nothing is lost, nothing is captured twice, and the counts balance."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_child import crawl_once
from slow_press import slow_press

from warehouse.captures import Captured, read_captures
from warehouse.ledger import open_ledger

PAGES_A_KILL = 9
"""A crawl is sized to outlive its kills."""


@pytest.fixture
def press() -> Iterator[tuple[list[str], list[str]]]:
    """Two sites of fiction with pages under /story/; and what was asked for, once for each time."""
    with slow_press(2, "<p>Story {path} of the harbour.</p>") as (bases, asked):
        yield bases, asked


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize("kills", [15, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_moments(tmp_path: Path, press: tuple[list[str], list[str]], kills: int) -> None:
    bases, asked = press
    urls = [f"{bases[n % 2]}/story/{n}" for n in range(PAGES_A_KILL * kills)]
    (tmp_path / "batches").mkdir()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kill_child", "flows.fetch.crawl"])
    chance = random.Random(20261123)
    killed = 0
    for life in range(kills + 20):
        child = context.Process(target=crawl_once, args=(str(tmp_path), f"run-{life:03d}", urls), daemon=True)
        child.start()
        child.join(chance.uniform(0.05, 0.4) if killed < kills else 120)
        if child.is_alive():
            child.kill()
            killed += 1
        child.join()
        if (tmp_path / "finished").exists():
            break
    assert (tmp_path / "finished").read_text() == "True"
    assert killed >= kills * 0.8  # on a very fast machine it may end a little early

    rows = [row for path in (tmp_path / "batches").glob("*.json") for row in json.loads(path.read_text())]
    pages = [row for row in rows if row[4] == "page"]
    per_run = Counter((run, url) for run, url, *_ in pages)
    assert max(per_run.values()) == 1
    captured = Counter(url for _, url, outcome, _, _ in pages if outcome == "captured")
    assert captured == Counter(urls)
    assert {outcome for _, _, outcome, _, _ in pages} <= {"captured", "deferred"}

    root = tmp_path / "data" / "captures"
    kept = [r for path in sorted(root.rglob("*.warc.gz")) for r in read_captures(path, root=root)]
    assert not list(root.rglob("*.open"))
    assert all(isinstance(r, Captured) for r in kept)
    assert Counter(r.page.url for r in kept if isinstance(r, Captured)) == Counter(urls)
    keys = {r.page.capture_id for r in kept if isinstance(r, Captured)}
    assert {capture for _, _, outcome, capture, _ in pages if outcome == "captured"} == keys

    asked_again = sum(n - 1 for url, n in Counter(asked).items() if "/story/" in url)
    assert asked_again <= killed * 40  # what was under way or not yet written in the moment of the kill
    with open_ledger(tmp_path / "data" / "ledger.sqlite") as ledger:
        assert ledger.counts() == {"captured": len(urls)}
        assert ledger.runs.orphan_batches() == []
