"""The questions of docs/questions.md have the answers that stand there; WRITE_ANSWERS=1 writes them anew."""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from whole_way import Way

from flows.runs import open_run
from warehouse.query import QueryResult, run_sql

DOCUMENT = Path(__file__).parents[2] / "docs" / "questions.md"
QUESTION = re.compile(
    r"^### (?P<number>\d+)\. [^\n]+$.*?^```sql\n(?P<sql>.*?)^```\n(?P<answer>(?:\n\|[^\n]*)*)", re.MULTILINE | re.DOTALL
)
NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "DECIMAL", "TINYINT", "SMALLINT")


def questions() -> list[re.Match[str]]:
    return list(QUESTION.finditer(DOCUMENT.read_text(encoding="utf-8")))


def answer(way: Way, sql: str) -> str:
    result = run_sql(open_run(data_dir=way.data).datadir, sql)
    return as_table(result)


def as_table(result: QueryResult) -> str:
    marks = ["---:" if kind.startswith(NUMBERS) else "---" for kind in result.types]
    rows = [[cell(value) for value in row] for row in result.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(result.columns), marks, *rows])


def cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(cell, value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).replace("|", "\\|")


def test_there_are_fifteen() -> None:
    assert [int(q["number"]) for q in questions()] == list(range(1, 16))


@pytest.mark.skipif("WRITE_ANSWERS" not in os.environ, reason="only where the answers are to be written")
def test_write_the_answers(way: Way) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for question in reversed(questions()):
        start, end = question.span("answer")
        text = text[:start] + "\n" + answer(way, question["sql"]) + ("" if end > start else "\n") + text[end:]
    DOCUMENT.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("question", questions(), ids=lambda q: f"{q['number']}")
def test_the_answer_is_the_one_that_is_printed(way: Way, question: re.Match[str]) -> None:
    found = answer(way, question["sql"])
    assert found.count("\n") >= 2, "a question without an answer"
    assert question["answer"].strip() == found
