"""Which stretch of the page became what: each run of text matched with the record that was made of the page.

The record does not say where on the page a line stood, and need not: lines are found again by their letters. A run that
nothing claims was never part of the text: menus, forms, what stands around an article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from lxml.html import Element

from transforms.body_align import align
from transforms.body_blocks import Block, key_of
from transforms.inspect_runs import Runs
from transforms.page import Extracted
from transforms.schema import Verdict

_PART_LEAST = 25
"""Letters from which a run that stands within a kept or stripped line is taken for a part of it."""
_BYLINE_MAX = 160
_LIMIT_RULE = "limit"
"""Names a limit that was passed, and no text."""


class Kind(StrEnum):
    """What a run became."""

    KEPT = "kept"
    FIELD = "field"
    COMMENT = "comment"
    STRIPPED = "stripped"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a run became; `reason` is the field that it is in, or the rule that stripped it."""

    kind: Kind
    reason: str


def mark_runs(page: Runs, result: Extracted) -> dict[int, Mark]:
    """The marks of the runs, by their place among the page's tokens. What nothing claims has none."""
    claims = _Claims(page)
    article = result.article
    claims.lines(article.text.split("\n"), Mark(Kind.KEPT, "text"))
    claims.lines((caption.text for caption in article.captions), Mark(Kind.FIELD, "captions"))
    for name, value in (("title", article.title), ("description", article.description)):
        if value:
            claims.first(_says(value), Mark(Kind.FIELD, name))
    if article.authors:
        claims.first(_is_byline_of(article.authors[0]), Mark(Kind.FIELD, "authors"))
    comments = [line for comment in result.comments for line in comment.text.split("\n")]
    claims.lines(comments, Mark(Kind.COMMENT, "comment"))
    stripped = [e for e in result.evidence if e.verdict is Verdict.STRIPPED and e.rule != _LIMIT_RULE]
    for row in stripped:
        claims.lines(row.value.split("\n"), Mark(Kind.STRIPPED, row.rule))
    claims.parts(article.text, Mark(Kind.KEPT, "text"))
    for row in stripped:
        claims.parts(row.value, Mark(Kind.STRIPPED, row.rule))
    return claims.marks


def _says(value: str) -> Callable[[Block], bool]:
    key = key_of(value)
    return lambda block: bool(key) and block.key == key


def _is_byline_of(name: str) -> Callable[[Block], bool]:
    return lambda block: len(block.text) <= _BYLINE_MAX and name in block.text


class _Claims:
    """The runs of a page, each to be claimed once."""

    def __init__(self, page: Runs) -> None:
        nowhere = Element("div")
        self._free = [(place, run.block(nowhere)) for place, run in page.runs()]
        self._free = [(place, block) for place, block in self._free if block.key]
        self.marks: dict[int, Mark] = {}

    def lines(self, lines: Iterable[str], mark: Mark) -> None:
        """Claim the runs that these lines are made of."""
        found = {number for line in align(list(lines), [block for _, block in self._free]) for number in line.blocks}
        self._take(found, mark)

    def first(self, holds: Callable[[Block], bool], mark: Mark) -> None:
        """Claim the first run for which this holds."""
        number = next((n for n, (_, block) in enumerate(self._free) if holds(block)), None)
        self._take(set() if number is None else {number}, mark)

    def parts(self, text: str, mark: Mark) -> None:
        """Claim the runs that stand within a text, where they are long enough to be no accident."""
        key = key_of(text)
        if len(key) < _PART_LEAST:
            return
        self._take(
            {n for n, (_, block) in enumerate(self._free) if len(block.key) >= _PART_LEAST and block.key in key}, mark
        )

    def _take(self, numbers: set[int], mark: Mark) -> None:
        if numbers:
            self.marks.update((self._free[number][0], mark) for number in numbers)
            self._free = [free for number, free in enumerate(self._free) if number not in numbers]
