"""The signature of a page's template: 64 bits that stay alike from article to article and change with a redesign.

Each class name of the page's outermost elements, without its digits, falls by its hash into one of 64 bins; a bin's
bit is a bit of the least hash in it (one-permutation MinHash with b = 1: Li, Owen, Zhang 2012; Li, König 2010). Two
pages of one template differ in a few names, hence in a few bits; two unrelated templates differ in about half.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from struct import unpack

from lxml.etree import XPath
from lxml.html import HtmlElement

SAME_BITS, SAME_SHARE = 14, 0.4
"""Pages within this distance, or this share of the set bits where those are few, are taken for one template. Of
pages of different sites one pair in a hundred is within 17 bits; of pages of one site most pairs are within 5, or else
beyond 20, where the site has several templates."""
NAMES_MIN = 6
"""A page with fewer class names is told by its tags; one with fewer of both says nothing about its template."""
TEMPLATES_MAX = 50
"""A site whose pages have more templates in a period has none."""
_NAMES_MAX = 4_000
_LEVELS = 8
"""Deeper elements are the article's own, and reading them takes three times as long."""

_TAG_LEVELS = 5

_CLASSES = XPath(
    " | ".join("/html" + "/*" * level + "/@class" for level in range(_LEVELS)),
    smart_strings=False,
)
_DIGITS = b"0123456789"
_BINS = 64
_ALL_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Template:
    """One template among the pages of a source: the signature that stands for it, and how many pages have it."""

    signature: int
    page_count: int


def frame_names(tree: HtmlElement) -> frozenset[str]:
    """The class names of the outermost elements of a parsed page, without digits; where they are few, its tags too."""
    found = _CLASSES(tree)
    values = [value for value in found[:_NAMES_MAX] if isinstance(value, str)] if isinstance(found, list) else []
    written = " ".join(values).encode("utf-8", "surrogatepass")
    names = set(written.translate(None, _DIGITS).decode("utf-8", "surrogatepass").split())
    if len(names) < NAMES_MIN:
        names.update(_tag_paths(tree, ""))
    return frozenset(names)


def _tag_paths(element: HtmlElement, above: str, level: int = 0) -> Iterator[str]:
    """The outermost elements as paths of tags with the names of their attributes."""
    if level == _TAG_LEVELS or not isinstance(element.tag, str):
        return
    path = f"{above}/{element.tag}[{' '.join(sorted(map(str, element.keys())))}]"
    yield path
    for child in element:
        yield from _tag_paths(child, path, level + 1)


def signature_of(names: Collection[str]) -> int | None:
    """The signature of a page with these class names, a signed 64-bit number; None where they are too few."""
    if len(names) < NAMES_MIN:
        return None
    digests = [blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in names]
    numbers: tuple[int, ...] = unpack(f"<{len(digests)}Q", b"".join(digests))
    least = {number % _BINS: number // _BINS for number in sorted(numbers, reverse=True)}
    bits = sum((value & 1) << place for place, value in least.items())
    return bits - (1 << 64) if bits >> 63 else bits


def distance(one: int, other: int) -> int:
    """How many of the 64 bits of two signatures differ."""
    return ((one ^ other) & _ALL_BITS).bit_count()


def is_same_template(one: int, other: int) -> bool:
    """Whether two signatures are near enough to be of one template."""
    return _are_near(distance(one, other), distance(one, 0) + distance(other, 0))


def _are_near(bits_apart: int, bits_set: int) -> bool:
    return bits_apart <= SAME_BITS and bits_apart <= SAME_SHARE * bits_set


def templates_of(counts: Mapping[int, int]) -> tuple[Template, ...]:
    """Signatures with their numbers of pages, as templates: most pages first, each signature with the first near one.

    The same counts give the same templates in any order. Pages of templates beyond `TEMPLATES_MAX` are not counted.
    """
    found: list[list[int]] = []
    first_bits: list[tuple[int, int]] = []
    for signature, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        # a load of thousands of pages asks a hundred thousand times: what is known of each signature is counted once
        bits = signature & _ALL_BITS
        set_bits = bits.bit_count()
        for group, (first, first_set) in zip(found, first_bits, strict=True):
            if _are_near((first ^ bits).bit_count(), first_set + set_bits):
                group[1] += count
                break
        else:
            if len(found) < TEMPLATES_MAX:
                found.append([signature, count])
                first_bits.append((bits, set_bits))
    return tuple(Template(*group) for group in sorted(found, key=lambda group: (-group[1], group[0])))
