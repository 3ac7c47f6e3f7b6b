"""Addresses that a page declares about itself, absolute and as data.

Whether a declared address merges two articles is decided later: many pages name their home page, or a sister paper.
"""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from transforms.meta_tags import MetaTags
from transforms.plain import plain

_URL_MAX = 2_000


def declared_canonical(tree: HtmlElement, meta: MetaTags, base: str) -> str | None:
    """The canonical address: link rel=canonical, else og:url; absolute by `base`; None where none is usable."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            url = absolute(base, link.get("href"))
            if url:
                return url
    return absolute(base, meta.first(("og:url",))[1])


def absolute(base: str, link: str | None) -> str | None:
    """`link` as an absolute http(s) address seen from `base`, or None. Never raises."""
    text = plain(link or "", _URL_MAX + 1)
    if not text or len(text) > _URL_MAX or " " in text:
        return None
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None
