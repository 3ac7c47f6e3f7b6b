"""Asking an index: the best hits of a query in an order that the index's layout does not decide, and their rows.

Equal scores are ordered by publication, the newest first, then by article: which segment holds a document, and in which
place, is chance. So more hits are asked for than wanted, until those beyond the cut rank lower than those before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy
import zstandard

from warehouse.datadir import DataDir
from warehouse.search_fields import Row, RowCoder, id_of
from warehouse.search_files import SearchIndexError, read_card

SCORE_DIGITS = 3
"""Scores that differ by less are equal: statistics of deleted documents move them a little between two loads."""
_MORE = 20
_TIES_MAX = 20_000
"""Equally good hits among which the newest are found; of more, those that the index gives first."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One hit: its article, its place in the index, and its score where the order is by relevance."""

    article_id: str
    score: float | None
    published: int
    """Microseconds since 1970; UNDATED where the article has no date."""
    address: tantivy.DocAddress


class OpenIndex:
    """An index open for reading. It needs its folder only while it is being opened."""

    def __init__(self, index: tantivy.Index) -> None:
        self.schema = index.schema
        self._searcher = index.searcher()
        self._coder = RowCoder()

    def best(self, query: tantivy.Query, *, limit: int | None, is_newest_first: bool) -> tuple[int, list[Ranked]]:
        """The number of all hits, and the best of them in order; all where `limit` is None."""
        everything = max(self._searcher.num_docs, 1)
        asked = everything if limit is None else min(limit + _MORE, everything)
        while True:
            found = self._searcher.search(
                query, limit=asked, count=True, order_by_field="published" if is_newest_first else None
            )
            ranks = [key if is_newest_first else round(key, SCORE_DIGITS) for key, _ in found.hits]
            is_whole = len(ranks) < asked or asked == everything
            if is_whole or asked >= _TIES_MAX or limit is None or ranks[limit - 1] != ranks[-1]:
                break
            asked = min(asked * 8, everything)
        hits = self._ranked(found.hits, None if is_newest_first else ranks)
        hits.sort(key=lambda h: (-(h.score or 0.0), -h.published, h.article_id))
        return int(found.count), hits[:limit]  # type: ignore[attr-defined]  # its stub lacks it

    def row(self, hit: Ranked) -> Row:
        """What the index keeps of the hit's article."""
        return self._coder.row(self._searcher.doc(hit.address))

    def text_of(self, article_id: str) -> str | None:
        """The text of an article as it was indexed; None where the index has no such article."""
        query = tantivy.Query.term_query(self.schema, "article_id", article_id, "basic")
        hits = self._searcher.search(query, limit=1, count=False).hits
        return self._coder.row(self._searcher.doc(hits[0][1])).text if hits else None

    def _ranked(self, hits: Sequence[tuple[float, tantivy.DocAddress]], scores: Sequence[float] | None) -> list[Ranked]:
        addresses = [address for _, address in hits]
        if not addresses:
            return []
        published, high, low = (self._numbers(name, addresses) for name in ("published", "id_high", "id_low"))
        return [
            Ranked(id_of(high[n], low[n]), None if scores is None else scores[n], published[n], address)
            for n, address in enumerate(addresses)
        ]

    def _numbers(self, field: str, addresses: list[tantivy.DocAddress]) -> list[int]:
        return [int(value or 0) for value in self._searcher.fast_field_values(field, addresses)]


@contextmanager
def opened(datadir: DataDir, name: str | None) -> Iterator[OpenIndex]:
    """The index that a warehouse names. Raises SearchIndexError: there is none, or it is not what was written.

    That is also raised for damage that is met only while the index is used.
    """
    if name is None:
        raise SearchIndexError("this warehouse has no search index: `broadsheet load` makes it")
    folder = datadir.index / name
    try:
        read_card(folder)
    except SearchIndexError as error:
        raise SearchIndexError(f"the search index cannot be used: {error}; `broadsheet load` makes it anew") from error
    try:
        with _lockable(folder) as place:
            index = OpenIndex(tantivy.Index.open(str(place)))
        yield index
    except BaseException as error:
        if not _is_damage(error):
            raise
        # sizes are as they were, so a load would not notice
        problem = " ".join(str(error).split())
        raise SearchIndexError(
            f"the search index is damaged ({problem}): `broadsheet rebuild` makes it anew"
        ) from error


def _is_damage(error: BaseException) -> bool:
    """Whether an error is one that reading a damaged index gives. The library's panics have a class without a name."""
    kinds = (OSError, ValueError, zstandard.ZstdError)
    return isinstance(error, kinds) or type(error).__name__ == "PanicException"


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """Where an index can be opened: tantivy locks a file for that moment, which a folder of others' may not allow."""
    if os.access(folder, os.W_OK):
        yield folder
        return
    with TemporaryDirectory(prefix="broadsheet-search-") as made:
        for path in folder.iterdir():
            (Path(made) / path.name).symlink_to(path)
        yield Path(made)
