"""What one version of an article changed against the version before, and whether the page says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from transforms.correction_notes import is_note
from transforms.diff import count_changed_words

_LINES_READ = 2_000
"""New lines that are looked through for a note: a page of more was made anew and its notes stand at its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one version shows, as far as it is compared."""

    title: str | None
    authors: Sequence[str]
    published_at: datetime | None
    modified_at: datetime | None
    text: str
    stripped: Sequence[str] = ()
    """Lines that rules took out of the text: a date line that says "Updated …" is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came with a version."""

    changed_fields: tuple[str, ...]
    """Of title, authors, published_at, text, in this order."""
    words_added_count: int
    words_removed_count: int
    is_silent: bool


def compare(old: Shown, new: Shown) -> Change:
    """What `new` changed against `old`. The words are those of the text."""
    fields = ("title", "authors", "published_at", "text")
    changed = tuple(name for name in fields if _value(old, name) != _value(new, name))
    words = count_changed_words(old.text, new.text)
    return Change(
        changed_fields=changed,
        words_added_count=words.added,
        words_removed_count=words.removed,
        is_silent=not _has_moved(old.modified_at, new.modified_at) and not _has_new_note(old, new),
    )


def _value(shown: Shown, name: str) -> object:
    value = getattr(shown, name)
    return list(value) if name == "authors" else value


def _has_moved(old: datetime | None, new: datetime | None) -> bool:
    """Whether the page's own time of change moved forward, or is stated for the first time."""
    return new is not None and (old is None or new > old)


def _has_new_note(old: Shown, new: Shown) -> bool:
    """Whether a line that was not there before says that the page was corrected or updated."""
    before = {old.title or "", *old.text.split("\n"), *old.stripped}
    lines = (new.title or "", *new.text.split("\n"), *new.stripped)
    fresh = [line for line in lines if line and line not in before]
    half = _LINES_READ // 2
    return any(map(is_note, fresh if len(fresh) <= _LINES_READ else (*fresh[:half], *fresh[-half:])))
