"""What makes two captures the same version, and how long a text is.

The hash is over normalised values, each with its length before it, so that no two different records can run together
into the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b

import numpy as np

from transforms.letters import Codes, Kinds, codes_of, table_of
from transforms.unspaced import UNSPACED

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
_LETTERS, _JOINS = re.compile(r"\w+"), re.compile(r"['’\-]+")
_LETTER, _JOIN, _ALONE = 1, 2, 4
"""Kinds of characters by these two patterns and `UNSPACED`."""


def content_hash(title: str | None, authors: Sequence[str], published_at: datetime | None, text: str) -> str:
    """32 hex digits over title, authors in their order, published_at in UTC, and text."""
    digest = blake2b(digest_size=16)
    published = "" if published_at is None else published_at.astimezone(UTC).isoformat(timespec="microseconds")
    for value in (title or "", published, text, *authors):
        encoded = value.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def word_count(text: str) -> int:
    """Words in the text; in scripts without spaces each letter or ideograph counts, without its combining marks."""
    codes = codes_of(text)
    if codes is not None and (count := _spaced_count(codes)) is not None:
        return count
    unspaced = sum(1 for c in UNSPACED.findall(text) if unicodedata.category(c)[0] == "L")
    return unspaced + len(_WORD.findall(UNSPACED.sub(" ", text)))


def _spaced_count(codes: Codes) -> int | None:
    """How often `_WORD` matches: runs of letters, less the signs that join two. None where words have no spaces."""
    kinds = _kinds().take(codes)
    if (kinds & _ALONE).any():
        return None
    is_letter = kinds & _LETTER != 0
    begins = np.count_nonzero(is_letter[1:] > is_letter[:-1]) + np.count_nonzero(is_letter[:1])
    joins = np.flatnonzero(kinds[1:-1] & _JOIN)
    return int(begins - np.count_nonzero(is_letter[joins] & is_letter[joins + 2]))


@cache
def _kinds() -> Kinds:
    return table_of((_LETTERS, _JOINS, UNSPACED))
