"""The tables and what refers to what, as a picture: docs/tables.svg, drawn from the declarations.

`python -m warehouse.diagram > docs/tables.svg` writes it; a test holds the file to the code. A column that is named
after a table's key refers to that table: names are a grammar, so nothing else has to be declared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import duckdb

from warehouse.ddl import create_schema
from warehouse.query import TableInfo, describe_schema

KEYS = {
    "source": "sources",
    "capture_id": "captures",
    "article_id": "articles",
    "target_article_id": "articles",
    "story_id": "stories",
    "load_id": "loads",
}
"""What a column of that name refers to."""
COLORS = {"sources": "#8a5a00", "captures": "#1f5fa8", "articles": "#b3261e", "stories": "#2e7d32", "loads": "#6a3d9a"}
LAYOUT = (
    ("fetches", "rejections", "observations", "evidence", "source_days", "source_verdicts", "batches"),
    ("sources", "captures", "articles", "stories", "loads"),
    ("article_versions", "comments", "edits", "takedowns", "links", "story_articles", "story_timelines"),
)
"""What people ask, from left to right; the tables that others refer to stand in the middle."""
WIDTH, BOX, GAP, TOP, ROW, HEAD = 1220, 290, 155, 60, 18, 40
LEAST_SPACE = 26


@dataclass(frozen=True, slots=True)
class Box:
    """One table in its place."""

    table: TableInfo
    x: int
    y: int
    columns: tuple[str, ...]
    """The columns that refer to another table, or are the key."""

    @property
    def height(self) -> int:
        """Pixels, with the line that counts the other columns."""
        return HEAD + ROW * (len(self.columns) + 1) + 6

    def row_y(self, number: int) -> int:
        """The middle of a column's line."""
        return self.y + HEAD + ROW * number + ROW // 2


def diagram() -> str:
    """The picture, as SVG."""
    with duckdb.connect() as con:
        create_schema(con)
        tables = {t.name: t for t in describe_schema(con)}
    boxes = _placed(tables)
    bottom = max(b.y + b.height for b in boxes.values())
    others = [t for t in sorted(tables) if t not in boxes]
    return "\n".join(_svg(boxes, others, bottom)) + "\n"


def _placed(tables: dict[str, TableInfo]) -> dict[str, Box]:
    heights = [sum(_box(tables[name], 0, 0).height + LEAST_SPACE for name in names) for names in LAYOUT]
    boxes = {}
    for number, names in enumerate(LAYOUT):
        # what the highest of the three has more is shared out between the boxes
        space = LEAST_SPACE + (max(heights) - heights[number]) // len(names)
        y = TOP
        for name in names:
            boxes[name] = _box(tables[name], 20 + number * (BOX + GAP), y)
            y += boxes[name].height + space
    return boxes


def _box(table: TableInfo, x: int, y: int) -> Box:
    shown = tuple(c.name for c in table.columns if c.name in KEYS or re.match(r"key\b", c.comment))
    return Box(table, x, y, shown)


def _svg(boxes: dict[str, Box], others: list[str], bottom: int) -> Iterator[str]:
    lines = [", ".join(others[n : n + 9]) for n in range(0, len(others), 9)]
    height = bottom + 50 + 20 * len(lines)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13">'
    )
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    yield '<text x="20" y="30" font-size="18" font-weight="bold">The tables of warehouse.duckdb</text>'
    yield '<text x="330" y="30" fill="#555555">a coloured column refers to the table of that colour</text>'
    for box in boxes.values():
        for number, column in enumerate(box.columns):
            target = boxes[KEYS[column]] if column in KEYS else box
            if target is not box:
                yield _edge(box, target, box.row_y(number), COLORS[target.table.name])
    for box in boxes.values():
        yield from _drawn(box)
    yield f'<text x="20" y="{bottom + 36}" font-weight="bold">Also there:</text>'
    for number, line in enumerate(lines):
        yield f'<text x="110" y="{bottom + 36 + 20 * number}" fill="#333333">{line}</text>'
    yield "</svg>"


def _edge(box: Box, target: Box, y: int, color: str) -> str:
    end_y = target.y + HEAD // 2
    if box.x < target.x:
        start, end, bend = box.x + BOX, target.x, 70
    elif box.x > target.x:
        start, end, bend = box.x, target.x + BOX, -70
    else:
        start, end, bend = box.x + BOX, box.x + BOX, 60
    back = bend if box.x == target.x else -bend
    return (
        f'<path d="M{start} {y} C{start + bend} {y} {end + back} {end_y} {end} {end_y}" fill="none" stroke="{color}" '
        f'stroke-width="1.4" stroke-opacity="0.65"/><circle cx="{end}" cy="{end_y}" r="3.5" fill="{color}"/>'
    )


def _drawn(box: Box) -> Iterator[str]:
    table = box.table
    color = COLORS.get(table.name, "#444444")
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{BOX}" height="{box.height}" rx="5" fill="#fbfbfb" stroke="{color}" '
        f'stroke-width="{2 if table.name in COLORS else 1}"/>'
    )
    kind = ' <tspan font-weight="normal" fill="#777777">view</tspan>' if table.is_view else ""
    yield f'<text x="{box.x + 10}" y="{box.y + 18}" font-weight="bold" fill="{color}">{table.name}{kind}</text>'
    meaning = table.comment if len(table.comment) <= 52 else table.comment[:51].rsplit(" ", 1)[0] + " …"
    yield f'<text x="{box.x + 10}" y="{box.y + 33}" font-size="11" fill="#555555">{escape(meaning)}</text>'
    for number, column in enumerate(box.columns):
        own = KEYS.get(column) in (None, table.name)
        fill = "#000000" if own else COLORS[KEYS[column]]
        mark = ' <tspan fill="#777777">key</tspan>' if own else ""
        yield f'<text x="{box.x + 10}" y="{box.row_y(number) + 5}" fill="{fill}">{column}{mark}</text>'
    more = len(table.columns) - len(box.columns)
    yield (
        f'<text x="{box.x + 10}" y="{box.row_y(len(box.columns)) + 5}" fill="#777777">and {more} more columns</text>'
    )


if __name__ == "__main__":
    sys.stdout.write(diagram())
