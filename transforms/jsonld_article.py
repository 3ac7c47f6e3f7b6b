"""Which JSON-LD node is the article of this page, and what it says.

A page names many articles: its own, the ones that it links, updates of a live blog, readers' comments. The page's own
one stands high in the graph, bears the page's address, and says the headline that the page shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from transforms.jsonld import LinkedData, Node
from transforms.plain import plain

_ARTICLES_TEXT = """article newsarticle blogposting reportagenewsarticle opinionnewsarticle analysisnewsarticle
backgroundnewsarticle reviewnewsarticle askpublicnewsarticle liveblogposting report techarticle scholarlyarticle
medicalscholarlyarticle socialmediaposting satiricalarticle advertisercontentarticle
discussionforumposting apireference"""
_LESSER_TEXT = """creativework review recipe howto question videoobject newsvideoobject podcastepisode radioepisode blog
claimreview course book movie event medicalwebpage"""
_PAGES_TEXT = "webpage itempage qapage faqpage aboutpage collectionpage profilepage"
_FOREIGN_TEXT = """itemListElement liveBlogUpdate comment comments mentions citation relatedLink isPartOf isBasedOn
publisher author image logo video suggestedAnswer acceptedAnswer review itemReviewed potentialAction breadcrumb
primaryImageOfPage sharedContent associatedMedia"""
_ARTICLES, _LESSER, _PAGES = (frozenset(t.split()) for t in (_ARTICLES_TEXT, _LESSER_TEXT, _PAGES_TEXT))
"""Types of an article, of what can be one where none stands, and of the page around it."""
_FOREIGN_STEPS = frozenset(_FOREIGN_TEXT.split())
"""Properties below which another work is described."""
_NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class OwnNodes:
    """The page's own nodes, the best first: a field is read from the first that has it."""

    nodes: tuple[Node, ...]
    data: LinkedData

    def values(self, *names: str) -> Iterator[tuple[str, Any]]:
        """(property, value) from each node that has one of the properties, best node first."""
        for node in self.nodes:
            for name in names:
                value = self.data.resolve(node.data.get(name))
                if value not in (None, "", [], {}):
                    yield name, value

    @property
    def best(self) -> Node | None:
        """The node that is the article itself, or None."""
        return self.nodes[0] if self.nodes else None


def own_nodes(data: LinkedData, addresses: frozenset[str], headings: frozenset[str]) -> OwnNodes:
    """The nodes about this page. `addresses` are its keys by `address_key`, `headings` its squashed h1 and titles."""
    ranked = []
    for number, node in enumerate(data.nodes):
        rank = _rank(node, addresses, headings)
        if rank is not None:
            ranked.append((-rank, number, node))
    ranked.sort(key=lambda entry: entry[:2])
    return OwnNodes(tuple(node for _, _, node in ranked[:8]), data)


def _rank(node: Node, addresses: frozenset[str], headings: frozenset[str]) -> float | None:
    types = node.types
    if types & _ARTICLES:
        rank = 10.0
    elif types & _LESSER:
        rank = 5.0
    elif types & _PAGES:
        rank = 2.0
    else:
        return None
    foreign = sum(step in _FOREIGN_STEPS for step in node.path)
    named = {address_key(a) for a in _addresses(node)} - {""}
    heading = squashed(plain(node.data.get("headline") or node.data.get("name") or ""))
    is_named = bool(named & addresses)
    is_headed = bool(heading) and heading in headings
    if foreign and not (is_headed and rank > 5):
        return None
    if named and not is_named and not is_headed and rank > 2 and node.path:
        return None
    rank += 6 * is_named + 4 * is_headed - 1.5 * len(node.path)
    rank -= 3 * bool(named and not is_named) + 3 * foreign
    rank += 0.5 * bool(node.data.get("datePublished")) + 0.5 * bool(node.data.get("author")) - node.is_salvaged
    return rank


def _addresses(node: Node) -> Iterator[str]:
    for name in ("mainEntityOfPage", "url", "@id"):
        value = node.data.get(name)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value[:2_000]


def address_key(url: str) -> str:
    """Host and path of an absolute address, as far as two spellings of one page agree; "" for a root or no address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    path = parts.path.rstrip("/").removesuffix("/amp").lower()
    return f"{host}{path}" if host and path else ""


@lru_cache(maxsize=256)  # the titles of one page are compared with one another
def squashed(text: str) -> str:
    """Letters and digits of a text alone, without case: what two prints of one headline share."""
    return _NO_LETTER.sub("", text.casefold())
