"""The texts that articles had at the last load, read one by one from its search index.

A version is compared with the one before it, whose text lies anywhere in a column that DuckDB packs two thousand texts
at a time: to read one in a hundred it unpacks nearly all. The index keeps the current text of each article apart. It is
asked before it is brought up to date, and believed where the text has the hash that was noted when it was loaded; what
it cannot give is read from the column.
"""

from __future__ import annotations

import logging

import duckdb
import pyarrow as pa

from warehouse.datadir import DataDir
from warehouse.search_files import SearchIndexError, named_index
from warehouse.search_open import opened
from warehouse.statements import statement

_log = logging.getLogger(__name__)

_TEXTS_AT_ONCE = 2_000
_WANTED = """
SELECT article_id, capture_id FROM former_versions
WHERE capture_id IN (SELECT previous_capture_id FROM followers)
"""
_FOUND = pa.schema([("capture_id", pa.string()), ("text", pa.string())])


def read_former_texts(con: duckdb.DuckDBPyConnection, datadir: DataDir) -> None:
    """Make the tables former_texts (capture_id, text) and unread_rows, the rows of compared_rows without such a text.

    Reads former_versions (article_id, capture_id: which version of each touched article was current before), followers
    and compared_rows.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE found_texts (capture_id VARCHAR, text VARCHAR)")
    if wanted := con.execute(_WANTED).fetchall():
        try:
            _find(con, datadir, wanted)
        except SearchIndexError as error:
            _log.info("texts are read from the warehouse: %s", error)
    con.execute(statement("changes_former"))
    con.execute("DROP TABLE found_texts")


def _find(con: duckdb.DuckDBPyConnection, datadir: DataDir, wanted: list[tuple[str, str]]) -> None:
    with opened(datadir, named_index(con)) as index:
        for start in range(0, len(wanted), _TEXTS_AT_ONCE):
            captures, texts = [], []
            for article_id, capture_id in wanted[start : start + _TEXTS_AT_ONCE]:
                captures.append(capture_id)
                texts.append(index.text_of(article_id))
            con.register(
                "found_now", pa.Table.from_arrays([pa.array(captures), pa.array(texts, pa.string())], schema=_FOUND)
            )
            con.execute("INSERT INTO found_texts FROM found_now WHERE text IS NOT NULL")
            con.unregister("found_now")
