from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from warehouse.ddl import create_schema
from warehouse.diagram import KEYS, LAYOUT, diagram
from warehouse.query import TableInfo, describe_schema

FILE = Path(__file__).parents[2] / "docs" / "tables.svg"


@pytest.fixture(scope="module")
def tables() -> dict[str, TableInfo]:
    with duckdb.connect() as con:
        create_schema(con)
        return {t.name: t for t in describe_schema(con)}


def test_the_file_is_what_the_declarations_say() -> None:
    assert FILE.read_text(encoding="utf-8") == diagram(), "python -m warehouse.diagram > docs/tables.svg"


def test_every_table_is_in_it_once(tables: dict[str, TableInfo]) -> None:
    texts = [
        "".join(node.itertext()) for node in ElementTree.fromstring(diagram()).iter("{http://www.w3.org/2000/svg}text")
    ]
    names = [name for text in texts for name in text.removesuffix(" view").split(", ") if name in tables]
    assert sorted(names) == sorted(tables)


def test_what_a_column_refers_to_has_that_column_as_its_key(tables: dict[str, TableInfo]) -> None:
    for column, table in KEYS.items():
        assert table in LAYOUT[1]
        key = column.removeprefix("target_")
        assert any(c.name == key and c.comment.startswith("key") for c in tables[table].columns), column
