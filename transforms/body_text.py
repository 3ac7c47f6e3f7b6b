"""Trafilatura's tree of a text as lines: a short way for what most of it is, paragraphs and items without parts."""

from __future__ import annotations

from lxml.etree import _Element as Element
from trafilatura import xml

from transforms.twins import twin_of

_LINES = frozenset(("p", "head", "quote"))


def _process_element(
    element: Element, pieces: list[str], formatting: bool, in_cell: bool = False, in_item: bool = False
) -> None:
    """Append the text of an element; arguments are those of the library's function of this name."""
    text, tag = element.text, element.tag
    if not text or formatting or in_cell or in_item or len(element):
        _library_process(element, pieces, formatting, in_cell, in_item)
    elif tag in _LINES:
        if pieces and pieces[-1][-1:] not in xml.SEPARATORS:
            pieces.append("\n")
        tail = element.tail
        pieces += (text, "\n", tail.lstrip()) if tail else (text, "\n")
    elif tag == "item" and not element.tail and not text.isspace():
        pieces += (xml._list_marker(element, False), text, "\n")
    else:
        _library_process(element, pieces, formatting, in_cell, in_item)


_library_process = twin_of(xml.process_element, process_element=_process_element)
_to_text = twin_of(xml.xmltotxt, process_element=_process_element)


def to_text(body: Element) -> str:
    """The text of what the extractor made, as the library gives it without formatting."""
    return str(_to_text(body, False))
