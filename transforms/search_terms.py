"""What a text is searched by: its terms, the same for documents and for queries.

Words are folded: case, diacritics, compatibility forms (full width, ligatures) and digits of any script count as one
letter each. There is no stemming: it would be wrong for names, and differs by language. Scripts that are written
without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and Korean, whose particles are glued to the word, are
cut into overlapping pairs of letters, the last letter of a run alone: so any part of a run is found, also one letter.

Each code point is folded for itself, so a place in the folded text can be led back to the text (`fold_with_places`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, pairwise, repeat

TERMS_VERSION = 1
"""Goes up with each change of what is below: an index holds the terms of the code that made it."""

LETTERS_MAX = 64
"""Longer words are cut into pieces of this length, in documents as in queries."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003134f"
)
"""Thai, Lao, Burmese, Khmer, kana, bopomofo, ideographs and Hangul, as they stand in a character class."""

_RUN = re.compile(f"[{UNSPACED}]+")
_WORD_OR_RUN = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")

# Marks that change no letter for a reader who searches: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowel
# signs and tatweel, variation selectors; and joiners and soft hyphens, which are no letters at all.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f"
    "\ufe20-\ufe2f\U000e0100-\U000e01ef\u00ad\u200b-\u200f\u2060\ufeff]"
)

# Letters that no decomposition takes apart, and letters that their decomposition would wrongly take for another.
_SPECIAL = {
    **dict(zip("øłđðħŧŋı", "olddhtni", strict=True)),
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ĳ": "ij",
    **{c: c for c in "йїўئؤ"},
    # Arabic yeh, kaf, alef and heh in the forms of other languages and of word ends
    **dict(zip("\u0649\u06cc\u06d0\u0671\u06a9\u0629", "\u064a\u064a\u064a\u0627\u0643\u0647", strict=True)),
    **dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf", " "),
}


class _Folding(dict[int, str]):
    """What each code point becomes, found out when it is met; white space for what is no part of a word."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_one(chr(code))
        return folded


def _fold_one(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if (special := _SPECIAL.get(letter.lower())) is not None:
        return special
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", letter).casefold())
    kept = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in plain)
    return unicodedata.normalize("NFC", _DROPPED.sub("", unicodedata.normalize("NFKD", kept)))


_FOLDING = _Folding()

_REPLACED_MAX = 40
"""Different letters outside Latin-1 up to which a text is taken for one in Latin letters."""
_NOT_ONE_LETTER = [c for c in map(chr, range(256)) if len(_FOLDING[ord(c)]) != 1 or not _FOLDING[ord(c)].isascii()]
_LATIN = bytes(0xFF if chr(code) in _NOT_ONE_LETTER else ord(_FOLDING[code]) for code in range(256))
"""What each byte of Latin-1 folds to; 0xFF, which is no ASCII, for letters that become none, several or another's."""


def fold(text: str) -> str:
    """The text with each letter folded, and spaces for all that is no letter or digit."""
    text = unicodedata.normalize("NFC", text)
    return _fold_latin(text) or text.translate(_FOLDING)


def _fold_latin(text: str) -> str | None:
    """The folded text in a few passes over bytes; None where a letter folds to one that is not ASCII.

    Letters outside Latin-1, which are few and often the same, are replaced one after the other: what folds to ASCII
    folds to itself. `str.translate` with a table takes many times as long where not all of a text is ASCII.
    """
    for _ in range(_REPLACED_MAX):
        try:
            return text.encode("latin-1").translate(_LATIN).decode("ascii")
        except UnicodeEncodeError as error:
            others = set(text[error.start : error.end])
        except UnicodeDecodeError:
            others = {letter for letter in _NOT_ONE_LETTER if letter in text}
        for letter in others:
            folded = _FOLDING[ord(letter)]
            if not folded.isascii():
                return None
            text = text.replace(letter, folded)
    return None


def fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each of its letters, the place in `text` that it came from.

    `text` must be in NFC, as the lake's texts are.
    """
    if text.isascii():
        return text.translate(_FOLDING), range(len(text))
    lengths = [len(_FOLDING[ord(c)]) for c in text]
    if set(lengths) == {1}:
        places: Sequence[int] = range(len(text))
    else:
        places = list(chain.from_iterable(repeat(n, length) for n, length in enumerate(lengths)))
    return text.translate(_FOLDING), places


def index_text(text: str) -> str:
    """The terms of a document's text in their order, divided by one space or more."""
    folded = fold(text)
    if not folded.isascii():
        folded = _RUN.sub(lambda run: f" {' '.join(run_terms(run[0]))} ", folded)
    return " ".join(chain.from_iterable(map(pieces, folded.split()))) if _has_long_word(folded) else folded


def _has_long_word(folded: str) -> bool:
    """Whether a word has more than LETTERS_MAX letters. Looks at a space in so many: to divide a text takes longer."""
    start = 0
    while len(folded) - start > LETTERS_MAX:
        start = folded.rfind(" ", start, start + LETTERS_MAX + 1) + 1
        if start == 0:
            return True
    return False


def run_terms(run: str) -> list[str]:
    """The terms of a run without spaces: each pair of letters, and the last letter."""
    return [*(a + b for a, b in pairwise(run)), run[-1]]


def pieces(word: str) -> list[str]:
    """The terms of a word: itself, or its pieces where it is too long."""
    return [word[n : n + LETTERS_MAX] for n in range(0, len(word), LETTERS_MAX)]


def words_and_runs(text: str) -> list[str]:
    """The folded words and runs without spaces of a text, uncut, in their order."""
    return _WORD_OR_RUN.findall(fold(text))


def is_run(part: str) -> bool:
    """Whether a part of `words_and_runs` is a run without spaces."""
    return _RUN.match(part) is not None
