"""Comments as found on a page, and the rows that they become.

Finding (in markup or in flattened text) and identity are kept apart: a comment's key must not depend on how it was
found or on the order in which the page sorts its comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from transforms.page import ExtractOptions, Page
from transforms.pseudonyms import pseudonym
from transforms.schema import Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundComment:
    """One reader's comment as a page shows it. `position` counts from 0 in the page's order."""

    position: int
    text: str
    author: str | None = None
    published_at: datetime | None = None
    """UTC; None where the page gives no whole date (relative times change from capture to capture)."""
    own_id: str | None = None
    """The page's own id for the comment."""
    parent_index: int | None = None
    """Position of the comment that this one answers."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A piece that was taken out of a page, and the rule that took it."""

    rule: str
    text: str


def to_comments(
    found: Sequence[FoundComment], article_id: str, page: Page, options: ExtractOptions
) -> tuple[Comment, ...]:
    """The rows of a page's comments. Keys are the page's own ids where they are unique, else hashes of the content."""
    ids = _comment_ids(found, article_id)
    hidden = _hider(found, options) if options.pseudonyms else None
    return tuple(
        Comment(
            comment_id=ids[i],
            article_id=article_id,
            capture_id=page.capture_id,
            parent_id=ids[c.parent_index] if c.parent_index is not None else None,
            position=c.position,
            author=pseudonym(c.author, options.pseudonym_key) if c.author and options.pseudonyms else c.author,
            published_at=c.published_at,
            text=hidden(c.text) if hidden else c.text,
            seen_at=page.captured_at,
        )
        for i, c in enumerate(found)
    )


def _hider(found: Sequence[FoundComment], options: ExtractOptions) -> Callable[[str], str]:
    """Puts pseudonyms in place of the commenters' names where other comments call them by name."""
    names = sorted({c.author for c in found if c.author and len(c.author) > 2}, key=lambda name: (-len(name), name))
    if not names:
        return lambda text: text
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: pseudonym(match[0], options.pseudonym_key), text)


def _comment_ids(found: Sequence[FoundComment], article_id: str) -> list[str]:
    own = Counter(c.own_id for c in found if c.own_id)
    seen: Counter[tuple[str, ...]] = Counter()
    ids = []
    for c in found:
        if c.own_id and own[c.own_id] == 1:
            key: tuple[str, ...] = (article_id, "own", c.own_id)
        else:
            content = (c.author or "", c.published_at.isoformat() if c.published_at else "", " ".join(c.text.split()))
            key = (article_id, "content", *content, str(seen[content]))
            seen[content] += 1
        ids.append(blake2b("\x1f".join(key).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    return ids
