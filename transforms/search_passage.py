"""Where a search's words stand in a text, and the passage of it that shows them best.

Words are looked for in the folded text, with the boundaries that the index knows, and led back to the places in the
text as it is written: "Zürich" is marked where "zurich" was asked for, and 東京 inside 東京都庁.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from transforms.search_query import Words
from transforms.search_terms import UNSPACED, fold_with_places, is_run

PASSAGE_LETTERS = 200
ELLIPSIS = "…"
_WORD_LETTER = rf"[^\s{UNSPACED}]"
_SENTENCE_END = re.compile(r"[.!?…]['\"”’»)]*\s+|[。！？\n]+")
_TO_A_SPACE = 24
"""How far from its place a cut may move to fall between words."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text in one line, and the spans of it that were searched for, as character offsets."""

    text: str
    marks: tuple[tuple[int, int], ...]

    def marked(self, before: str = "**", after: str = "**") -> str:
        """The text with each span between two marks."""
        parts, done = [], 0
        for start, end in self.marks:
            parts += [self.text[done:start], before, self.text[start:end], after]
            done = end
        return "".join([*parts, self.text[done:]])


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One occurrence: a span of the text, and which of the words it is."""

    start: int
    end: int
    which: int


def patterns(words: Sequence[Words]) -> tuple[re.Pattern[str], ...]:
    """What finds each of the words in a folded text."""
    return tuple(re.compile(r"\s*".join(_part(w, n) for n in range(len(w.parts)))) for w in dict.fromkeys(words))


def _part(words: Words, number: int) -> str:
    part = re.escape(words.parts[number])
    if is_run(words.parts[number]):
        return part
    rest = _WORD_LETTER + "*" if words.is_prefix and number == len(words.parts) - 1 else ""
    return rf"(?<!{_WORD_LETTER}){part}{rest}(?!{_WORD_LETTER})"


def hits_in(text: str, wanted: Sequence[re.Pattern[str]]) -> list[Hit]:
    """Every occurrence of the words in a text in NFC, in order."""
    folded, places = fold_with_places(text)
    # a hit ends where the next letter begins: signs that fold to nothing belong to the letter before them
    ends = [*places[1:], len(text)]
    return sorted(
        Hit(places[found.start()], max(ends[found.end() - 1], places[found.end() - 1] + 1), which)
        for which, pattern in enumerate(wanted)
        for found in pattern.finditer(folded)
    )


def marked_line(text: str, wanted: Sequence[re.Pattern[str]]) -> Passage:
    """A whole text, such as a title, with its marks."""
    text = unicodedata.normalize("NFC", text)
    return _passage(text, 0, len(text), hits_in(text, wanted))


def best_passage(text: str, wanted: Sequence[re.Pattern[str]], *, letters: int = PASSAGE_LETTERS) -> Passage:
    """The piece of about `letters` characters with most different words, then most words; else the beginning."""
    text = unicodedata.normalize("NFC", text)
    hits = hits_in(text, wanted)
    start, end = _densest(hits, letters) if hits else (0, 0)
    begin, stop = _window(text, start, end, letters)
    return _passage(text, begin, stop, hits)


def _densest(hits: Sequence[Hit], letters: int) -> tuple[int, int]:
    """The span of hits with most different words; of those where they are closest together, with most hits."""
    best, span = (0, 0, 0), (hits[0].start, hits[0].end)
    for first, hit in enumerate(hits):
        seen: set[int] = set()
        end = close = hit.end
        count = 0
        for other in islice(hits, first, None):
            if other.end - hit.start > letters:
                break
            end, count = max(end, other.end), count + 1
            if other.which not in seen:
                seen.add(other.which)
                close = end
        score = (len(seen), hit.start - close if len(seen) > 1 else 0, count)
        if score > best:
            best, span = score, (hit.start, end)
    return span


def _window(text: str, start: int, end: int, letters: int) -> tuple[int, int]:
    """Where to cut around a span: at the beginning of its sentence if that is near, else between words."""
    if len(text) <= letters:
        return 0, len(text)
    slack = max(letters - (end - start), 0)
    begin = max(start - slack // 2, 0)
    if len(text) - begin < letters:
        begin = max(len(text) - letters, 0)
    sentences = [m.end() for m in _SENTENCE_END.finditer(text, begin, start)]
    if sentences and begin > 0:
        begin = sentences[0]
    elif begin > 0:
        begin = _forward(text, begin, min(start, begin + _TO_A_SPACE))
    stop = min(begin + max(letters, end - start), len(text))
    if stop < len(text):
        stop = max(end, _back(text, stop, max(end, stop - _TO_A_SPACE)))
    return begin, stop


def _forward(text: str, place: int, limit: int) -> int:
    spaces = [n for n in range(place, limit) if text[n].isspace()]
    place = spaces[0] + 1 if spaces else place
    while place < limit and unicodedata.category(text[place])[0] == "M":
        place += 1
    return place


def _back(text: str, place: int, limit: int) -> int:
    spaces = [n for n in range(limit, place) if text[n].isspace()]
    place = spaces[-1] if spaces else place
    while place < len(text) and unicodedata.category(text[place])[0] == "M":
        place += 1
    return place


def _passage(text: str, begin: int, stop: int, hits: Sequence[Hit]) -> Passage:
    while begin < stop and text[begin].isspace():
        begin += 1
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    before = ELLIPSIS if begin > 0 else ""
    after = ELLIPSIS if stop < len(text) else ""
    line = "".join(" " if c.isspace() else c for c in text[begin:stop])
    shift = len(before) - begin
    return Passage(before + line + after, tuple((s + shift, e + shift) for s, e in _joined(hits, begin, stop)))


def _joined(hits: Sequence[Hit], begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """The spans within a window; those that overlap or touch are one."""
    start = end = -1
    for hit in hits:
        if hit.start < begin or hit.end > stop:
            continue
        if hit.start <= end:
            end = max(end, hit.end)
            continue
        if end >= 0:
            yield start, end
        start, end = hit.start, hit.end
    if end >= 0:
        yield start, end
