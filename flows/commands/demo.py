"""`broadsheet demo`: the first minute. Serves the demo press, runs the pipeline over it and shows what came of it.

Each run prints the next edition of the press, so that a second run meets pages that are unchanged, changed and gone.
The press is fiction, served on loopback by this process alone, with an access log that shows how it was treated.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from demo.access import count_conditional
from demo.press import BASE_PORT, Press, PressError
from flows.commands import show
from flows.commands.jobs import run_job
from flows.commands.options import DataDirOption, PrefectOption, open_as_set
from flows.commands.work import pipeline_job
from flows.report import RunReport
from flows.settings import make_settings
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.query import run_sql
from warehouse.run_sources import run_sources

LOOPBACK = "127.0.0.0/8"
FIRST_QUESTION = """
SELECT source, language, title, array_to_string(authors, ', ') AS authors, published_date, word_count, comment_count
FROM articles
ORDER BY published_at DESC NULLS LAST, title
LIMIT 8
"""
PortOption = Annotated[int, Parameter(name="--base-port", help="port of the first paper; 0: any free ports")]


def demo(*, base_port: PortOption = BASE_PORT, data_dir: DataDirOption = None, prefect: PrefectOption = True) -> int:
    """Crawl the demo press, load it, and show a first answer. Again: the next edition."""
    settings = make_settings(data_dir=data_dir)
    datadir = open_as_set(settings, create=True)
    folder = _folder(datadir)
    press = Press(base_port=base_port, edition_file=folder / "edition", access_log=folder / "access.log")
    press.edition = _next_edition(folder / "edition")
    try:
        with press:
            sources = folder / "sources.toml"
            sources.write_text(press.sources_toml(), encoding="utf-8")
            show.say(f"demo press: edition {press.edition} of {len(press.sites)} papers, from {press.sites[0].origin}/")
            job = pipeline_job(None, sources, None, datadir.root, [LOOPBACK])
            report = run_job(job, is_orchestrated=prefect)
            conditional_count = count_conditional(press.log.entries())
    except PressError as error:
        hint = "while `broadsheet serve --demo` runs, it serves the press: use `broadsheet run`"
        raise UserError(f"{error} ({hint})") from error
    _show(datadir, report, conditional_count)
    return 0 if report.is_balanced else 1


def press_command(datadir: DataDir, environ: MutableMapping[str, str]) -> list[str]:
    """The arguments that serve the press as a process of its own; `environ` is told to crawl it."""
    folder = _folder(datadir)
    if not (folder / "edition").exists():
        (folder / "edition").write_text("1\n", encoding="utf-8")
    environ.setdefault("BROADSHEET_SOURCES_FILE", str(Path(__file__).parents[2] / "demo" / "sources.toml"))
    environ.setdefault("BROADSHEET_ALLOW_PRIVATE", f'["{LOOPBACK}"]')
    return [
        *("-m", "demo.press"),
        *("--edition-file", str(folder / "edition")),
        *("--access-log", str(folder / "access.log")),
    ]


def _folder(datadir: DataDir) -> Path:
    folder = datadir.root.absolute() / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _next_edition(path: Path) -> int:
    try:
        return int(path.read_text(encoding="utf-8")) + 1
    except (OSError, ValueError):
        return 1


def _show(datadir: DataDir, report: RunReport, conditional_count: int) -> None:
    show.sources(run_sources(datadir, report.run_id))
    for note in report.notes:
        show.say(note)
    print(report.balance())
    print(f"Conditional requests (If-None-Match, If-Modified-Since) in the access log: {conditional_count}")
    answer = run_sql(datadir, FIRST_QUESTION)
    show.table(answer.columns, answer.rows, title="A first answer, in SQL", numbers=("word_count", "comment_count"))
    command = os.path.relpath(sys.argv[0]) if "/" in sys.argv[0] else "broadsheet"
    print(f"""
Next:
  {command} sql "SELECT source, count(*), sum(comment_count) FROM articles GROUP BY ALL"
  {command} schema      every table and column, with what it means
  make run                         the next edition: pages that answer 304, changed or are gone
  make serve                       the same on schedule, seen in the Prefect UI""")
