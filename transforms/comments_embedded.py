"""Comments that a page states as data: schema.org Comment objects in JSON-LD."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from transforms.comments_dates import find_moment, to_moment
from transforms.comments_found import FoundComment
from transforms.jsonld import LinkedData, read_jsonld
from transforms.normalize import clean_line, clean_text
from transforms.plain import plain

_TYPES = frozenset(("comment", "usercomments"))
_TEXT_MAX = 100_000


def embedded_comments(scripts: Sequence[HtmlElement]) -> tuple[FoundComment, ...]:
    """The comments of a page's JSON-LD, in its order; the scripts are only read where they name such a type."""
    if not any('omment"' in (s.text or "") for s in scripts if "ld+json" in (s.get("type") or "").lower()):
        return ()
    data = read_jsonld(scripts)
    stated = [n.data for n in data.nodes if n.types & _TYPES]
    holders = _holders(stated)
    found: list[FoundComment] = []
    place: dict[int, int] = {}
    by_id: dict[str, int] = {}
    for comment in stated:
        text = clean_text(
            plain(comment.get("text") or comment.get("commentText") or comment.get("description"), _TEXT_MAX)
        )
        if not text:
            continue
        own_id = clean_line(plain(comment.get("identifier") or comment.get("@id") or comment.get("url"))) or None
        place[id(comment)] = len(found)
        if own_id:
            by_id[own_id] = len(found)
        found.append(
            FoundComment(
                position=len(found),
                text=text,
                author=_author(data, comment.get("author") or comment.get("creator")),
                published_at=_time(comment),
                own_id=own_id,
                parent_index=_parent(comment, holders.get(id(comment)), place, by_id),
            )
        )
    return tuple(found)


def _author(data: LinkedData, value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    first = data.resolve(first)
    name = first.get("name") if isinstance(first, dict) else first
    return clean_line(plain(name)) or None


def _time(comment: dict[str, Any]) -> datetime | None:
    stamp = plain(comment.get("dateCreated") or comment.get("datePublished") or comment.get("commentTime"))
    moment = find_moment(stamp)
    return to_moment(moment, is_day_first=None) if moment else None


def _parent(
    comment: dict[str, Any], holder: dict[str, Any] | None, place: dict[int, int], by_id: dict[str, int]
) -> int | None:
    parent = comment.get("parentItem")
    if isinstance(parent, dict) and isinstance(parent.get("@id") or parent.get("url"), str):
        return by_id.get(parent.get("@id") or parent["url"])
    return place.get(id(holder))


def _holders(stated: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """For the comments that stand within others, by identity: the one that holds them."""
    held: dict[int, dict[str, Any]] = {}
    for comment in stated:
        inner = comment.get("comment")
        for child in inner if isinstance(inner, list) else [inner]:
            held[id(child)] = comment
    return held
