"""Scripts that are written without spaces: Han, kana, Thai, Lao, Myanmar, Khmer. Hangul is written with them."""

from __future__ import annotations

import re

UNSPACED_CLASS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
"""As they stand in a character class."""
UNSPACED = re.compile(f"[{UNSPACED_CLASS}]")


def has_unspaced(text: str) -> bool:
    """Whether there is any sign of such a script."""
    return UNSPACED.search(text) is not None
