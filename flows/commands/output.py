"""Where an answer goes that is not a table: a file, or standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from cyclopts import Parameter

from warehouse.errors import UserError
from warehouse.export import ExportFormat

Format = Literal["table", "csv", "json", "jsonl", "parquet"]
OutputOption = Annotated[
    Path | None, Parameter(name=("--output", "-o"), help="write to a file, not to standard output")
]


def is_table(chosen: Format, output: Path | None) -> bool:
    """Whether a table is asked for. Raises UserError where it is to go to a file: tables are for looking at."""
    if chosen == "table" and output:
        raise UserError("--output goes with --format csv, json, jsonl or parquet")
    return chosen == "table"


def write_rows(write: Callable[[ExportFormat, BinaryIO], object], chosen: Format, output: Path | None) -> None:
    """Let `write` write to `output`, or to standard output. Raises UserError where that cannot be."""
    file_format = ExportFormat(chosen)
    if output:
        try:
            with output.open("wb") as file:
                write(file_format, file)
        except OSError as error:
            raise UserError(f"cannot write {output}: {error.strerror or error}") from error
    elif file_format is ExportFormat.PARQUET and sys.stdout.isatty():
        raise UserError("Parquet is not for a terminal: add --output FILE")
    else:
        write(file_format, sys.stdout.buffer)
