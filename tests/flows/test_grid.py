"""Answers as text: what fits, what is cut, and how wide it is, in terminals of every width."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from flows.commands.grid import as_table, columns_of, fits, on_their_side, shown_lines

NAMES = ("source", "title", "captured_at", "word_count", "text")
TYPES = ("VARCHAR", "VARCHAR", "TIMESTAMP WITH TIME ZONE", "BIGINT", "VARCHAR")
AT = datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    ("shionagi", "左に曲がった橋、設計図の裏表を間違えていた", AT, 308, "潮凪川の河口にかかる橋。" * 60),
    ("saltmere", "Town clock to lose its minute hand", AT, 12_345, "The clock.\n\n" + "It is late. " * 200),
    ("relay", None, AT, 7, "x" * 5_000),
]


def printed(names: Any, types: Any, rows: Any, width: int) -> list[str]:
    columns = columns_of(names, types, rows)
    out = io.StringIO()
    screen = Console(file=out, width=width, highlight=False)
    if fits(columns, width):
        screen.print(as_table(columns, width))
    else:
        for line in shown_lines(on_their_side(columns, width)):
            screen.print(line, soft_wrap=True)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120, 140, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(NAMES, TYPES, ROWS, width)
    assert max(cell_len(line) for line in lines) <= width
    text = "\n".join(lines)
    assert "NULL" in text
    assert "2026-11-20 12:00:01" in text
    assert "12345" in text


def test_the_borders_stand_below_each_other_beside_wide_characters() -> None:
    lines = [line for line in printed(NAMES, TYPES, ROWS, 120) if line.startswith("│")]
    borders = {tuple(cell_len(line[:n]) for n in range(len(line)) if line[n] == "│") for line in lines}
    assert len(lines) > 3
    assert len(borders) == 1


def test_a_long_text_says_how_much_is_missing() -> None:
    [line] = [x for x in printed(("source", "text"), TYPES[:2], [("relay", "y" * 5_000), ("b", "")], 80) if "+" in x]
    shown = sum(x.count("y") for x in printed(("source", "text"), TYPES[:2], [("relay", "y" * 5_000), ("b", "")], 80))
    assert f"… +{5_000 - (shown - 1):,}" in line  # one y is of relay


def test_numbers_are_flush_right_and_whole() -> None:
    lines = printed(
        ("name", "n", "share"),
        ("VARCHAR", "HUGEINT", "DECIMAL(4,2)"),
        [("a", 7, Decimal("1.50")), ("b", 10**30, None)],
        60,
    )
    assert next(line for line in lines if " a " in line).split("│")[2].endswith(" 7 ")
    assert any(str(10**30) in line for line in lines)
    assert any("1.50" in line for line in lines)


@pytest.mark.parametrize(
    ("rows", "is_table"),
    [([("a", "b" * 90)], False), ([("a", "b" * 20)], True), ([("a", "b" * 90), ("c", "d")], True)],
)
def test_one_row_that_would_be_cut_is_turned_on_its_side(rows: list[tuple[str, str]], is_table: bool) -> None:
    assert fits(columns_of(("x", "y"), ("VARCHAR", "VARCHAR"), rows), 80) is is_table


def test_many_columns_are_turned_on_their_side() -> None:
    names, row = tuple(f"c{n}" for n in range(30)), tuple("some text" for _ in range(30))
    lines = printed(names, ("VARCHAR",) * 30, [row, row], 80)
    assert "row 2 of 2" in "".join(lines)
    assert sum(line.startswith("c7 ") for line in lines) == 2


def test_so_many_lines_and_then_a_word_about_it() -> None:
    names = tuple(f"c{n}" for n in range(100))
    lines = printed(names, ("VARCHAR",) * 100, [("x",) * 100] * 50, 80)
    assert len(lines) == 401
    assert "every row" in lines[-1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[2Jgone\x07", "\ufffd[2Jgone\ufffd"),
        ("a\u202eb", "a\ufffdb"),
        ("[bold]x[/]", "[bold]x[/]"),
        ([], "[]"),
        (["a", None], "a, NULL"),
        ({"k": [1, True]}, "k: 1, true"),
        (b"\xaa", "aa"),
        (date(2026, 1, 2), "2026-01-02"),
        (0.1 + 0.2, "0.3"),
        ("", ""),
    ],
)
def test_a_value_as_text(value: Any, shown: str) -> None:
    [column] = columns_of(("v",), ("VARCHAR",), [(value,)])
    assert column.cells == [shown]


@given(
    st.lists(
        st.tuples(st.text(max_size=300), st.none() | st.integers(), st.text("ab 漢字\n", max_size=300)), max_size=5
    ),
    st.integers(60, 200),
)
def test_any_answer_fits(rows: list[tuple[Any, ...]], width: int) -> None:
    lines = printed(("text", "number", "wide"), ("VARCHAR", "BIGINT", "VARCHAR"), rows, width)
    assert max([cell_len(line) for line in lines], default=0) <= width
