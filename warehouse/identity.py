"""Which captures show the same article.

An article is a page at its own normalised final URL. A page's declared canonical URL can merge it into another, but
many pages declare nonsense: their home page, a section front, the sister paper that they took the story from. So the
declaration counts only within one registrable domain and never to a front page, and two pages become one only if they
also agree in title or text. The result depends on the set of sightings alone, in whatever order they came
(docs/decisions/0010-article-identity.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from transforms.url import article_id, host_of, is_root, registrable_domain, resolve, site_key


@dataclass(frozen=True, slots=True)
class Sighting:
    """One page as some capture showed it."""

    page_key: str
    canonical_key: str | None
    title_hash: int | None
    text_hash: int | None
    captured_at: datetime


def canonical_key(final_url: str, declared: str) -> str | None:
    """The key of the page that a page declares to be canonical, where that declaration may count at all."""
    target = resolve(final_url, declared)
    if target is None or is_root(target):
        return None
    if not _is_same_domain(host_of(final_url), host_of(target)) or _port(target) != _port(final_url):
        return None
    key = article_id(target)
    return None if key == article_id(final_url) else key


def _is_same_domain(one: str, other: str) -> bool:
    """Whether two hosts have one registrable domain; the list of suffixes is asked only where their ends are alike."""
    if one == other or one.split(".")[-2:] != other.split(".")[-2:]:
        return one == other != ""
    return registrable_domain(one) == registrable_domain(other)


def _port(url: str) -> str:
    """The port, where it is not a usual one: two servers on one machine are two sites."""
    port = site_key(url).rpartition(":")[2]
    return "" if port in {"80", "443"} else port


def merge(sightings: Iterable[Sighting]) -> dict[str, str]:
    """The article of each page key.

    A page belongs to the group of its own key and to that of the key it declares. Pages of one group that agree in
    title or in text are one article, and so are pages joined through others. Its key is the page that others of it
    declare canonical, else the page captured first.
    """
    parent: dict[str, str] = {}
    first_seen: dict[str, datetime] = {}
    declarations: list[tuple[str, str]] = []
    agreeing: dict[tuple[str, str, int], str] = {}
    for s in sightings:
        parent.setdefault(s.page_key, s.page_key)
        first_seen[s.page_key] = min(s.captured_at, first_seen.get(s.page_key, s.captured_at))
        if s.canonical_key:
            declarations.append((s.page_key, s.canonical_key))
        for group in filter(None, (s.page_key, s.canonical_key)):
            for kind, value in (("title", s.title_hash), ("text", s.text_hash)):
                if value is not None:
                    other = agreeing.setdefault((group, kind, value), s.page_key)
                    parent[_root(parent, s.page_key)] = _root(parent, other)
    declared = {
        target for page, target in declarations if target in parent and _root(parent, page) == _root(parent, target)
    }
    best: dict[str, tuple[bool, datetime, str]] = {}
    for page in parent:
        rank = (page not in declared, first_seen[page], page)
        root = _root(parent, page)
        best[root] = min(rank, best.get(root, rank))
    return {page: best[_root(parent, page)][2] for page in parent}


def _root(parent: dict[str, str], page: str) -> str:
    while parent[page] != page:
        parent[page] = parent[parent[page]]
        page = parent[page]
    return page
