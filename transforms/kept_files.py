"""Bytes that take long to make, kept in a file between runs.

The file lies in the user's cache folder (XDG_CACHE_HOME, else ~/.cache) and is nobody's record: where it is missing,
damaged, or cannot be written, the bytes are made anew, and the result is the same. What they are made of must be in the
name. `transforms.kept_arrays` does the same for arrays, and maps them into memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from zlib import crc32

_SUM_BYTES = 4


def kept_bytes(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that `make` gives, from the file of that name where there is one."""
    try:
        path = cache_folder() / name
    except RuntimeError:  # a user without a home
        return make()
    with suppress(OSError):
        kept = path.read_bytes()
        if crc32(kept[:-_SUM_BYTES]).to_bytes(_SUM_BYTES, "big") == kept[-_SUM_BYTES:]:
            return kept[:-_SUM_BYTES]
    made = make()
    with suppress(OSError):
        write_whole(path, [made, crc32(made).to_bytes(_SUM_BYTES, "big")])
    return made


def cache_folder() -> Path:
    """Where such files lie. Raises RuntimeError for a user without a home."""
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "broadsheet"


def write_whole(path: Path, parts: Sequence[bytes]) -> None:
    """Write a file that others find with all its parts, or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{token_hex(4)}.tmp")
    try:
        temporary.write_bytes(b"".join(parts))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
