"""Trafilatura's tree of a text as lines, with a short way for most of it: elements that hold nothing but text."""

from __future__ import annotations

from html import unescape

from lxml.etree import _Element as Element
from trafilatura import xml
from trafilatura.utils import sanitize

from transforms.normalize import clean_line, clean_printable, clean_text
from transforms.twins import twin_of

_LINES = frozenset(("p", "head", "quote"))
_SYMBOL_FOR_NEWLINE = "\u2424"
"""The library drops it."""


def _process_element(
    element: Element, pieces: list[str], formatting: bool, in_cell: bool = False, in_item: bool = False
) -> None:
    """Append the text of an element; arguments are those of the library's function of this name."""
    text, tag = element.text, element.tag
    if formatting or in_cell or in_item or len(element):
        _library_process(element, pieces, formatting, in_cell, in_item)
    elif text and tag in _LINES:
        if pieces and pieces[-1][-1:] not in xml.SEPARATORS:
            pieces.append("\n")
        tail = element.tail
        pieces += (text, "\n", tail.lstrip()) if tail else (text, "\n")
    elif text and tag == "code":
        tail = element.tail
        pieces += (text, tail) if tail else (text,)
    elif text and tag == "item" and not element.tail and not text.isspace():
        pieces += (xml._list_marker(element, False), text, "\n")
    elif text and tag == "cell" and not element.tail:
        if element.getprevious() is None:
            pieces.append("| ")
        pieces += (text.strip().replace("|", "\\|").replace("\n", " "), " | ")
    elif not text and tag == "lb":
        if pieces and pieces[-1][-1:] not in xml.SEPARATORS:
            pieces.append("\n")
        tail = element.tail
        pieces += ("\n", "\n", tail.lstrip()) if tail else ("\n", "\n")
    else:
        _library_process(element, pieces, formatting, in_cell, in_item)


_library_process = twin_of(xml.process_element, process_element=_process_element)


def to_pieces(body: Element) -> str:
    """The text of what the extractor made, before the library takes out of it what XML refuses."""
    pieces: list[str] = []
    _process_element(body, pieces, False)
    return "".join(pieces)


def text_of(printed: str) -> str:
    """The text as the library gives it without formatting."""
    return unescape(sanitize(printed, True) or "")


def lines_of(printed: str) -> list[str]:
    """The lines of that text, cleaned (`clean_text`), none that is empty."""
    lines: list[str] = []
    for line in printed.splitlines():
        if "&" in line or _SYMBOL_FOR_NEWLINE in line:
            lines += clean_text(text_of(line)).split("\n")
        elif line.isprintable():
            lines.append(clean_printable(line))
        else:
            spaced = line.replace("\xa0", " ")  # most hold nothing else that the library looks at letter by letter
            lines.append(clean_line(spaced if spaced.isprintable() else sanitize(line, True) or ""))
    return [line for line in lines if line]
