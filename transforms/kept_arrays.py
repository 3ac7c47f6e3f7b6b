"""Arrays that take long to make, kept in a file between runs and mapped into memory, where processes share them.

As with `transforms.kept_files`, what is missing or damaged is made anew, and the result is the same.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from transforms.kept_files import cache_folder, write_whole

Arrays = Mapping[str, npt.NDArray[Any]]

_ALIGNED = 64
_HEAD_BYTES = 4096
_CHUNK = 1 << 20


def kept_arrays(name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays that `make` gives, from the file of that name where there is one; read-only."""
    try:
        path = cache_folder() / name
    except RuntimeError:  # a user without a home
        return make()
    kept = _read(path)
    if kept is not None:
        return kept
    made = make()
    with suppress(OSError):
        _write(path, made)
        return _read(path) or made
    return made


def _write(path: Path, arrays: Arrays) -> None:
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    at, sum_of_all = _HEAD_BYTES, 0
    parts: list[bytes] = []
    for name, array in arrays.items():
        places[name] = (array.dtype.str, array.shape, at)
        part = array.tobytes()
        part += bytes(-len(part) % _ALIGNED)
        parts.append(part)
        sum_of_all = crc32(part, sum_of_all)
        at += len(part)
    head = json.dumps({"bytes": at, "crc32": sum_of_all, "arrays": places}).encode().ljust(_HEAD_BYTES - 1) + b"\n"
    if len(head) != _HEAD_BYTES:
        raise ValueError(f"{len(places)} arrays do not fit into the head of a file")
    write_whole(path, [head, *parts])


def _read(path: Path) -> Arrays | None:
    """The arrays as they lie in the file; None where it is not there or not whole."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.read(_HEAD_BYTES))
            sum_of_all = 0
            while part := file.read(_CHUNK):  # read, not mapped: what is mapped and looked at counts as memory
                sum_of_all = crc32(part, sum_of_all)
            if (file.tell(), sum_of_all) != (head["bytes"], head["crc32"]):
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return {
            name: np.ndarray(shape, np.dtype(kind), mapped, offset)
            for name, (kind, shape, offset) in head["arrays"].items()
        }
    except (OSError, ValueError, TypeError, KeyError):
        return None
