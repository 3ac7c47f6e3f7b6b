"""What is kept between runs is as it was made, and is made anew wherever it is not whole."""

from pathlib import Path

import numpy as np
import pytest

from transforms.kept_arrays import kept_arrays

ARRAYS = {
    "numbers": np.arange(100, dtype=np.int32),
    "table": np.ones((3, 5), np.float16),
    "names": np.array(["en", "de"]),
    "none": np.zeros(0, np.uint8),
}


class Maker:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self):
        self.count += 1
        return ARRAYS


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "broadsheet"


def is_same(arrays) -> bool:
    return arrays.keys() == ARRAYS.keys() and all(
        np.array_equal(arrays[name], array) and arrays[name].dtype == array.dtype for name, array in ARRAYS.items()
    )


def test_made_once(folder):
    make = Maker()
    assert is_same(kept_arrays("a", make))
    assert is_same(kept_arrays("a", make))
    assert make.count == 1
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_what_is_kept_cannot_be_changed(folder):
    with pytest.raises(ValueError, match="read-only"):
        kept_arrays("a", Maker())["numbers"][0] = 7


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def turn_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def write_other(path: Path) -> None:
    path.write_bytes(b"[1]")


@pytest.mark.parametrize("damage", [cut, turn_a_bit, empty, write_other])
def test_a_damaged_file_is_made_anew(folder, damage):
    make = Maker()
    kept_arrays("a", make)
    damage(folder / "a")
    assert is_same(kept_arrays("a", make))
    assert make.count == 2
    assert is_same(kept_arrays("a", make))
    assert make.count == 2


def test_where_nothing_can_be_written_the_arrays_are_there_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert is_same(kept_arrays("a", Maker()))
