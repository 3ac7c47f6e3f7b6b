"""The stop words of all languages that jusText knows, for a page of unknown language: 150,000, in 2.5 MB.

As a set they take twenty, and to read the lists takes most of a tenth of a second. Here they lie in one string in order
of a hash, which is kept ready (`transforms.kept_arrays`); a word is looked for among the two or three of its own hash.
"""

from __future__ import annotations

from array import array
from functools import cache
from importlib.metadata import version
from zlib import crc32

import numpy as np
from justext.utils import get_stoplist, get_stoplists

from transforms.kept_arrays import Arrays, kept_arrays

_HASHES = 1 << 16
_FORM = 1
"""Of what is kept: to be counted up where `_made` changes."""


class StopWords:
    """Words that can be asked for with `in`; in lower case, as the lists have them."""

    def __init__(self, arrays: Arrays) -> None:
        self._words = arrays["words"].tobytes()
        self._begins = array("i", arrays["begins"].tobytes())

    def __contains__(self, word: str) -> bool:
        line = _line(word)
        at = crc32(line) % _HASHES
        return self._words.find(line, self._begins[at], self._begins[at + 1]) >= 0


@cache
def stop_words() -> StopWords:
    """Those of all languages."""
    return StopWords(kept_arrays(f"stop-words-{version('justext')}-{_FORM}", _made))


def _made() -> Arrays:
    """All words, those of one hash after those of another, and where each hash begins."""
    lines = sorted({_line(word) for language in get_stoplists() for word in get_stoplist(language)})
    by_hash: list[list[bytes]] = [[] for _ in range(_HASHES)]
    for line in lines:
        by_hash[crc32(line) % _HASHES].append(line)
    parts = [b"".join(one) for one in by_hash]
    begins = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    return {"words": np.frombuffer(b"".join(parts), np.uint8), "begins": begins.astype(np.int32)}


def _line(word: str) -> bytes:
    """With a sign before and one behind that no word has: no part of another is one."""
    return b"\r%b\n" % word.encode("utf-8", "surrogatepass")
