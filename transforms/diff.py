"""Two texts compared: which paragraphs are the same, and within the others which words came and went.

The alignment is a longest common subsequence, first of paragraphs, then of words within the stretches between equal
paragraphs. In scripts without spaces each sign is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from transforms.subsequence import common_places
from transforms.unspaced import UNSPACED_CLASS, has_unspaced

_TOKEN = re.compile(r"\n|\w+(?:['’\-]\w+)*|[^\w\s]")
"""A line break, a word, a mark."""
_SPACED = rf"(?:(?![{UNSPACED_CLASS}])\w)+"
_ANY_TOKEN = re.compile(rf"\n|[{UNSPACED_CLASS}]|{_SPACED}(?:['’\-]{_SPACED})*|[^\w\s]")
"""The same, and each sign of a script without spaces; slower."""
_CHANCE = 3
"""Words in common that, between longer changes, are chance: "the", "of the"."""


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text with one mark."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Words that came and went."""

    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Tokens `old_start` to `old_end` and `new_start` to `new_end` that are equal, or that replace each other."""

    is_same: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What lies between two equal paragraphs: a part of each text, from one place to another."""

    old: tuple[int, int]
    new: tuple[int, int]


def count_changed_words(old: str, new: str) -> WordCounts:
    """The words that `diff_texts` marks as added and as removed."""
    added = removed = 0
    for stretch in _stretches(old, new):
        if isinstance(stretch, _Stretch):
            token = _token_of(old, new)
            gone, come = token.findall(old, *stretch.old), token.findall(new, *stretch.new)
            for run in _runs(gone, come):
                if not run.is_same:
                    removed += _words(gone, run.old_start, run.old_end)
                    added += _words(come, run.new_start, run.new_end)
    return WordCounts(added, removed)


def diff_texts(old: str, new: str) -> tuple[tuple[Piece, ...], ...]:
    """The paragraphs of both texts in the order of reading, each as pieces that are the same, removed or added."""
    paragraphs: list[tuple[Piece, ...]] = []
    for stretch in _stretches(old, new):
        if isinstance(stretch, str):
            paragraphs.append((Piece(Mark.SAME, stretch),))
        else:
            paragraphs.extend(_rendered(stretch, old, new))
    return tuple(paragraphs)


def is_changed(paragraph: Sequence[Piece]) -> bool:
    """Whether anything in a paragraph is marked."""
    return any(piece.mark is not Mark.SAME for piece in paragraph)


def _stretches(old: str, new: str) -> Iterator[str | _Stretch]:
    """Equal paragraphs as text, and what lies between them."""
    old_lines, new_lines = old.split("\n"), new.split("\n")
    old_starts, new_starts = _starts(old_lines), _starts(new_lines)
    a = b = 0
    for next_a, next_b in (*common_places(old_lines, new_lines), (len(old_lines), len(new_lines))):
        if next_a > a or next_b > b:
            yield _Stretch(_span(old_starts, a, next_a), _span(new_starts, b, next_b))
        if next_a < len(old_lines):
            yield old_lines[next_a]
        a, b = next_a + 1, next_b + 1


def _starts(lines: Sequence[str]) -> list[int]:
    """Where each line begins, and one beyond the last."""
    return [0, *accumulate(len(line) + 1 for line in lines)]


def _span(starts: Sequence[int], first: int, last: int) -> tuple[int, int]:
    """The place of some lines, the breaks between them included."""
    return (starts[first], starts[last] - 1) if first < last else (0, 0)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    runs: list[_Run] = []
    a = b = 0
    for next_a, next_b in (*common_places(old, new), (len(old), len(new))):
        if next_a > a or next_b > b:
            runs.append(_Run(False, a, next_a, b, next_b))
        if next_a < len(old):
            same = runs.pop() if runs and runs[-1].is_same else _Run(True, next_a, next_a, next_b, next_b)
            runs.append(_Run(True, same.old_start, next_a + 1, same.new_start, next_b + 1))
        a, b = next_a + 1, next_b + 1
    return _without_chance(runs, old, new)


def _without_chance(runs: Sequence[_Run], old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    """Runs where a few words that two longer changes have between them belong to the change."""

    def size(run: _Run) -> int:
        return max(_words(old, run.old_start, run.old_end), _words(new, run.new_start, run.new_end))

    kept: list[_Run] = []
    for number, run in enumerate(runs):
        is_same = run.is_same
        if is_same and 0 < number < len(runs) - 1 and run.new_end - run.new_start <= 2 * _CHANCE:
            is_same = size(run) > _CHANCE or size(run) >= min(size(kept[-1]), size(runs[number + 1]))
        if kept and kept[-1].is_same == is_same:
            before = kept.pop()
            kept.append(_Run(is_same, before.old_start, run.old_end, before.new_start, run.new_end))
        else:
            kept.append(_Run(is_same, run.old_start, run.old_end, run.new_start, run.new_end))
    return kept


def _token_of(*texts: str) -> re.Pattern[str]:
    return _TOKEN if all(text.isascii() or not has_unspaced(text) for text in texts) else _ANY_TOKEN


def _words(tokens: Sequence[str], start: int, end: int) -> int:
    return sum(token[0].isalnum() for token in tokens[start:end])


def _rendered(stretch: _Stretch, old: str, new: str) -> Iterator[tuple[Piece, ...]]:
    """The paragraphs of one stretch. A line break that alone came or went is shown as a pilcrow."""
    token = _token_of(old, new)
    gone, come = list(token.finditer(old, *stretch.old)), list(token.finditer(new, *stretch.new))
    pieces: list[Piece] = []
    for run in _runs([m[0] for m in gone], [m[0] for m in come]):
        added = come[run.new_start : run.new_end]
        sides = (
            [(Mark.SAME, added)]
            if run.is_same
            else [(Mark.REMOVED, gone[run.old_start : run.old_end]), (Mark.ADDED, added)]
        )
        for mark, tokens in sides:
            for number, part in enumerate(_parts(tokens)):
                if number:
                    if mark is not Mark.SAME and any(piece.mark is not mark for piece in pieces):
                        pieces.append(Piece(mark, "¶"))
                    if pieces:
                        yield _spaced(pieces)
                    pieces = []
                if part:
                    pieces.append(Piece(mark, part))
    if pieces:
        yield _spaced(pieces)


def _spaced(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces with the space that stands before both of two words that replace each other outside of them."""
    spaced: list[Piece] = []
    for piece in pieces:
        before = spaced[-1] if spaced else None
        if (
            piece.mark is Mark.ADDED
            and before
            and before.mark is Mark.REMOVED
            and before.text[0] == piece.text[0] == " "
        ):
            spaced[-1:] = [
                Piece(Mark.SAME, " "),
                Piece(Mark.REMOVED, before.text[1:]),
                Piece(Mark.ADDED, piece.text[1:]),
            ]
        else:
            spaced.append(piece)
    return tuple(piece for piece in spaced if piece.text)


def _parts(tokens: Sequence[re.Match[str]]) -> Iterator[str]:
    """The text of some tokens, with a space that stands before them, divided at line breaks."""
    start: int | None = None
    end = 0
    for token in tokens:
        if token[0] == "\n":
            yield "" if start is None else token.string[start:end]
            start = None
        else:
            if start is None:
                start = token.start() - token.string.endswith(" ", 0, token.start())
            end = token.end()
    yield "" if start is None else tokens[-1].string[start:end]
