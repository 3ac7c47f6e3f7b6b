"""The `broadsheet` command: where it starts and how it fails.

An error that a person can act on is one line on standard error and exit code 1; any other error is a bug and shows its
traceback. A subcommand is imported when it is called, so that `broadsheet sql` does not wait for an extractor.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.metadata import version
from types import FrameType

from cyclopts import App

from flows.own_memory import collect_seldom
from transforms.masking import masked
from warehouse.errors import UserError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it."""


_COMMANDS = {
    "demo:demo": "Crawl the demo press, load it, and show a first answer",
    "work:run": "Crawl what is due and carry it through to SQL",
    "work:ingest": "Take WARC, HTML and text files, or fetch a list of addresses",
    "ask:sql": "Ask the warehouse in SQL, read-only, at any moment",
    "search:search": "Search title and text, ranked, with the words marked",
    "ask:schema": "Show tables and columns with what they mean",
    "ask:status": "Show sources, last loads, counts and sizes",
    "health:health": "Show how every source is beside its own past, and what to do",
    "diff:diff": "Show what changed between two versions of an article",
    "inspect:inspect": "Show a page beside its record, in the browser",
    "operate:serve": "Run a Prefect server with the schedules, until Ctrl-C",
    "operate:deploy": "Check prefect.yaml and deploy it to the running server",
    "doctor:doctor": "Check that everything is in place, and say what to do",
    "backup:backup": "Copy the data dir, consistent, while runs go on",
    "backup:restore": "Put a backup back in place",
    "backfill:backfill": "Take in months of WARC files, from lists, folders and the web",
    "work:crawl": "Fetch what is due into captures/, and go no further",
    "work:extract": "Extract captures that the lake does not hold yet",
    "work:load": "Load what the lake holds and the warehouse does not",
    "work:reextract": "Extract every capture again, aside, for compare",
    "compare:compare": "Say what the last reextract would change",
    "work:rebuild": "Make everything right of the captures anew",
    "upkeep:verify": "Check captures, lake, ledger and warehouse for damage",
    "upkeep:quarantine": "Show the records that broke a rule, or replay them",
    "upkeep:export": "Freeze a corpus, with a manifest of hashes",
    "storage:compact": "Merge small files of the lake; rows stay the same",
    "storage:retain": "Show or remove capture files that are old or too many",
    "upkeep:forget": "Remove a page or a site everywhere, and note it",
}
"""Subcommands by module and function in flows/commands: one is imported when it is called, so its help stands here."""


class _WithoutPandas(MetaPathFinder):
    """Finds no pandas, where it is installed for something else, and for pyarrow no numpy: it would import both.

    The first is half a second of each command, the second a tenth and 9 MB, and rows need neither.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - as asked
        """None leaves a module to the other finders."""
        if fullname == "pandas" or (fullname == "numpy" and _importer().partition(".")[0] == "pyarrow"):
            raise ModuleNotFoundError(f"the broadsheet command goes without {fullname}", name=fullname)


def _importer() -> str:
    """The module that asks for the import under way."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return "" if frame is None else str(frame.f_globals.get("__name__", ""))


def make_app() -> App:
    """The command with all its subcommands."""
    app = App(
        name="broadsheet",
        help="The web's news and articles as a table.",
        version=version("broadsheet"),
        result_action="return_value",
    )
    for place, summary in _COMMANDS.items():
        app.command(f"flows.commands.{place}", name=place.partition(":")[2], help=summary)
    sources = App(name="sources", help="Say what each source would do")
    sources.command("flows.commands.operate:check", name="check", help="Say what each source would do, asking no site")
    app.command(sources)
    app.register_install_completion_command(help="Set up the Tab key for this shell")
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand and exit: 0, 1 for an error or a run with problems, 130 after Ctrl-C."""
    if arguments is None:
        sys.meta_path.insert(0, _WithoutPandas())
        collect_seldom()
    try:
        code = make_app()(arguments)
    except UserError as error:
        print(f"broadsheet: {masked(str(error))}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("broadsheet: stopped; what was finished is kept, the next run carries on", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
