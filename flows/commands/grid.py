"""An answer as a person reads it: a table that fits the terminal, or each row on its side where it does not.

A cell is cut where it would take more than a few lines, and says how much is missing. Texts come from strangers' pages:
control characters, which could drive the terminal, are shown as a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.table import Table
from rich.text import Text

LINES_OF_CELL = 3
LINES_OF_VALUE = 10
"""Most lines of one value in a table, and in a row on its side."""
LEAST_WIDTH = 12
"""A text column narrower than this is not read any more: rows are turned on their side instead."""
WIDEST = 500
"""No terminal shows more characters in a line."""
LINES_ON_SIDE = 400
"""Rows on their side are long: so many lines are shown."""

_NUMBER = re.compile(r"^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$|^DOUBLE$|^FLOAT$|^REAL$|^DECIMAL|^BIGNUM$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer, with its cells as text; None for NULL."""

    name: str
    type: str
    cells: list[str | None]
    width: int
    """Terminal cells that its longest value takes on one line, as far as any terminal reaches."""

    @property
    def is_number(self) -> bool:
        """Set flush right, and never cut."""
        return bool(_NUMBER.match(self.type))

    @property
    def is_text(self) -> bool:
        """May be folded and cut: texts, lists and structs, not numbers, times and truths."""
        return not self.is_number and not self.type.startswith(("TIME", "DATE", "BOOLEAN"))

    @property
    def least_width(self) -> int:
        """What it needs in a table."""
        return min(self.width, LEAST_WIDTH) if self.is_text else self.width


def columns_of(names: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Column]:
    """The columns of an answer."""
    made = []
    for n, (name, kind) in enumerate(zip(names, types, strict=True)):
        cells = [_text(row[n]) for row in rows]
        width = max([cell_len(name), *(4 if c is None else cell_len(c[:WIDEST]) for c in cells)])
        made.append(Column(_text(name) or "", kind, cells, width))
    return made


def fits(columns: Sequence[Column], width: int) -> bool:
    """Whether a table of that many terminal cells holds the columns; one row that is cut reads better on its side."""
    room = width - 3 * len(columns) - 1
    is_one_row = bool(columns) and len(columns[0].cells) == 1
    needed = sum(c.width if is_one_row and len(columns) > 1 else c.least_width for c in columns)
    return needed <= room or len(columns) == 1


def as_table(columns: Sequence[Column], width: int) -> Table:
    """The answer as a table that is at most `width` terminal cells wide."""
    grid = Table(header_style="bold", width=None)
    widths = _widths(columns, width - 3 * len(columns) - 1)
    for column, cells in zip(columns, widths, strict=True):
        name = Text(column.name, overflow="fold")
        grid.add_column(name, justify="right" if column.is_number else "left", width=cells, overflow="fold")
    for n in range(len(columns[0].cells) if columns else 0):
        grid.add_row(
            *(_cell(c.cells[n], cells, LINES_OF_CELL) for c, cells in zip(columns, widths, strict=True)),
        )
    return grid


def on_their_side(columns: Sequence[Column], width: int) -> Iterator[Text]:
    """Each row as a block of lines, a line a column."""
    names = max((cell_len(c.name) for c in columns), default=0)
    room = max(width - names - 2, LEAST_WIDTH)
    count = len(columns[0].cells) if columns else 0
    for n in range(count):
        if count > 1:
            yield Text(f" row {n + 1} of {count} ".center(min(width, 60), "─"), style="dim")
        for column in columns:
            value = _cell(column.cells[n], room, LINES_OF_VALUE)
            for number, line in enumerate(_folded(value.plain, room)):
                head = column.name if number == 0 else ""
                yield Text.assemble((head.ljust(names + 2), "bold"), (line, value.style))


def shown_lines(lines: Iterable[Text]) -> Iterator[Text]:
    """The first lines of many; the last one says that there were more."""
    for number, line in enumerate(lines):
        if number == LINES_ON_SIDE:
            yield Text("… and so on: --format csv, json or jsonl gives every row", style="dim")
            return
        yield line


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    """What each column gets: its least width, and of what is left an equal share until it has enough."""
    widths = [c.least_width for c in columns]
    if len(columns) == 1:
        return [max(1, min(columns[0].width, room))]
    left = room - sum(widths)
    while left > 0 and (wanting := [n for n, c in enumerate(columns) if widths[n] < c.width]):
        share = max(1, left // len(wanting))
        for n in wanting:
            more = min(share, columns[n].width - widths[n], left)
            widths[n] += more
            left -= more
    return widths


def _cell(value: str | None, width: int, lines: int) -> Text:
    if value is None:
        return Text("NULL", style="dim italic")
    return Text(_cut(value, width, lines), overflow="fold")


def _cut(value: str, width: int, lines: int) -> str:
    """The value, or its beginning and the number of characters that are missing."""
    folded = _folded(value[: width * (lines + 1)], width)
    if len(folded) <= lines and len(value) <= width * (lines + 1):
        return value
    length = len("\n".join(folded[:lines]))
    while length > 0:
        begin = value[:length].rstrip()
        cut = f"{begin} … +{len(value) - len(begin):,}"
        if len(_folded(cut, width)) <= lines:
            return cut
        length = min(length, len(begin)) - 1
    return f"+{len(value):,}"


def _folded(value: str, width: int) -> list[str]:
    """The lines that a value takes when it is broken at spaces where that is possible."""
    lines: list[str] = []
    for paragraph in value.split("\n"):
        line = ""
        for word in re.findall(r"\s*\S+\s*", paragraph) or [paragraph]:
            if cell_len((line + word).rstrip()) <= width:
                line += word
                continue
            if line:
                lines.append(line.rstrip())
            *whole, line = chop_cells(word.lstrip(), width) or [""]
            lines += whole
        lines.append(line.rstrip())
    return lines


def _text(value: Any) -> str | None:
    match value:
        case None:
            said = None
        case bool():
            said = "true" if value else "false"
        case float():
            said = f"{value:.6g}"
        case datetime():
            said = f"{value:%Y-%m-%d %H:%M:%S}"
        case date() | time():
            said = value.isoformat()
        case list():
            said = ", ".join(_text(v) or "NULL" for v in value) or "[]"
        case dict():
            said = ", ".join(f"{k}: {_text(v) or 'NULL'}" for k, v in value.items())
        case bytes():
            said = value.hex()
        case _:
            said = _CONTROL.sub("\ufffd", str(value).replace("\t", "    ").replace("\r\n", "\n"))
    return said
