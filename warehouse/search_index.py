"""The step of a load that brings the search index up to date: the touched articles out, their current versions in.

It runs on the next warehouse before that is published, so index and rows belong to one load. It starts from links to
the last index, as `search_files` says, and makes the index anew where that cannot be: after a rebuild, where the last
one is damaged or of another version, or where too many of its documents are deleted ones, which take space and enter
the statistics by which results are ranked.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from itertools import starmap
from pathlib import Path

import duckdb
import tantivy

from warehouse.counting import count_rows
from warehouse.datadir import DataDir
from warehouse.errors import WarehouseError
from warehouse.search_fields import Row, RowCoder, make_schema
from warehouse.search_files import (
    SearchIndexError,
    complete,
    link_files,
    named_index,
    new_folder,
    read_card,
    vacuum_indexes,
)
from warehouse.texts import in_rows, is_by_number, rows_with_text

_log = logging.getLogger(__name__)

ROWS_AT_ONCE = 200
"""Rows that are Python's at a time: whole texts."""
DELETED_SHARE_MAX = 0.3
_FEW = 20_000
"""Articles up to which one thread with a small heap, which then is one part of the index, takes no longer than two."""
_FEW_HEAP_BYTES, _FEW_THREADS = 48_000_000, 1
_BUILD_HEAP_BYTES, _BUILD_THREADS = 256_000_000, 2
_COLUMNS = "article_id, url, source, language, domain, published_at, title, text"
_INDEXED = """
CREATE OR REPLACE TEMP TABLE indexed_rows AS
SELECT row_number, capture_id, batch_id FROM touched_versions WHERE is_current
"""
_SPANS = """
SELECT min(row_number), max(row_number)
FROM (SELECT row_number, row_number() OVER (ORDER BY row_number) // $rows AS span FROM indexed_rows)
GROUP BY span
ORDER BY span
"""


def update_index(
    con: duckdb.DuckDBPyConnection,
    datadir: DataDir,
    load_id: str,
    *,
    is_fresh: bool,
    on_step: Callable[[str], None] = lambda _: None,
) -> str:
    """Make the index of a load, synced, and return its name below index/: what `loads.search_index` must say.

    `con` has the next warehouse open, with `touched` (article_id), `touched_versions` (their rows) and without the
    load's own row. With `is_fresh` these are all articles. Only for the holder of the writer's lock. Raises
    WarehouseError where the disk refuses.
    """
    on_step("index")
    live = named_index(con)
    vacuum_indexes(datadir, live)
    try:
        if live and not is_fresh and (name := _add_share(con, datadir, live, load_id)):
            return name
        return _build(con, datadir, live, load_id, _touched_rows(con) if is_fresh else _rows(con, "articles"))
    except ValueError as error:  # tantivy has no other: a full disk, a file that it cannot write
        raise WarehouseError(f"cannot write the search index: {error}; nothing was published") from error


