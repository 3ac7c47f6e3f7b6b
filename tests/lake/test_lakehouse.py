"""What can be said of a DuckLake without its extra."""

from __future__ import annotations

from pathlib import Path

import pytest
from lake_extra import lacks_extra

from flows.settings import make_settings
from warehouse.datadir import DataDir
from warehouse.errors import DataDirError, UserError
from warehouse.lakehouse import MARK_NAME, Lakehouse
from warehouse.reading import open_live


@pytest.mark.parametrize(
    ("address", "connection"),
    [
        (None, {}),
        ("postgresql://u:p@h:5433/d", {"host": "h", "port": "5433", "dbname": "d", "user": "u", "password": "p"}),
        ("postgres://u%40x:p%2F%20'q@h/d", {"host": "h", "dbname": "d", "user": "u@x", "password": "p/ 'q"}),
        ("postgresql:///d?host=/run/pg&sslmode=require", {"host": "/run/pg", "dbname": "d", "sslmode": "require"}),
    ],
)
def test_addresses(address: str | None, connection: dict[str, str]) -> None:
    assert Lakehouse(address).connection() == connection


@pytest.mark.parametrize(
    "address", ["mysql://u:geheim@h/d", "/some/file", "postgresql://h/d?options=-c", "postgresql://h:x/d"]
)
def test_addresses_that_are_refused_without_showing_them(address: str) -> None:
    with pytest.raises(UserError) as refused:
        Lakehouse(address).connection()
    assert "warehouse_catalog" in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_no_password_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_WAREHOUSE", "ducklake")
    monkeypatch.setenv("BROADSHEET_WAREHOUSE_CATALOG", "postgresql://lake:geheim@db.example/news")
    settings = make_settings()
    assert settings.lakehouse is not None
    assert "geheim" not in f"{settings!r} {settings.lakehouse!r} {settings.lakehouse.place}"
    assert settings.lakehouse.connection()["password"] == "geheim"
    monkeypatch.setenv("BROADSHEET_WAREHOUSE", "duckdb")
    assert make_settings().lakehouse is None


def test_a_data_dir_whose_warehouse_is_a_ducklake_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    root = tmp_path / "data"
    DataDir.open(root, create=True)
    (root / MARK_NAME).touch()
    with pytest.raises(DataDirError, match="BROADSHEET_WAREHOUSE=ducklake"):
        DataDir.open(root, create=False)
    assert DataDir.open(root, create=False, lakehouse=Lakehouse()).lakehouse


@pytest.mark.skipif(lacks_extra() is None, reason="the extra is installed")
def test_a_missing_extra_is_one_line(tmp_path: Path) -> None:
    datadir = DataDir.open(tmp_path / "data", create=True, lakehouse=Lakehouse())
    with pytest.raises(UserError, match=r"needs the extra \[lake\]"):
        open_live(datadir)
