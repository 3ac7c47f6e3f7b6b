"""Media types as servers declare them, read the same way when a page is fetched and when its archive is."""

from __future__ import annotations

UNTYPED = frozenset(
    ["application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/xml", "text/xml"]
)
"""Types that say nothing about whether a body is a page: its first bytes decide."""


def media_type(content_type: str | None) -> str:
    """The type alone in small letters, without parameters; empty where none is declared."""
    return (content_type or "").partition(";")[0].strip().lower()
