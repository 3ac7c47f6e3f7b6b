"""Prefect around the stages: each step becomes a task that says what it does, each report an artifact and a state.

Tasks get paths and give counts; pages never pass through Prefect. Retries are where they can help: extracting a shard
and loading touch the disk alone and can be done again without harm. A crawl is not retried: the next run carries on
from the ledger, and asking a site again at once is what politeness forbids.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed

from flows.deploy import WRITER_LIMIT
from flows.fetch.crawl import CrawlBatch, CrawlReport
from flows.report import RunReport
from flows.shards import ShardReport
from flows.steps import Steps
from warehouse.captures import Shard
from warehouse.load import LoadReport


def as_tasks(steps: Steps) -> Steps:
    """The same steps, each call of them a Prefect task run with a name that says what it does."""

    @task(name="crawl", task_run_name="crawl", tags=["crawl"], cache_policy=NO_CACHE)
    def crawl_task(on_batch: Callable[[CrawlBatch], None]) -> CrawlReport:
        return steps.crawl(on_batch)

    @task(
        name="extract",
        task_run_name="extract {shard.warc_file} shard {shard.number}",
        tags=["extract"],
        retries=1,
        retry_delay_seconds=2,
        cache_policy=NO_CACHE,
    )
    def extract_task(shard: Shard, total: int) -> ShardReport:
        return steps.extract(shard, total)

    @task(
        name="load",
        task_run_name="load into the warehouse",
        tags=["load"],
        retries=2,
        retry_delay_seconds=5,
        cache_policy=NO_CACHE,
    )
    def load_task() -> LoadReport:
        # A temporary server knows no limits. The warehouse's lock file decides anyway; this limit is to be seen.
        limit = concurrency(WRITER_LIMIT, occupy=1) if PREFECT_API_URL.value() else nullcontext()
        with limit:
            return steps.load()

    return Steps(crawl=crawl_task, stop_crawl=steps.stop_crawl, extract=extract_task, load=load_task)


def conclude(report: RunReport, *, key: str) -> State[Any]:
    """Leave the run's artifacts and give its final state, in words. `key` names the artifacts' series in the UI."""
    create_table_artifact(table=report.rows(), key=f"{key}-counts", description=f"{report.words()}. {report.balance()}")
    create_markdown_artifact(markdown=report.markdown(), key=key, description=report.words())
    get_run_logger().info("%s. %s", report.words(), report.balance())
    if report.problems:
        return Completed(
            name="Completed with problems", message=f"{report.words()}; first: {report.problems[0]}", data=report
        )
    return Completed(message=report.words(), data=report)
