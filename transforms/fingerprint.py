"""What makes two captures the same version, and how long a text is.

The hash is over normalised values, each with its length before it, so that no two different records can run together
into the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b

# Scripts written without spaces: Han, kana, Thai, Lao, Myanmar, Khmer. Hangul is written with them.
UNSPACED_CLASS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
_UNSPACED = re.compile(f"[{UNSPACED_CLASS}]")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")


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
    if _UNSPACED.search(text) is None:
        return len(_WORD.findall(text))
    unspaced = sum(1 for c in _UNSPACED.findall(text) if unicodedata.category(c)[0] == "L")
    return unspaced + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def has_unspaced(text: str) -> bool:
    """Whether there is any sign of a script that is written without spaces."""
    return _UNSPACED.search(text) is not None
