"""The folders of search indexes: one for each load, complete before the warehouse that names it is published.

The segment files of an index never change, so the next index starts as hard links to the last one's and costs only what
it adds. Beside them lies `broadsheet.json`: the files with sizes and checksums, written last, and the name of the index
that this one follows. From the one that the warehouse names, that chain leads to the former indexes, which readers of
an older file may still use; a folder outside the chain is what a killed load left, and is removed.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from transforms.search_terms import TERMS_VERSION
from warehouse.datadir import DataDir, sync_folder, write_atomically
from warehouse.errors import UserError

_log = logging.getLogger(__name__)

CARD_NAME = "broadsheet.json"
INDEX_VERSION = 1
"""Goes up when the fields of the index change; an index of another version is made anew."""
FORMER_KEPT = 2
FORMER_KEPT_S = 3600.0
"""Former indexes are kept while they are among the last two, or were followed less than an hour ago."""

_MUTABLE = ("meta.json", ".managed.json")
"""Files that tantivy replaces: they are copied, all others are linked. Its lock files are left out."""


class SearchIndexError(UserError):
    """There is no index that belongs to the warehouse, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Card:
    """What an index folder says of itself."""

    index_version: int
    terms_version: int
    previous: str | None
    """The index that it was made from, or that it follows."""
    files: dict[str, tuple[int, int]]
    """Size and CRC-32 of each file."""


def named_index(con: duckdb.DuckDBPyConnection) -> str | None:
    """The name of the index that belongs to an open warehouse; None where it has none."""
    rows = con.execute("SELECT search_index FROM loads WHERE search_index IS NOT NULL ORDER BY rowid DESC").fetchall()
    return str(rows[0][0]) if rows else None


def read_card(folder: Path) -> Card:
    """The card of an index, its files checked for presence and size. Raises SearchIndexError: what is wrong."""
    try:
        card = json.loads((folder / CARD_NAME).read_bytes())
        card = Card(**{**card, "files": {name: tuple(v) for name, v in card["files"].items()}})
    except OSError as error:
        raise SearchIndexError(f"{folder.name} is missing or incomplete ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SearchIndexError(f"{folder.name}/{CARD_NAME} is not what was written") from error
    if (card.index_version, card.terms_version) != (INDEX_VERSION, TERMS_VERSION):
        raise SearchIndexError(f"{folder.name} was made by another version of Broadsheet")
    for name, (size, _) in card.files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            raise SearchIndexError(f"{folder.name}/{name} cannot be read: {error.strerror}") from error
        if found != size:
            raise SearchIndexError(f"{folder.name}/{name} has {found} bytes, not {size}")
    return card


def damaged_files(folder: Path) -> list[str]:
    """The files of an index whose content is not what was written. Reads all of them."""
    return [name for name, (_, crc) in read_card(folder).files.items() if _checksum(folder / name) != crc]


def new_folder(datadir: DataDir, load_id: str) -> Path:
    """An empty folder for the index of a load; the name is the load's, or one like it where that is taken."""
    datadir.index.mkdir(exist_ok=True)
    folder, number = datadir.index / load_id, 1
    while folder.exists():
        number += 1
        folder = datadir.index / f"{load_id}-{number}"
    folder.mkdir()
    return folder


def link_files(source: Path, card: Card, target: Path) -> None:
    """Give a new index the files of another. Copies them where links are not possible."""
    for name in card.files:
        if name in _MUTABLE:
            shutil.copyfile(source / name, target / name)
            continue
        try:
            os.link(source / name, target / name)
        except OSError:
            shutil.copyfile(source / name, target / name)


def complete(folder: Path, *, previous: str | None, known: Card | None) -> None:
    """Sync the files of an index and write its card: from here on it can be named.

    `known` is the card of the index that its older files come from: they are neither read nor synced again.
    """
    files: dict[str, tuple[int, int]] = {}
    for path in sorted(folder.iterdir()):
        if path.name == CARD_NAME or path.suffix == ".lock":
            continue
        held = known.files.get(path.name) if known and path.name not in _MUTABLE else None
        files[path.name] = held or (path.stat().st_size, _checksum(path))
        if held is None:
            _sync_file(path)
    card = Card(INDEX_VERSION, TERMS_VERSION, previous, files)
    write_atomically(folder / CARD_NAME, json.dumps(asdict(card)).encode())
    for name in _MUTABLE:
        # tantivy makes these for its own user alone; whoever may read the warehouse may search it
        shutil.copymode(folder / CARD_NAME, folder / name)
    sync_folder(folder)
    sync_folder(folder.parent)


def vacuum_indexes(datadir: DataDir, live: str | None, *, live_only: bool = False) -> int:
    """Remove what no reader needs and return how many folders that was. Only for the holder of the writer's lock.

    `live` is the index that the published warehouse names. With `live_only` former indexes go too, whoever reads them:
    what was forgotten must not stay there.
    """
    if not datadir.index.is_dir():
        return 0
    kept = {live} if live_only else set(_chain(datadir, live))
    doomed = [path for path in sorted(datadir.index.iterdir()) if path.name not in kept]
    for path in doomed:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(doomed)


def _chain(datadir: DataDir, live: str | None) -> Iterator[str]:
    """The live index and the former ones that are still kept."""
    name, followed_at, number = live, time.time(), 0
    while name is not None and (datadir.index / name).is_dir():
        if number > FORMER_KEPT and time.time() - followed_at > FORMER_KEPT_S:
            return
        yield name
        try:
            card = json.loads((datadir.index / name / CARD_NAME).read_bytes())
            name, followed_at = card["previous"], (datadir.index / name / CARD_NAME).stat().st_mtime
        except (OSError, ValueError, TypeError, KeyError):
            return
        number += 1


def _checksum(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return crc


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
