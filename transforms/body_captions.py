"""Captions of the pictures that stand in an article, with their pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from transforms.body_align import Line
from transforms.body_blocks import Block
from transforms.element_text import text_within
from transforms.normalize import clean_line
from transforms.schema import Caption
from transforms.url import resolve

_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")
_CAPTIONS_MAX = 200
_LABEL = re.compile(r"^(?:[【［\[(（](?:写真|图|圖|사진)[】］\])）]|[▲▼△])\s*")
"""What East Asian papers print before a caption."""
_LABEL_STARTS = "【［[(（▲▼△"
_NEAR = 12
"""Blocks before the first or after the last line of the text in which a caption still belongs to the article."""


def read_captions(blocks: Sequence[Block], lines: Sequence[Line], base_url: str) -> tuple[Caption, ...]:
    """The captions within the stretch of the page that the text was taken from, in the page's order."""
    numbers = [n for line in lines for n in line.blocks]
    if not numbers:
        return ()
    found: dict[tuple[str | None, str], Caption] = {}
    kept = frozenset(numbers)
    start = max(0, min(numbers) - _NEAR)
    for number, block in enumerate(blocks[start : max(numbers) + _NEAR], start):
        zone = next((z for z in reversed(block.zones) if not z.is_void), None) if block.zones else None
        if zone is not None and zone.rule == "caption":
            holder = zone.element
        elif zone is None and number not in kept and _is_labelled(block):
            holder = block.element
        else:
            continue
        text = _LABEL.sub("", clean_line(" ".join(map(str, holder.itertext()))))
        caption = Caption(image_url=_picture_of(holder, base_url), text=text)
        found.setdefault((caption.image_url, caption.text), caption)
    return tuple(found.values())[:_CAPTIONS_MAX]


def _is_labelled(block: Block) -> bool:
    """Whether a block says that it is a picture's caption, and its container holds a picture and no more text.

    Without the label too many are controls: a picture with a word below is a button as often as not.
    """
    if block.text[:1] not in _LABEL_STARTS or _LABEL.match(block.text) is None:
        return False
    element = block.element
    is_alone = len(clean_line(text_within(element))) == len(block.text)
    return is_alone and any(child.tag in ("img", "picture") for child in element)


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
