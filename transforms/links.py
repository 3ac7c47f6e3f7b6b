"""The links inside an article's text: whom it names as its source, whom it sends its readers to.

Only links of the blocks that became the text count; menus, related lists, tags and share buttons are none. A link is
told to be inside by the block around it and by its words, which must be among those kept. What that misses: a link
around a whole paragraph, a picture without words, the posts of a forum thread, documents without markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import INLINE, Block, key_of
from transforms.normalize import clean_line
from transforms.url import article_id, host_of, normalize, registrable_domain, resolve, site_key

_ANCHORS_MAX = 5_000
"""Links of a page that are looked at: a page of more is a list, and hostile ones hold millions."""
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
    text: str
    rel: frozenset[str]


def read_links(
    tree: HtmlElement, blocks: Sequence[Block], kept: Iterable[Line], base_url: str
) -> tuple[FoundLink, ...]:
    """The links within the lines that were kept. Links to the page itself and what is not http are left out."""
    inside: dict[HtmlElement, str] = {}
    for number in sorted({n for line in kept for n in line.blocks}):
        block = blocks[number]
        inside[block.element] = inside.get(block.element, "") + block.key
    own = normalize(base_url)
    found = (_link(anchor, inside, base_url) for anchor in islice(tree.iter("a"), _ANCHORS_MAX))
    return tuple(islice((link for link in found if link is not None and link.url != own), _LINKS_MAX))


def _link(anchor: HtmlElement, inside: dict[HtmlElement, str], base_url: str) -> FoundLink | None:
    href = (anchor.get("href") or "").strip()
    if not href or href.startswith("#") or len(href) > _ADDRESS_MAX:
        return None
    home = next((e for e in islice(anchor.iterancestors(), _DEPTH_MAX) if e.tag not in INLINE), None)
    letters = inside.get(home) if home is not None else None
    if letters is None:
        return None
    text = clean_line("".join(_texts(anchor)))[:_WORDS_MAX]
    key = key_of(text)
    if not key or (len(letters) <= _SEARCHED_MAX and key not in letters):
        return None
    target = resolve(base_url, href)
    rel = frozenset((anchor.get("rel") or "")[:_WORDS_MAX].lower().split())
    return FoundLink(url=normalize(target), text=text, rel=rel) if target else None


def _texts(anchor: HtmlElement) -> Iterator[str]:
    left = _WORDS_MAX * 2
    for text in anchor.itertext():
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


def target_key(url: str) -> int:
    """The first 60 bits of the article_id that an address would have."""
    return int(article_id(url)[:15], 16)


def is_internal(url: str, base_url: str) -> bool:
    """Whether a link stays on its site: one registrable domain, and one port where it is an unusual one."""
    domain = registrable_domain(host_of(base_url))
    return bool(domain) and registrable_domain(host_of(url)) == domain and _port(url) == _port(base_url)


def _port(url: str) -> str:
    port = site_key(url).rpartition(":")[2]
    return "" if port in {"80", "443"} else port
