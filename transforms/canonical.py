"""Addresses that a page declares about itself, absolute and as data.

Whether a declared address merges two articles is decided later: many pages name their home page, or a sister paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from transforms.meta_tags import MetaTags
from transforms.plain import plain
from transforms.url_plain import is_plain

_URL_MAX = 2_000
_LINKS_MAX = 5_000
_PAGE_NUMBER = re.compile(
    r"(?:/|[-_,]|/(?:page|seite|p)[/-]?|[?&](?:page|seite|pagina|pg|p)=)(?:[2-9]|[1-9]\d)(?:/|\.html)?"
)
_PAGE_NUMBER_END = re.compile(r"(?:/|/(?:page|seite|p)[/-]?|[?&](?:page|seite|pagina|pg|p)=)\d{1,2}/?$")


def declared_canonical(links: Iterable[HtmlElement], meta: MetaTags, base: str) -> str | None:
    """The canonical address by a page's link elements: rel=canonical, else og:url; made absolute by `base`."""
    for link in links:
        if "canonical" in (link.get("rel") or "").lower().split():
            url = absolute(base, link.get("href"))
            if url:
                return url
    return absolute(base, meta.first(("og:url",))[1])


def next_page(marked: Sequence[HtmlElement], base: str) -> str | None:
    """The address of an article's next page, by what is marked rel=next; None on the last or only page.

    Most such links lead to the next article of a blog: only the own address with a page number added counts.
    """
    for link in marked[:_LINKS_MAX]:
        if link.tag not in ("a", "link"):
            continue
        url = absolute(base, link.get("href"))
        if url and _PAGE_NUMBER.fullmatch(_added(base, url)):
            return url
    return None


def _added(base: str, url: str) -> str:
    """What `url` adds to the address `base`, both without the number of a page that base may bear itself."""
    stem = _PAGE_NUMBER_END.sub("", base.split("#", 1)[0]).rstrip("/").removesuffix(".html")
    return url.removeprefix(stem) if url.startswith(stem) else ""


def absolute(base: str, link: str | None) -> str | None:
    """`link` as an absolute http(s) address seen from `base`, or None. Never raises."""
    text = plain(link or "", _URL_MAX + 1)
    if not text or len(text) > _URL_MAX or " " in text:
        return None
    if is_plain(text):
        return text
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None