def adopt_index(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> None:
    """Make the index that an open DuckLake names, which another host has made for itself, here under the same name.

    Nothing is published for it: two hosts would publish in turn for ever, each for want of the other's index. Only for
    the holder of the writer's lock. Raises WarehouseError where the disk refuses.
    """
    if (name := named_index(con)) is None or is_index_sound(con, datadir):
        return
    _log.info("the search index %s is made here, too", name)
    shutil.rmtree(datadir.index / name, ignore_errors=True)
    try:
        _build(con, datadir, None, name, _rows(con, "articles"))
    except ValueError as error:
        raise WarehouseError(f"cannot write the search index: {error}") from error


def is_index_sound(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> bool:
    """Whether the index that an open warehouse names is there with all its files. Reads no content."""
    name = named_index(con)
    try:
        return name is not None and bool(read_card(datadir.index / name))
    except SearchIndexError:
        return False


def _add_share(con: duckdb.DuckDBPyConnection, datadir: DataDir, live: str, load_id: str) -> str | None:
    """The index of the load made from the last one; None where that is not possible."""
    try:
        card = read_card(datadir.index / live)
    except SearchIndexError as error:
        _log.warning("the search index is made anew: %s", error)
        return None
    touched = [str(key) for (key,) in con.execute("SELECT article_id FROM touched").fetchall()]
    if not touched:
        return live
    with _Folder(datadir, load_id) as folder:
        link_files(datadir.index / live, card, folder)
        index = tantivy.Index.open(str(folder))
        writer = _writer(index, len(touched))
        for article_id in touched:
            writer.delete_documents_by_term("article_id", article_id)
        _add(writer, _touched_rows(con))
        writer.commit()
        writer.wait_merging_threads()
        held, deleted = _document_counts(folder)
        if held != count_rows(con, "articles"):
            _log.warning("the search index is made anew: %s holds other articles than the warehouse", live)
        elif deleted <= DELETED_SHARE_MAX * (held + deleted):
            complete(folder, previous=live, known=card)
            return folder.name
        shutil.rmtree(folder)
    return None


def _build(
    con: duckdb.DuckDBPyConnection, datadir: DataDir, live: str | None, load_id: str, rows: Iterator[Row]
) -> str:
    with _Folder(datadir, load_id) as folder:
        index = _new_index(folder)
        writer = _writer(index, count_rows(con, "versions WHERE is_current"))
        _add(writer, rows)
        writer.commit()
        writer.wait_merging_threads()
        complete(folder, previous=live, known=None)
    return folder.name


def _new_index(folder: Path) -> tantivy.Index:
    """An empty index whose store does not compress: the rows are compressed already, and better."""
    tantivy.Index(make_schema(), str(folder))
    meta = folder / "meta.json"
    settings = json.loads(meta.read_bytes())
    settings["index_settings"]["docstore_compression"] = "none"
    meta.write_text(json.dumps(settings), encoding="utf-8")
    return tantivy.Index.open(str(folder))


def _add(writer: tantivy.IndexWriter, rows: Iterator[Row]) -> None:
    coder = RowCoder()
    for row in rows:
        writer.add_document(coder.document(row))


def _writer(index: tantivy.Index, count: int) -> tantivy.IndexWriter:
    """A writer for so many articles."""
    few = count <= _FEW
    return index.writer(_FEW_HEAP_BYTES, _FEW_THREADS) if few else index.writer(_BUILD_HEAP_BYTES, _BUILD_THREADS)


def _touched_rows(con: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    """The touched articles as they are now. The texts of a few are read at a time, where they lie by number.

    Of many they are not: DuckDB unpacks two thousand at once, and would do so for each two hundred.
    """
    con.execute(_INDEXED)
    if not is_by_number(con) or count_rows(con, "indexed_rows") > _FEW:
        yield from _rows(con, rows_with_text(con, "indexed_rows"))
        return
    wanted = in_rows(con, "indexed_rows")
    for first, last in con.execute(_SPANS, {"rows": ROWS_AT_ONCE}).fetchall():
        yield from _rows(con, f"(SELECT * FROM versions WHERE rowid BETWEEN {first} AND {last} AND {wanted})")


def _rows(con: duckdb.DuckDBPyConnection, relation: str) -> Iterator[Row]:
    found = con.execute(f"SELECT {_COLUMNS} FROM {relation}")
    while rows := found.fetchmany(ROWS_AT_ONCE):
        yield from starmap(Row, rows)


def _document_counts(folder: Path) -> tuple[int, int]:
    """The documents of a committed index, and those that it still holds although they are deleted."""
    segments = json.loads((folder / "meta.json").read_bytes())["segments"]
    deleted = sum((s["deletes"] or {}).get("num_deleted_docs", 0) for s in segments)
    return sum(s["max_doc"] for s in segments) - deleted, deleted


class _Folder:
    """A new index folder that is removed again when making it fails."""

    def __init__(self, datadir: DataDir, load_id: str) -> None:
        self._folder = new_folder(datadir, load_id)

    def __enter__(self) -> Path:
        return self._folder

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
