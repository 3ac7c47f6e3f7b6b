"""Where texts are kept: in the warehouse's own file, or in the lake's Parquet with the warehouse as its catalog.

Publishing copies the file, and text is most of it; from some size on it is better left where it is
(docs/decisions/0030-text-in-the-lake.md). A catalog has the same tables, views and queries: `article_versions` then
joins the rows with an explicit list of files, never a glob. The list is the table `text_files`, so that the lake keeps
every file that a published catalog names, and a session can be shut in with exactly these files open to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from transforms.columns import to_table
from warehouse.datadir import DataDir
from warehouse.ddl import is_ducklake, literal, set_macro
from warehouse.errors import WarehouseError
from warehouse.manifest import Manifest
from warehouse.records import TextFile
from warehouse.text_store import TextStore

KEPT_FOR_READERS = timedelta(hours=1)
"""How long a replaced file stays for readers who opened the catalog before: far above what one question takes."""

_Row = tuple[str, str, bool]


def refuse_texts_in_bucket(datadir: DataDir, store: TextStore | None) -> None:
    """Raise WarehouseError where texts are to stay in a lake that is not on this machine: readers open its files.

    The same of a DuckLake, whose loads copy no text.
    """
    if store is TextStore.LAKE and datadir.lakehouse is not None:
        raise WarehouseError("text_store lake: a DuckLake has its texts in files of its own; leave it unset")
    if store is TextStore.LAKE and datadir.storage is not None:
        raise WarehouseError(
            f"text_store lake: readers open the lake's files, and this lake is in {datadir.storage.url}; leave it unset"
        )


def set_text_store(con: duckdb.DuckDBPyConnection, store: TextStore) -> None:
    """Decide where the texts of an empty warehouse will be."""
    set_macro(con, "text_store", store.value)


def text_store_of(con: duckdb.DuckDBPyConnection) -> TextStore:
    """Where the texts of a warehouse are."""
    return TextStore(con.execute("SELECT text_store()").fetchall()[0][0])


def named_paths(con: duckdb.DuckDBPyConnection, *, with_replaced: bool) -> list[str]:
    """The files, below lake/, that this catalog names; with those that catalogs before it named a while ago."""
    condition = "true" if with_replaced else "replaced_at IS NULL"
    return [
        path for (path,) in con.execute(f"SELECT DISTINCT path FROM text_files WHERE {condition} ORDER BY 1").fetchall()
    ]


def shut_in(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> None:
    """Close files, network and extensions to a connection, but for the files that hold the catalog's texts.

    It must be done before any text of a user runs, on a connection that has the live warehouse open read-only.
    """
    try:
        paths = [str(datadir.lake / path) for path in named_paths(con, with_replaced=False)]
    except duckdb.CatalogException:
        paths = []  # a warehouse of an earlier layout
    if not _is_shut_in(con):
        try:
            con.execute(f"SET allowed_paths = [{', '.join(map(literal, paths))}]")
            con.execute("SET enable_external_access = false")
        except duckdb.InvalidInputException:
            # settings belong to the open file: another thread that has it open was faster
            if not _is_shut_in(con):
                raise


def moved_from(con: duckdb.DuckDBPyConnection) -> str | None:
    """The lake folder that an open catalog names, where that is not the one beside it: it was moved or copied since."""
    try:
        if text_store_of(con) is TextStore.WAREHOUSE:
            return None
    except duckdb.CatalogException:
        return None  # a warehouse of an earlier layout
    query = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
    [(path,)] = con.execute(query).fetchall()
    folder = _folder(con)
    return None if folder == str(DataDir(Path(path).parent).lake) else folder


def moved_words(folder: str) -> str:
    """What to do about a catalog that was moved, in one line."""
    return f"the texts were in {folder} and the data dir was moved or copied: `broadsheet load` finds them again"


def _is_shut_in(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute("SELECT current_setting('enable_external_access')").fetchall() == [(False,)]


def are_named(con: duckdb.DuckDBPyConnection, datadir: DataDir, manifest: Manifest) -> bool:
    """Whether a warehouse names the files in which the lake holds its texts now; true for one that names none."""
    if text_store_of(con) is TextStore.WAREHOUSE:
        return True
    held = set(_current(con))
    return held == _wanted(con, held, manifest) and _folder(con) == str(datadir.lake)


def name_files(con: duckdb.DuckDBPyConnection, datadir: DataDir, manifest: Manifest, *, now: datetime) -> None:
    """Bring `text_files` to what the manifest says of the loaded batches. Call it when `batches` is complete.

    A batch that was made anew since keeps the files that it was loaded from.
    """
    if text_store_of(con) is TextStore.WAREHOUSE:
        con.execute("DELETE FROM text_files WHERE replaced_at < ?", [now - KEPT_FOR_READERS])
        return
    set_macro(con, "lake_folder", str(datadir.lake))
    held = set(_current(con))
    wanted = _wanted(con, held, manifest)
    con.execute("DELETE FROM text_files WHERE replaced_at < ?", [now - KEPT_FOR_READERS])
    if gone := held - wanted:
        con.register("gone", _table(gone))
        con.execute(
            "UPDATE text_files AS f SET replaced_at = ? FROM gone "
            "WHERE f.path = gone.path AND f.batch_id = gone.batch_id AND f.replaced_at IS NULL",
            [now],
        )
        con.unregister("gone")
    if added := wanted - held:
        con.register("added", _table(added))
        con.execute("INSERT INTO text_files BY NAME FROM added")
        con.unregister("added")


def versions_with_text(con: duckdb.DuckDBPyConnection, batch_ids: Set[str] | None = None) -> str:
    """The relation of versions with their texts, for the views; with `batch_ids`, with those batches' texts alone."""
    if text_store_of(con) is TextStore.WAREHOUSE:
        return "versions"
    folder, rows = _folder(con), [row for row in _current(con) if batch_ids is None or row[0] in batch_ids]
    own = [f"{folder}/{path}" for _, path, is_shared in rows if not is_shared]
    shared = [f"{folder}/{path}" for path in dict.fromkeys(path for _, path, is_shared in rows if is_shared)]
    parts = [
        *([_texts(own, "filename = lake_folder() || '/' || path")] if own else []),
        *(
            [_texts(shared, "filename = lake_folder() || '/' || path AND rows.batch_id = files.batch_id")]
            if shared
            else []
        ),
    ]
    texts = " UNION ALL ".join(parts) or "SELECT '' AS capture_id, '' AS batch_id, '' AS text LIMIT 0"
    joined = f"versions AS v LEFT JOIN ({texts}) AS t USING (capture_id, batch_id)"
    return f"(SELECT v.* REPLACE (t.text AS text) FROM {joined})"


