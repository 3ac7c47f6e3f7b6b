"""What a page calls itself where readers see it: its h1 elements and the title of its window."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from transforms.jsonld_article import squashed
from transforms.names import Names
from transforms.near import SILENT, TIGHT
from transforms.plain import plain

_H1S_MAX = 40
_SHOWN_MAX = 1_000
_STEPS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Headings:
    """The h1 elements with their texts, in order, and the text of the title element."""

    h1s: tuple[tuple[str, HtmlElement], ...]
    document_title: str

    def squashed(self) -> frozenset[str]:
        """All of them as `squashed` keys."""
        return frozenset({squashed(t) for t in (*(text for text, _ in self.h1s), self.document_title)} - {""})

    def element_of(self, title: str | None, names: Names) -> HtmlElement | None:
        """The h1 that shows `title`, else the first one; on a page without h1 any element that shows it, or None."""
        key = squashed(title or "")
        if self.h1s:
            return next((element for text, element in self.h1s if squashed(text) == key), self.h1s[0][1])
        if not key:
            return None
        shown = (e for e in names.of("h2", "h3", "p", "div", "span")[:_SHOWN_MAX] if e.text or len(e) == 1)
        return next((e for e in shown if squashed(short_text(e, 300)) == key), None)


def read_headings(names: Names) -> Headings:
    """The headings of the page; empty ones and those longer than a headline can be are left out."""
    h1s = tuple((text, h) for h in names.of("h1")[:_H1S_MAX] if (text := short_text(h, 500)))
    titles = (t for t in names.of("title")[:3] if next(t.iterancestors("svg"), None) is None)
    title = next((text for t in titles if (text := short_text(t, 1_000))), "")
    return Headings(h1s, title)


def short_text(element: HtmlElement, limit: int) -> str:
    """The text of an element as one line, "" where it has more than `limit` letters; buttons and icons are silent."""
    if not len(element):
        text = element.text or ""
        line = plain(text, 4 * limit) if len(text) <= 4 * limit and element.tag not in SILENT else ""
        return line if len(line) <= limit else ""
    parts: list[str] = []
    length = 0
    silent: HtmlElement | None = None
    events = etree.iterwalk(element, events=("start", "end", "comment"))
    for step, (event, item) in enumerate(events):
        if step > _STEPS_MAX:
            return ""
        if event == "start" and silent is None and item.tag in SILENT:
            silent = item
        if event == "end" and item is silent:
            silent = None
        if silent is None:
            text = (item.text if event == "start" else item.tail if item is not element else "") or ""
            length += len(text)
            if length > 4 * limit:
                return ""
            parts.append(text if event == "comment" or item.tag in TIGHT else f" {text}")
    line = plain("".join(parts), 4 * limit)
    return line if len(line) <= limit else ""
