"""`broadsheet compare`: what the last re-extraction would change, before `rebuild` adopts it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.comparison import COLUMNS, comparison_rows, field_rows, remarks
from warehouse.compare import compare as compare_lakes
from warehouse.compare import export_changes
from warehouse.errors import UserError
from warehouse.export import ExportFormat


def compare(
    *,
    limit: Annotated[int, Parameter(help="changes shown, the worst first")] = 20,
    format: Annotated[
        Literal["table", "csv", "json", "jsonl", "parquet"],
        Parameter(help="how to print; all but table give every change with all its columns"),
    ] = "table",
    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="write to a file, not to standard output")
    ] = None,
    data_dir: DataDirOption = None,
) -> int:
    """Say which articles the last `reextract` reads differently, and how; `rebuild` adopts it."""
    datadir = open_existing(data_dir)
    if format == "table":
        if output:
            raise UserError("--output goes with --format csv, json, jsonl or parquet")
        comparison = compare_lakes(datadir, limit=limit)
        if comparison.fields:
            show.table(("field", "articles", "words"), field_rows(comparison), title="Fields", numbers=("articles",))
        if comparison.worst:
            options = f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
            show.table(COLUMNS, comparison_rows(comparison, options), title="Changes, the worst first")
        print(f"{comparison.words()}.  {'; '.join(remarks(comparison))}")
        return 0
    if output:
        try:
            with output.open("wb") as file:
                export_changes(datadir, ExportFormat(format), file)
        except OSError as error:
            raise UserError(f"cannot write {output}: {error.strerror or error}") from error
    elif format == "parquet" and sys.stdout.isatty():
        raise UserError("Parquet is not for a terminal: add --output FILE")
    else:
        export_changes(datadir, ExportFormat(format), sys.stdout.buffer)
    return 0
