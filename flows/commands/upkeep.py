"""Subcommands that look after the data: verify, quarantine, export, forget."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.runs import open_run
from warehouse.errors import UserError

PAYLOAD_SHOWN = 300


def verify(
    *,
    repair: Annotated[bool, Parameter(help="make a lost manifest anew from the lake's files", negative="")] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Check WARC ends, Parquet files, manifest, ledger and warehouse; exit 1 where something is wrong."""
    from warehouse.recover import recover_manifest
    from warehouse.verify import verify as check

    datadir = open_existing(data_dir)
    if repair:
        print(recover_manifest(datadir))
    findings = check(datadir, on_progress=lambda stage: show.say(f"checking {stage} …"))
    if not findings:
        print("all is well")
        return 0
    show.table(("place", "problem", "what to do"), [(f.place, f.problem, f.mending) for f in findings])
    return 1


def quarantine(
    *,
    replay: Annotated[
        bool, Parameter(help="hold them to the rules again and load what keeps them", negative="")
    ] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Show the records that broke a rule and were not loaded, and the pages that extraction did not survive."""
    from warehouse import quarantine as kept
    from warehouse.poison import poison_pages

    datadir = open_existing(data_dir)
    if replay:
        loaded = kept.replay(datadir, run_id=open_run(data_dir=data_dir).run_id, now=datetime.now(UTC))
        print(f"loaded: {', '.join(f'{n} {name}' for name, n in loaded.counts.items()) or 'nothing'}")
    found = kept.violations(datadir)
    rows = [(v.record, v.row_key, v.rule, json.dumps(v.payload, default=str)[:PAYLOAD_SHOWN]) for v in found]
    show.table(("record", "key", "rule", "payload"), rows, title=f"{len(rows)} records in quarantine")
    if pages := poison_pages(datadir):
        cells = [(p.url, p.outcome, p.detail, f"{p.warc_file} at {p.warc_offset}") for p in pages]
        title = f"{len(pages)} pages that extraction did not survive; `broadsheet rebuild` tries them again"
        show.table(("page", "outcome", "detail", "capture"), cells, title=title)
    return 0


def export(
    folder: Path,
    *,
    as_of: Annotated[datetime | None, Parameter(help="what had been captured by then, UTC; now if not given")] = None,
    format: Annotated[Literal["parquet", "jsonl", "csv"], Parameter(help="of the file")] = "parquet",
    where: Annotated[str | None, Parameter(help="SQL condition on articles, e.g. \"language = 'de'\"")] = None,
    check: Annotated[bool, Parameter(help="say whether a frozen corpus is as it was written", negative="")] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Freeze a corpus into FOLDER: the articles, and a manifest with hashes that a paper can cite."""
    from warehouse.corpus import check as problems_of
    from warehouse.corpus import freeze
    from warehouse.export import ExportFormat

    if check:
        if problems := problems_of(folder):
            show.table(("problem",), [(problem,) for problem in problems], title=f"{folder} is not as it was written")
            return 1
        print(f"{folder} is as it was written")
        return 0

    now = datetime.now(UTC)
    moment = as_of or now
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise UserError(f"{moment:%Y-%m-%d %H:%M} UTC has not come yet: what is captured until then would be missing")
    made = freeze(open_existing(data_dir), folder, as_of=moment, file_format=ExportFormat(format), where=where)
    print(f"{made.rows} articles in {made.file}, sha256 {made.sha256}; described in {made.manifest}")
    return 0


def forget(
    target: Annotated[str, Parameter(help="URL of a page, or a domain with all below it")],
    *,
    yes: Annotated[bool, Parameter(help="do it; without, only say what it would be", negative="")] = False,
    data_dir: DataDirOption = None,
) -> int:
    """Remove a page or a site from captures, lake and warehouse, and note that it was done. Cannot be undone."""
    from warehouse.forget import count_meant
    from warehouse.forget import forget as erase

    datadir = open_existing(data_dir)
    if not yes:
        count = count_meant(datadir, target)
        raise UserError(f"{target}: {count} captures would be removed for ever; add --yes to do it")
    done = erase(datadir, target, run_id=open_run(data_dir=data_dir).run_id, now=datetime.now(UTC))
    if not (done.captures or done.records or done.fetches):
        print(f"{done.target}: nothing of it was there")
        return 0
    print(f"{done.target}: removed {done.captures} captures, {done.records} WARC records, {done.fetches} fetches")
    print("The crawl may ask for it again: put it into `exclude` of its source.")
    return 0
