"""The history of one article: its versions, and what is different between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from transforms.diff import Piece, count_changed_words, diff_texts
from transforms.url import normalize
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.reading import reading
from warehouse.statements import statement


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article, without its text. `valid_to` is None while it is current."""

    version_number: int
    url: str
    title: str | None
    authors: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    word_count: int
    valid_from: datetime
    valid_to: datetime | None
    changed_fields: tuple[str, ...]
    words_added_count: int | None
    words_removed_count: int | None
    is_silent: bool | None


@dataclass(frozen=True, slots=True)
class History:
    """All versions of one article, the first one first."""

    article_id: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that two versions give differently, as text; empty where a version does not state it."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different between two versions of an article."""

    article_id: str
    old: Version
    new: Version
    fields: tuple[FieldChange, ...]
    """Of title, authors, published_at and modified_at those that differ."""
    paragraphs: tuple[tuple[Piece, ...], ...]
    """All paragraphs of both texts in the order of reading, with what came and went marked."""
    words_added: int
    words_removed: int
    is_same: bool
    """Whether both show the same: an edit that was taken back makes a version like one before it."""


def read_history(datadir: DataDir, wanted: str) -> History:
    """The versions of an article, by its address, article_id or a capture_id of it. Raises UserError for none."""
    with reading(datadir) as con:
        return _history(con, wanted)


def read_difference(
    datadir: DataDir, wanted: str, *, old_number: int | None = None, new_number: int | None = None
) -> Difference:
    """What is different between two versions of an article: by default the newest and the one before it.

    Raises UserError where there is no such article or version, or both are one.
    """
    with reading(datadir) as con:
        history = _history(con, wanted)
        count = len(history.versions)
        last = count if new_number is None else new_number
        first = last - 1 if old_number is None else old_number
        for number in (first, last):
            if not 1 <= number <= count:
                raise UserError(f"there is no version {number}: the article has {count}, see them with --list")
        if first == last:
            raise UserError(f"--from and --to both say version {first}: give two that are compared")
        texts = dict(
            con.execute(
                "SELECT version_number, text FROM article_versions WHERE article_id = ? AND version_number IN (?, ?)",
                [history.article_id, first, last],
            ).fetchall()
        )
    old, new = history.versions[first - 1], history.versions[last - 1]
    words = count_changed_words(texts[first], texts[last])
    fields = _changed_fields(old, new)
    return Difference(
        article_id=history.article_id,
        old=old,
        new=new,
        fields=fields,
        paragraphs=diff_texts(texts[first], texts[last]),
        words_added=words.added,
        words_removed=words.removed,
        is_same=not fields and texts[first] == texts[last],
    )


def _history(con: duckdb.DuckDBPyConnection, wanted: str) -> History:
    found = con.execute(statement("history_find"), {"wanted": wanted, "address": normalize(wanted)}).fetchall()
    if not found:
        raise UserError(f"the warehouse has no article at {wanted}: it wants an address, an article_id or a capture_id")
    article_id = str(found[0][0])
    rows: list[tuple[Any, ...]] = con.execute(statement("history_versions"), {"article_id": article_id}).fetchall()
    return History(article_id, tuple(_version(row) for row in rows))


def _version(row: tuple[Any, ...]) -> Version:
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return Version(*values)


def _changed_fields(old: Version, new: Version) -> tuple[FieldChange, ...]:
    names = ("title", "authors", "published_at", "modified_at")
    pairs = ((name, _words(getattr(old, name)), _words(getattr(new, name))) for name in names)
    return tuple(FieldChange(name, before, after) for name, before, after in pairs if before != after)


def _words(value: str | tuple[str, ...] | datetime | None) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value or ""
