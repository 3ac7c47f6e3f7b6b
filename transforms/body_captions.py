"""Captions of the pictures that stand in an article, with their pictures."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import Block
from transforms.normalize import clean_line
from transforms.schema import Caption
from transforms.url import resolve

_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")
_CAPTIONS_MAX = 200
_NEAR = 12
"""Blocks before the first or after the last line of the text in which a caption still belongs to the article."""


def read_captions(blocks: Sequence[Block], lines: Sequence[Line], base_url: str) -> tuple[Caption, ...]:
    """The captions within the stretch of the page that the text was taken from, in the page's order."""
    numbers = [n for line in lines for n in line.blocks]
    if not numbers:
        return ()
    found: dict[tuple[str | None, str], Caption] = {}
    for block in blocks[max(0, min(numbers) - _NEAR) : max(numbers) + _NEAR]:
        zone = next((z for z in reversed(block.zones) if not z.is_void), None)
        if zone is None or zone.rule != "caption":
            continue
        text = clean_line(" ".join(map(str, zone.element.itertext())))
        caption = Caption(image_url=_picture_of(zone.element, base_url), text=text)
        found.setdefault((caption.image_url, caption.text), caption)
    return tuple(found.values())[:_CAPTIONS_MAX]


def _picture_of(element: HtmlElement, base_url: str) -> str | None:
    """The address of the picture in the nearest container that holds one."""
    container: HtmlElement | None = element
    for _ in range(4):
        if container is None or container.tag == "body":
            return None
        for image in container.iter("img"):
            source = next((image.get(name) for name in _SOURCES if image.get(name)), None)
            if source and not source.startswith("data:"):
                return resolve(base_url, source)
        container = container.getparent()
    return None
