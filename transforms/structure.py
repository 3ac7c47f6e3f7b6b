"""The signature of a page's template: 64 bits that stay alike from article to article and change with a redesign.

Each class name of the page's outermost elements, without its digits, falls by its hash into one of 64 bins; a bin's
bit is a bit of the least hash in it (one-permutation MinHash with b = 1: Li, Owen, Zhang 2012; Li, König 2010). Two
pages of one template differ in a few names, hence in a few bits; two unrelated templates differ in about half.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from lxml.etree import XPath
from lxml.html import HtmlElement

SAME_TEMPLATE_BITS = 14
"""Pages within this distance are taken for one template. Of pages of different sites one pair in a hundred is within
17; of pages of one site most pairs are within 5, or else beyond 20, where the site has several templates."""
NAMES_MIN = 6
"""A page with fewer names says nothing about its template."""
_NAMES_MAX = 4_000
_LEVELS = 8
"""Deeper elements are the article's own, and reading them takes three times as long."""

_CLASSES = XPath(
    " | ".join("/html" + "/*" * level + "/@class" for level in range(_LEVELS)),
    smart_strings=False,
)
_DIGITS = re.compile(r"[0-9]+")
_BINS = 64


@dataclass(frozen=True, slots=True)
class Template:
    """One template among the pages of a source: the signature that stands for it, and how many pages have it."""

    signature: int
    page_count: int


def frame_names(tree: HtmlElement) -> frozenset[str]:
    """The class names of the outermost elements of a parsed page, without digits."""
    found = _CLASSES(tree)
    values = [value for value in found[:_NAMES_MAX] if isinstance(value, str)] if isinstance(found, list) else []
    return frozenset(_DIGITS.sub("", " ".join(values)).split())


def signature_of(names: Collection[str]) -> int | None:
    """The signature of a page with these class names, a signed 64-bit number; None where they are too few."""
    if len(names) < NAMES_MIN:
        return None
    least = [1 << 64] * _BINS
    for name in names:
        number = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        place = number % _BINS
        least[place] = min(least[place], number // _BINS)
    bits = sum((value & 1) << place for place, value in enumerate(least) if value < 1 << 64)
    return bits - (1 << 64) if bits >> 63 else bits


def distance(one: int, other: int) -> int:
    """How many of the 64 bits of two signatures differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def templates_of(counts: Mapping[int, int]) -> tuple[Template, ...]:
    """Signatures with their numbers of pages, as templates: most pages first, each signature with the first near one.

    The same counts give the same templates in any order.
    """
    found: list[list[int]] = []
    for signature, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        near = next((group for group in found if distance(group[0], signature) <= SAME_TEMPLATE_BITS), None)
        if near is None:
            found.append([signature, count])
        else:
            near[1] += count
    return tuple(Template(*group) for group in sorted(found, key=lambda group: (-group[1], group[0])))
