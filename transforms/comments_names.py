"""What markup calls the parts of a comment or post: author, text and time, by the names of elements."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement


class NameKind:
    """Names that elements of one kind have. What a class attribute comes to is remembered, since posts repeat them."""

    def __init__(self, pattern: str) -> None:
        """`pattern` is of small letters."""
        self._search = re.compile(pattern).search
        self._is_called = lru_cache(maxsize=512)(self._is_one_called)  # of its own: to hash a pattern takes 0.5 µs

    def names(self, element: HtmlElement) -> bool:
        """Whether one of an element's classes, its id or its rel is such a name."""
        get = element.get
        called, own_id, rel = get("class"), get("id"), get("rel")
        return bool(
            (called and self._is_called(called))
            or (own_id and self._search(own_id.lower()) is not None)
            or (rel and self._search(rel.lower()) is not None)
        )

    def _is_one_called(self, called: str) -> bool:
        return any(self._search(name) is not None for name in called.lower().split())


AUTHOR = NameKind(
    r"author|user-?name|nick(?:name)?|poster|commenter|\bfn\b|display-?name|^name$|__name\b|comment-?by\b|autor|auteur|\bcite\b|__user\b"
)
NOT_AUTHOR = NameKind(r"avatar|image|img|photo|badge|rank|title|role|bio|link-list|posts?-?count|says|byuser|bypost")
TEXT = NameKind(
    r"(?:comment|post|message|reply|kommentar|commentaire|comentario)[-_]*(?:content|text|body|message|copy|txt|inner-text|html)\b|"
    r"^(?:content|text|body|message|comment-?copy|entry-content|msg)$|wp-block-comment-content|__(?:text|content|body|message)\b"
)
DATE = NameKind(r"date|time|posted|meta(?:data)?\b|permalink|when|datum|fecha|ago\b")
