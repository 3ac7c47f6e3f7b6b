"""Trafilatura's handling of single elements, unchanged in what it does, with short ways for what most of them are.

Most elements of a text hold one text that needs no trimming; the library takes it apart, joins it again and writes it
back. Its own functions do all that is not so simple.
"""

from __future__ import annotations

from functools import lru_cache

from lxml.etree import _Element as Element
from trafilatura import htmlprocessing, main_extractor
from trafilatura.settings import Extractor
from trafilatura.utils import textfilter

from transforms.element_text import text_within
from transforms.twins import twin_of, twins_of

_HANDLED = frozenset(
    ("list", "code", "quote", "head", "p", "lb", "hi", "ref", "del", "table", "graphic", "div"),
)
"""Elements that the extractor has a handler for; of all others it only logs that it discards them."""


def handle_textelem(element: Element, potential_tags: set[str], options: Extractor) -> Element | None:
    """What the extractor makes of one element."""
    handled: Element | None = _handle(element, potential_tags, options) if element.tag in _HANDLED else None
    return handled


def elem_text(element: Element) -> str:
    """The text of an element in one line."""
    return trim(text_within(element) if len(element) else element.text)


def is_text_element(element: Element | None) -> bool:
    """Whether it holds more than white space."""
    return element is not None and bool((element.text or "").strip() or (len(element) and text_within(element).strip()))


@lru_cache(maxsize=1_024)
def trim(text: str | None) -> str:
    """A text in one line, without needless spaces."""
    if not text:
        return ""
    return text if _is_trimmed(text) else " ".join(text.split())


def _is_trimmed(text: str) -> bool:
    return text.isprintable() and "  " not in text and text[0] != " " and text[-1] != " "


def _process_node(element: Element, options: Extractor) -> Element | None:
    text = element.text
    if text and len(element) == 0 and element.tail is None and element.tag != "done" and not options.dedup:
        if not _is_trimmed(text):
            element.text = text = " ".join(text.split()) or None
        return None if textfilter(element) else element
    processed: Element | None = _library_process_node(element, options)
    return processed


_library_process_node = twin_of(htmlprocessing.process_node, trim=trim)
_handle = twins_of(
    main_extractor,
    is_text_element=is_text_element,
    process_node=_process_node,
    handle_textnode=twin_of(htmlprocessing.handle_textnode, trim=trim),
    trim=trim,
    _log_event=lambda *_: None,  # it writes out the markup of what it discards, for a log that nobody reads
)["handle_textelem"]