def rows_with_text(con: duckdb.DuckDBPyConnection, chosen: str) -> str:
    """The relation, with texts, of the versions in the table `chosen` (row_number, capture_id, batch_id)."""
    if text_store_of(con) is TextStore.WAREHOUSE:
        return f"(SELECT * FROM versions WHERE {in_rows(con, chosen)})"
    batches = {batch for (batch,) in con.execute(f"SELECT DISTINCT batch_id FROM {chosen}").fetchall()}
    return f"(SELECT * FROM {versions_with_text(con, batches)} WHERE capture_id IN (SELECT capture_id FROM {chosen}))"


def is_by_number(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the numbers of rows of `versions` lead to their texts."""
    return text_store_of(con) is TextStore.WAREHOUSE and not is_ducklake(con)


def in_rows(con: duckdb.DuckDBPyConnection, chosen: str) -> str:
    """The condition for rows of `versions` to be in the table `chosen` (row_number, capture_id).

    By row number where that can be: to find some by another column, DuckDB unpacks the columns of all.
    """
    if is_ducklake(con):  # whose row numbers may repeat
        return f"capture_id IN (SELECT capture_id FROM {chosen})"
    return f"rowid IN (SELECT row_number FROM {chosen})"


def _texts(paths: list[str], condition: str) -> str:
    listed = ", ".join(map(literal, paths))
    return (
        f"SELECT rows.capture_id, files.batch_id, rows.text "
        f"FROM read_parquet([{listed}], filename = true, hive_partitioning = false) AS rows "
        f"JOIN text_files AS files ON {condition} AND files.replaced_at IS NULL"
    )


def _current(con: duckdb.DuckDBPyConnection) -> list[_Row]:
    return con.execute(
        "SELECT batch_id, path, is_shared FROM text_files WHERE replaced_at IS NULL ORDER BY ALL"
    ).fetchall()


def _folder(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.execute("SELECT lake_folder()").fetchall()[0][0])


def _wanted(con: duckdb.DuckDBPyConnection, held: set[_Row], manifest: Manifest) -> set[_Row]:
    wanted: set[_Row] = set()
    for batch_id, digest in con.execute("SELECT batch_id, digest FROM batches").fetchall():
        batch = manifest.batches.get(batch_id)
        if batch is not None and batch.digest == digest:
            wanted.update((batch_id, e.path, e.file_sha256 is not None) for e in batch.entries if e.table == "articles")
        else:
            wanted.update(row for row in held if row[0] == batch_id)
    return wanted


def _table(rows: Iterable[_Row]) -> pa.Table:
    return to_table(TextFile, (TextFile(batch_id=b, path=p, is_shared=s) for b, p, s in sorted(rows)))
