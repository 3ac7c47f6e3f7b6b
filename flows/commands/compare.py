"""`broadsheet compare`: what the last re-extraction would change, before `rebuild` adopts it."""

from __future__ import annotations

import shlex
from typing import Annotated

from cyclopts import Parameter

from flows.commands import show
from flows.commands.options import DataDirOption, open_existing
from flows.commands.output import Format, OutputOption, is_table, write_rows
from flows.comparison import COLUMNS, comparison_rows, field_rows, remarks
from warehouse.compare import compare as compare_lakes
from warehouse.compare import export_changes


def compare(
    *,
    limit: Annotated[int, Parameter(help="changes shown, the worst first")] = 20,
    format: Annotated[
        Format, Parameter(help="how to print; all but table give every change with all its columns")
    ] = "table",
    output: OutputOption = None,
    data_dir: DataDirOption = None,
) -> int:
    """Say which articles the last `reextract` reads differently, and how; `rebuild` adopts it."""
    datadir = open_existing(data_dir)
    if is_table(format, output):
        comparison = compare_lakes(datadir, limit=limit)
        if comparison.fields:
            show.table(("field", "articles", "words"), field_rows(comparison), title="Fields", numbers=("articles",))
        if comparison.worst:
            options = f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
            show.table(COLUMNS, comparison_rows(comparison, options), title="Changes, the worst first")
        print(f"{comparison.words()}.  {'; '.join(remarks(comparison))}")
        return 0
    write_rows(lambda file_format, target: export_changes(datadir, file_format, target), format, output)
    return 0
