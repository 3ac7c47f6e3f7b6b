"""The same articles on one machine's engines as on those for many: nothing was written anew, only set.

Needs every extra at once, and DuckDB 1.5.5 for the DuckLake, so an environment of its own: `make test-scale`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from postgres_server import Server
from s3_server import BUCKET
from scale_pages import bench_pages, demo_pages, write_archive

from demo.press import Press
from flows.report import RunReport
from flows.runs import Run, open_run, pick_sources
from flows.stages import run_ingest, run_pipeline
from flows.steps import direct_steps
from warehouse.query import run_sql

sys.path.append(str(Path(__file__).parents[1] / "lake"))
from lake_extra import needs_extra

pytestmark = [
    pytest.mark.slow,
    needs_extra,
    pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra [dask]"),
]

EDITION = 3
HASH = "SELECT count(*), md5(string_agg(t::VARCHAR, '|' ORDER BY t::VARCHAR)) FROM ({}) AS t"
# What two crawls of one press must agree on; when and by which capture they saw it is their own.
CRAWLED = {
    "articles": "SELECT * EXCLUDE (capture_id, captured_at) FROM articles WHERE source <> 'ingest'",
    "comments": "SELECT article_id, author, published_at, text FROM comments",
    "fetches": "SELECT source, url, outcome, status FROM fetches",
}
# Of the same capture file every row is the same, whichever engine made it.
INGESTED = {
    "captures": "SELECT * FROM captures WHERE source = 'ingest'",
    "article_versions": "SELECT * FROM article_versions WHERE source = 'ingest'",
    "evidence": "SELECT e.* FROM evidence AS e JOIN captures AS c USING (capture_id) WHERE c.source = 'ingest'",
    "links": "SELECT l.* FROM links AS l JOIN captures AS c USING (capture_id) WHERE c.source = 'ingest'",
}


@pytest.fixture
def beyond_one_machine(s3: str, postgres: Server) -> dict[str, Any]:
    """Dask, PostgreSQL, a bucket and a DuckLake, as settings."""
    name = token_hex(4)
    return {
        "runner": "dask",
        "ledger": postgres.create(f"ledger_{name}"),
        "storage": f"s3://{BUCKET}/{name}",
        "storage_endpoint": s3,
        "warehouse": "ducklake",
        "warehouse_catalog": postgres.create(f"catalog_{name}"),
    }


@contextmanager
def environment(given: dict[str, Any]) -> Iterator[None]:
    """As somebody would set it: by environment variables alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BROADSHEET_") and name != "BROADSHEET_BENCH"]:
            patch.delenv(name)
        for name, value in given.items():
            patch.setenv(f"BROADSHEET_{name.upper()}", value)
        yield


def carried_through(home: Path, press: Press, archive: Path) -> tuple[Run, RunReport, RunReport]:
    """Crawl the press, then take in a file, with whatever the environment says."""
    (home / "sources.toml").write_text(press.sources_toml())
    given: dict[str, Any] = {
        "data_dir": home / "data", "sources_file": home / "sources.toml", "allow_private": ["127.0.0.0/8"],
        "host_gap_s": 0.02, "shard_pages": 20, "workers": 2,
    }  # fmt: skip
    run = open_run(**given)
    with direct_steps(run, pick_sources(run.settings)) as steps:
        crawled = run_pipeline(run, steps)
    run = open_run(**given)
    with direct_steps(run) as steps:
        taken = run_ingest(run, [archive], steps)
    return run, crawled, taken


def test_the_press_and_real_pages_give_the_same_rows_on_both_stacks(
    beyond_one_machine: dict[str, Any], tmp_path: Path
) -> None:
    archive = tmp_path / "pages.warc.gz"
    count = write_archive(archive, [*demo_pages(), *bench_pages()])
    hashes: dict[str, dict[str, Any]] = {}
    with Press(base_port=0) as press:
        press.edition = EDITION
        for name, given in (("one machine", {}), ("many", beyond_one_machine)):
            home = tmp_path / name.replace(" ", "-")
            home.mkdir()
            with environment(given):
                run, crawled, taken = carried_through(home, press, archive)
                assert crawled.problems == taken.problems == ()
                assert crawled.is_balanced
                hashes[name] = {
                    table: run_sql(run.datadir, HASH.format(sql)).rows[0]
                    for table, sql in {**CRAWLED, **{f"ingested {t}": sql for t, sql in INGESTED.items()}}.items()
                }
    assert hashes["many"] == hashes["one machine"]
    assert hashes["many"]["articles"][0] > 40
    assert hashes["many"]["ingested captures"][0] == count
    assert not (tmp_path / "many" / "data" / "ledger.sqlite").exists()
    assert not (tmp_path / "many" / "data" / "warehouse.duckdb").exists()
    assert (tmp_path / "one-machine" / "data" / "warehouse.duckdb").exists()
