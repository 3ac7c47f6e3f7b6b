from __future__ import annotations

from pathlib import Path

from transforms.outcome import Outcome
from warehouse.dictionary import data_dictionary
from warehouse.records import TABLES

FILE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_file_is_what_the_declarations_say() -> None:
    assert FILE.read_text() == data_dictionary(), "python -m warehouse.dictionary > docs/data-dictionary.md"


def test_every_table_and_outcome_is_in_it() -> None:
    text = data_dictionary()
    assert [t.name for t in TABLES if f"\n## {t.name}\n" not in text] == []
    assert [o for o in Outcome if f"\n| {o.value} | " not in text] == []
