"""`broadsheet demo`: the first minute. Serves the demo press, runs the pipeline over it and shows what came of it.

Each run prints the next edition of the press, so that a second run meets pages that are unchanged, changed and gone.
The press is fiction, served on loopback by this process alone, with an access log that shows how it was treated.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from demo.press import BASE_PORT, Press, PressError
from flows.commands import show
from flows.commands.common import DataDirOption, run_job
from flows.commands.work import PrefectOption, pipeline_job
from flows.report import RunReport
from flows.runs import make_settings
from transforms.outcome import VERSION_OUTCOMES, Outcome
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.query import run_sql

LOOPBACK = "127.0.0.0/8"
FIRST_QUESTION = """
SELECT source, language AS lang, title, array_to_string(authors, ', ') AS authors, published_at::DATE AS published,
       word_count AS words, comment_count AS comments
FROM articles WHERE is_current_page ORDER BY published_at DESC LIMIT 8
"""


def add_to(app: App) -> None:
    """Add this subcommand."""
    app.command(demo)


def demo(
    *,
    base_port: Annotated[int, Parameter(help="port of the first site, the others follow; 0: any free ports")] = BASE_PORT,
    data_dir: DataDirOption = None,
    prefect: PrefectOption = True,
) -> int:
    """Crawl the demo press, load it, and show a first answer. Again: the next edition."""
    datadir = DataDir.open(make_settings(data_dir=data_dir).data_dir, create=True)
    folder = _folder(datadir)
    press = Press(base_port=base_port, edition_file=folder / "edition", access_log=folder / "access.log")
    press.edition = _next_edition(folder / "edition")
    try:
        with press:
            sources = folder / "sources.toml"
            sources.write_text(press.sources_toml(), encoding="utf-8")
            show.say(f"demo press: edition {press.edition} of {len(press.sites)} papers, from {press.sites[0].origin}/")
            report = run_job(pipeline_job(None, sources, None, datadir.root, [LOOPBACK]), is_orchestrated=prefect)
            conditional_count = sum(1 for entry in press.log.entries if entry.is_conditional)
    except PressError as error:
        raise UserError(f"{error} (while `broadsheet serve --demo` runs, it serves the press: use `broadsheet run`)") from error
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
    gone = dict(run_sql(datadir, _GONE.format(run_id=report.run_id)).rows)
    columns = ("source", "pages", "new", "changed", "unchanged", "304", "gone", "rejected", "not fetched")
    show.table(columns, _by_source(report, gone), title="What came of every source", numbers=columns[1:])
    print(report.balance())
    print(f"requests that asked \"has it changed?\" (If-None-Match, If-Modified-Since): {conditional_count}\n")
    answer = run_sql(datadir, FIRST_QUESTION)
    show.table(answer.columns, answer.rows, title="A first answer, from SQL", numbers=("words", "comments"))
    command = Path(sys.argv[0]).name if "/" not in sys.argv[0] else _relative(sys.argv[0])
    print(f"""
Next:
  {command} sql "FROM stories_of_today"
  {command} schema          every table and column, with what it means
  make run                  the next edition: pages that answer 304, changed or are gone
  make serve                the same on schedule, seen in the Prefect UI""")
