"""Subcommands that do the work: run, ingest, crawl, extract, load, rebuild, reextract."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.commands import show
from flows.commands.jobs import Job, finish, run_job
from flows.commands.options import DataDirOption, PrefectOption, PrivateOption, SourceOption, SourcesOption
from flows.report import RunReport
from flows.runs import pick_sources
from flows.stages import run_crawl, run_extract, run_ingest, run_load, run_pipeline, run_rebuild, run_reextract
from flows.steps import Aside
from warehouse.errors import UserError


def run(
    *,
    source: SourceOption = None,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
    allow_private: PrivateOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Crawl what is due and carry it through to SQL."""
    return _do(pipeline_job(source, sources, None, data_dir, allow_private), prefect)


def crawl(
    *,
    source: SourceOption = None,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
    allow_private: PrivateOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Fetch what is due into captures/, and go no further."""

    job = Job(
        given={"data_dir": data_dir, "sources_file": sources, "allow_private": allow_private},
        direct=run_crawl,
        sources=lambda settings: pick_sources(settings, source or []),
        flow="flows.crawl:crawl",
        parameters=_crawl_parameters(source, sources, data_dir, allow_private),
    )
    return _do(job, prefect)


def ingest(
    *paths: Path,
    urls: Annotated[Path | None, Parameter(name="--urls", help="file of addresses to fetch, one a line")] = None,
    data_dir: DataDirOption = None,
    allow_private: PrivateOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Take WARC (.warc, .warc.gz, .warc.zst, .wacz), HTML and text files, or folders of them; or fetch a list."""
    if not paths and not urls:
        raise UserError("nothing to ingest: give files or folders, or --urls FILE")
    code = 0
    if urls:
        code = _do(pipeline_job(None, None, urls, data_dir, allow_private), prefect)
    if not paths:
        return code

    job = Job(
        given={"data_dir": data_dir},
        direct=lambda opened, steps: run_ingest(opened, paths, steps),
        flow="flows.pipeline:ingest",
        parameters={"paths": [str(p.absolute()) for p in paths], "data_dir": data_dir and data_dir.absolute()},
    )
    return _do(job, prefect) or code


def extract(
    *,
    again: Annotated[bool, Parameter(help="extract captures again that the lake holds already", negative="")] = False,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Extract captures that the lake does not hold yet."""

    given, parameters = _over_captures(sources, data_dir)
    return _do(
        Job(given, run_extract, "flows.extract:extract", parameters | {"again": again}, is_forced=again), prefect
    )


def load(*, data_dir: DataDirOption = None, prefect: PrefectOption = None) -> int:
    """Load what the lake holds and the warehouse does not, and publish it."""

    return _do(Job({"data_dir": data_dir}, run_load, "flows.load:load", {"data_dir": data_dir}), prefect)


def rebuild(*, sources: SourcesOption = None, data_dir: DataDirOption = None, prefect: PrefectOption = None) -> int:
    """Extract every capture again and publish a warehouse made from that alone."""

    given, parameters = _over_captures(sources, data_dir)
    return _do(
        Job(given, run_rebuild, "flows.maintenance:rebuild", parameters, is_forced=True, is_rebuild=True), prefect
    )


def reextract(
    *,
    source: SourceOption = None,
    sources: SourcesOption = None,
    data_dir: DataDirOption = None,
    prefect: PrefectOption = None,
) -> int:
    """Extract every capture again into a side lake, for `broadsheet compare`; nothing published changes."""

    given, parameters = _over_captures(sources, data_dir)
    aside = Aside(frozenset(source or []))
    job = Job(given, run_reextract, "flows.maintenance:reextract", parameters | {"source": source or []}, aside=aside)
    report = run_job(job, is_orchestrated=prefect)
    if source and not report.capture_count:
        raise UserError(f"there are no captures of {', '.join(source)}: `broadsheet status` lists the sources")
    for problem in report.problems:
        show.say(f"broadsheet: {problem}")
    print(f"{report.words()}.  `broadsheet compare` says what that would change")
    return 1 if report.problems else 0


def pipeline_job(
    source: list[str] | None,
    sources: Path | None,
    urls: Path | None,
    data_dir: Path | None,
    allow_private: list[str] | None,
) -> Job[RunReport]:
    """The whole way over the sources, or over the list of addresses in `urls`."""

    return Job(
        given={"data_dir": data_dir, "sources_file": sources, "allow_private": allow_private},
        direct=run_pipeline,
        sources=lambda settings: pick_sources(settings, source or [], urls),
        flow="flows.pipeline:pipeline",
        parameters=_crawl_parameters(source, sources, data_dir, allow_private)
        | {"urls_file": urls and urls.absolute()},
    )


def _over_captures(sources: Path | None, data_dir: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings and the flow's parameters of work over all captures; sources.toml has rules for its sites' pages."""
    given = {"data_dir": data_dir, "sources_file": sources}
    return given, {name: path and path.absolute() for name, path in given.items()}


def _do(job: Job[RunReport], prefect: bool | None) -> int:
    return finish(run_job(job, is_orchestrated=prefect), job.given["data_dir"])


def _crawl_parameters(
    source: list[str] | None, sources: Path | None, data_dir: Path | None, allow_private: list[str] | None
) -> dict[str, Any]:
    return {
        "source": source or [],
        "sources_file": sources and sources.absolute(),
        "data_dir": data_dir and data_dir.absolute(),
        "allow_private": allow_private or [],
    }
