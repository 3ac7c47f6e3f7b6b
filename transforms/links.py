"""The links inside an article's text: whom it names as its source, whom it sends its readers to.

Only links of the blocks that became the text count; menus, related lists, tags and share buttons are none. A link is
told to be inside by the block around it and by its words, which must be among those kept. What that misses: a link
around a whole paragraph, a picture without words, the posts of a forum thread, documents without markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import INLINE, Block, key_of
from transforms.element_text import text_within
from transforms.normalize import clean_line
from transforms.url import article_id_of_normalized, host_of, normalize, registrable_domain, resolve, site_key

_ANCHORS_MAX = 5_000
"""Links of one block that are looked at: a block of more is a list, and hostile ones hold millions."""
_LINKS_MAX = 300
"""Links of an article that are kept."""
_ADDRESS_MAX = 2_000
"""Characters of an address; a longer one is data."""
_WORDS_MAX = 300
"""Characters of a link's words."""
_SEARCHED_MAX = 100_000
"""Letters of a block within which a link's words are looked for; in a longer one they are taken on trust."""
_DEPTH_MAX = 20
"""Inline elements around a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """One link inside the text, in the order of reading."""

    url: str
    """Absolute and normalised."""
    host: str
    domain: str
    is_internal: bool
    """Whether it stays on its site: one registrable domain, and one port where it is an unusual one."""
    text: str
    rel: frozenset[str]


def read_links(blocks: Sequence[Block], kept: Iterable[Line], base_url: str) -> tuple[FoundLink, ...]:
    """The links within the lines that were kept. Links to the page itself and what is not http are left out."""
    inside: dict[HtmlElement, str] = {}
    for number in sorted({n for line in kept for n in line.blocks}):
        block = blocks[number]
        inside[block.element] = inside.get(block.element, "") + block.key
    found = (
        link
        for element, letters in inside.items()
        for anchor in islice(element.iter("a"), _ANCHORS_MAX)
        for link in _links(anchor, element, letters, base_url)
    )
    return tuple(islice(found, _LINKS_MAX))


def target_key(url: str) -> int:
    """The first 60 bits of the article_id that a normalised address would have."""
    return int(article_id_of_normalized(url)[:15], 16)


def _links(anchor: HtmlElement, home: HtmlElement, letters: str, base_url: str) -> Iterator[FoundLink]:
    """The link that an anchor is, or none."""
    href = (anchor.get("href") or "").strip()
    if not href or href.startswith("#") or len(href) > _ADDRESS_MAX or not _is_at_home(anchor, home):
        return
    text = clean_line(text_within(anchor)[: _WORDS_MAX * 2])[:_WORDS_MAX]
    key = key_of(text)
    if not key or (len(letters) <= _SEARCHED_MAX and key not in letters):
        return
    target = resolve(base_url, href)
    if target is None:
        return
    url, (own_url, own_domain, own_port) = normalize(target), _site(base_url)
    if url == own_url:
        return
    host, port = _host_and_port(url)
    domain = registrable_domain(host)
    yield FoundLink(
        url=url,
        host=host,
        domain=domain,
        is_internal=bool(domain) and domain == own_domain and port == own_port,
        text=text,
        rel=frozenset((anchor.get("rel") or "")[:_WORDS_MAX].lower().split()),
    )


def _is_at_home(anchor: HtmlElement, home: HtmlElement) -> bool:
    """Whether nothing but inline elements is between a link and the block that its words are in."""
    parent = anchor.getparent()
    for _ in range(_DEPTH_MAX):
        if parent is home or parent is None:
            break
        if parent.tag not in INLINE:
            return False
        parent = parent.getparent()
    return parent is home


@lru_cache(maxsize=1)
def _site(base_url: str) -> tuple[str, str, str]:
    """A page's own address, normalised, its registrable domain and its port; one page after the other is asked for."""
    return normalize(base_url), registrable_domain(host_of(base_url)), _port(base_url)


def _host_and_port(url: str) -> tuple[str, str]:
    """Of a normalised address, which spells out no usual port: most need no parser."""
    place = url.partition("//")[2].partition("/")[0]
    return (host_of(url), _port(url)) if ":" in place else (place.rstrip("."), "")


def _port(url: str) -> str:
    port = site_key(url).rpartition(":")[2]
    return "" if port in {"80", "443"} else port
