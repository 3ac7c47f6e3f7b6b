"""Hostile pages, all in one run of the pool with its limits: each is read or named, and no neighbour is lost."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hostile_pages import PAGES, STORY, WORDS, page

from flows.pool import Pool, PoolLimits
from transforms.outcome import Outcome
from transforms.page import Extracted, ExtractOptions, Page, Rejected

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Results:
    hostile: dict[str, Extracted | Rejected]
    neighbours: list[Extracted | Rejected]


def page_of(body: bytes) -> Page:
    url = "https://press.example.org/a"
    return Page(
        capture_id="c1",
        url=url,
        final_url=url,
        source="test",
        captured_at=datetime(2026, 6, 1, tzinfo=UTC),
        content_type="text/html; charset=utf-8" if b"M\xfcrz" in body else "text/html",
        content_encoding=None,
        body=body,
    )


@pytest.fixture(scope="module")
def results() -> Results:
    pages = [page_of(body) for hostile, _ in PAGES.values() for body in (hostile, page(STORY))]
    limits = PoolLimits(cpu_s=30.0, memory_bytes=1_000_000_000)
    with Pool(workers=2, options=ExtractOptions(), limits=limits, chunk=4) as pool:
        found = dict(pool.map(pages))
    assert len(found) == len(pages)
    hostile = {name: found[2 * number] for number, name in enumerate(PAGES)}
    return Results(hostile, [found[2 * number + 1] for number in range(len(PAGES))])


@pytest.mark.parametrize("name", PAGES)
def test_hostile_pages_are_read_or_named(name: str, results: Results) -> None:
    wanted, result = PAGES[name][1], results.hostile[name]
    if isinstance(wanted, Outcome):
        assert isinstance(result, Rejected)
        assert result.outcome is wanted
    else:
        assert isinstance(result, Extracted), result
        assert wanted in result.article.text


def test_no_neighbour_of_a_hostile_page_is_lost(results: Results) -> None:
    assert all(isinstance(r, Extracted) and WORDS in r.article.text for r in results.neighbours)
