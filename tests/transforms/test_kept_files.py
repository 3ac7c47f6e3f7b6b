"""Bytes that are kept between runs are as they were made, and are made anew wherever the file is not whole."""

from pathlib import Path

import pytest

from transforms.kept_files import kept_bytes

MADE = bytes(range(200))


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "broadsheet"


def refuse() -> bytes:
    raise AssertionError("it is there already")


def test_made_once(folder):
    assert kept_bytes("a", lambda: MADE) == MADE
    assert kept_bytes("a", refuse) == MADE
    assert [path.name for path in folder.iterdir()] == ["a"]


@pytest.mark.parametrize("damaged", [b"", MADE[:3], MADE, MADE + b"\0\0\0\0"])
def test_made_anew(folder, damaged):
    kept_bytes("a", lambda: MADE)
    (folder / "a").write_bytes(damaged)
    assert kept_bytes("a", lambda: MADE) == MADE
    assert kept_bytes("a", refuse) == MADE


def test_not_kept_where_it_cannot_be(folder):
    folder.parent.write_text("a file where the folder should be")
    assert kept_bytes("a", lambda: MADE) == MADE
