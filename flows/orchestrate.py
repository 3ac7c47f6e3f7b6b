"""Prefect around the stages: each step becomes a task that says what it does, each report an artifact and a state.

Tasks get paths and give counts; pages never pass through Prefect. Retries are where they can help: extracting a shard
and loading touch the disk alone and can be done again without harm, unless the error says what to do. A crawl is not
retried: the next run carries on from the ledger, and asking a site again at once is what politeness forbids.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed

from flows.deploy import WRITER_LIMIT
from flows.final_state import in_words, is_unexpected, never
from flows.progress_artifacts import progress_shown
from flows.report import RunReport
from flows.runs import Run
from flows.shards import ShardReport
from flows.steps import Steps
from transforms.masking import masked
from transforms.outcome import Outcome
from warehouse.captures import Shard

T = TypeVar("T")


def as_tasks(steps: Steps) -> Steps:
    """The same steps, each call of them a Prefect task run with a name that says what it does.

    Tasks have no tags: for each of them Prefect asks the server for a slot, without patience where it is away.
    """

    @task(name="crawl", task_run_name="crawl", retries=1, retry_condition_fn=never, cache_policy=NO_CACHE)
    @in_words
    def crawl_task(on_batch: Callable[[Any], None]) -> State[Any]:
        with progress_shown("crawl"):
            done = steps.crawl(on_batch)
        kept = sum(one.count for one in done.counts if one.outcome == Outcome.CAPTURED)
        return _said(f"{kept} pages kept of {done.discovered} addresses", done)

    @task(
        name="extract",
        task_run_name="extract {shard.warc_file} shard {shard.number}",
        retries=1,
        retry_delay_seconds=2,
        retry_condition_fn=is_unexpected,
        cache_policy=NO_CACHE,
    )
    @in_words
    def extract_task(shard: Shard, total: int) -> State[ShardReport]:
        with progress_shown("extract"):
            done = steps.extract(shard, total)
        counts = f"{done.article_count} articles, {done.comment_count} comments from {done.capture_count} captures"
        return _said("known already" if done.is_known else counts, done)

    @task(
        name="load",
        task_run_name="load into the warehouse",
        retries=3,
        retry_delay_seconds=[5, 20, 60],  # a server that is started again is back by then
        retry_condition_fn=is_unexpected,
        cache_policy=NO_CACHE,
    )
    @in_words
    def load_task() -> State[Any]:
        # A temporary server knows no limits. The warehouse's lock file decides anyway; this limit is to be seen. Its
        # lease is short: a run that was killed must not keep the others waiting for long.
        shown = concurrency(WRITER_LIMIT, occupy=1, lease_duration=60) if PREFECT_API_URL.value() else nullcontext()
        with shown:
            done = steps.load()
        return _said(", ".join(f"{n} {name}" for name, n in done.counts.items()) or "nothing to load", done)

    return replace(
        steps,
        crawl=lambda on_batch: _value(crawl_task(on_batch)),
        extract=lambda shard, total: _value(extract_task(shard, total)),
        load=lambda: _value(load_task()),
    )


def conclude(report: RunReport, run: Run, *, key: str) -> State[Any]:
    """Leave the run's one page and the sources' health, and give the final state, in words.

    `key` names the page's series in the UI. Prefect logs the state: it is the run's last line.
    """
    # What reads the warehouse is imported when there is one to read: until then a run holds that much less memory.
    from flows.health import try_to_show_health
    from flows.run_page import RunDetails, run_details, run_page

    problems = list(report.problems)
    details = run_details(run.datadir, run.run_id) if report.is_loaded else RunDetails()
    create_markdown_artifact(markdown=run_page(report, details), key=key, description=report.words())
    if report.is_loaded and (problem := try_to_show_health(run.datadir)):
        problems.append(problem)
    if problems:
        message = f"{report.words()}; first: {masked(problems[0])}"
        return Completed(name="Completed with problems", message=message, data=report)
    return Completed(message=report.words(), data=report)


def _said(words: str, value: T) -> State[T]:
    """A task's final state: Prefect logs its message, which is the stage's one line."""
    return Completed(message=words, data=value)


def _value(state: State[T]) -> T:
    """What a task gave with its final state; a task that returns a state gives that to its caller."""
    value: T = state.result()
    return value
