"""The `broadsheet` command: where it starts and how it fails.

An error that a person can act on is one line on standard error and exit code 1; any other error is a bug and shows its
traceback. Subcommands import what they need when they run, so that `broadsheet sql` does not wait for Prefect.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App

from warehouse.errors import UserError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it."""


def make_app() -> App:
    """The command with all its subcommands."""
    from flows.commands import ask, demo, operate, work

    app = App(
        name="broadsheet",
        help="The web's news and articles as a table.",
        version=version("broadsheet"),
        result_action="return_value",
    )
    work.add_to(app)
    ask.add_to(app)
    operate.add_to(app)
    demo.add_to(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one subcommand and exit: 0, 1 for an error or a run with problems, 130 after Ctrl-C."""
    try:
        code = make_app()(arguments)
    except UserError as error:
        print(f"broadsheet: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("broadsheet: stopped; what was finished is kept, the next run carries on", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
