"""Which parts of a page are its comment sections: the one detection that finding and stripping share.

A section is what markup calls one, or the comments themselves with the heading above and the form below. It is taken
only where the page keeps an article without it: a name alone must not cost a text.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from transforms.comments_generic import repeated_comments
from transforms.comments_items import Item, outer_items, read_item
from transforms.comments_markup import Kind, kind_of, read_marks
from transforms.comments_text import block_lines
from transforms.comments_words import Chrome, chrome_of
from transforms.names import Names, read_names

_HEADING_MAX = 160
_ARTICLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Sections:
    """The comments of a page and the parts to strip with them; both in document order."""

    items: tuple[Item, ...]
    parts: tuple[tuple[str, HtmlElement], ...]
    """Rule and element; no part lies within another."""


def find_sections(tree: HtmlElement, names: Names | None = None) -> Sections:
    """The comment sections of a page, by name and by structure. The tree is only read.

    `names` are those of the tree, where they were read already.
    """
    names = names or read_names(tree)
    marked = read_marks(names)
    elements, rule = outer_items(marked.items), "comment_names"
    if not elements:
        elements, rule = repeated_comments(names), "comment_structure"
    known = frozenset(elements)
    items = {e: item for e in elements for item in [read_item(e, known)] if item and _is_signed(item)}
    parts: dict[HtmlElement, str] = {s: "comment_section" for s in marked.sections if _may_go(s, known)}
    for element in elements:
        if element in items or _is_machinery(element):
            parts.setdefault(element, rule)
    if not parts:
        return Sections((), ())
    for part in list(parts):
        for beside in _attached(part):
            parts.setdefault(beside, "comment_heading")
    chosen = {p: rule for p, rule in parts.items() if not any(a in parts for a in p.iterancestors())}
    if _is_all(tree, list(chosen)):
        return Sections((), ())
    ordered = tuple((chosen[e], e) for e in tree.iter("*") if e in chosen)
    widgets = {p for p in chosen if kind_of(p) is Kind.WIDGET}
    own = tuple(item for e, item in items.items() if not any(a in widgets for a in e.iterancestors()))
    return Sections(own, ordered)


def _is_signed(item: Item) -> bool:
    return bool(item.author or item.moment or item.own_id)


def _is_machinery(element: HtmlElement) -> bool:
    """Whether an element named like a comment is a form or a notice: "comment" also names opinion pieces."""
    return any(chrome_of(line) in (Chrome.FORM, Chrome.HEADING) for line in block_lines(element)[:8])


def _may_go(section: HtmlElement, items: frozenset[HtmlElement]) -> bool:
    """A section that holds the headline or an article that is no comment is a wrapper around the whole page."""
    for inner in section.iter("h1", "article", "main"):
        if inner.tag == "article" and (inner in items or any(a in items for a in inner.iterancestors())):
            continue
        if inner.tag == "article" and "comment" in (inner.get("class") or ""):
            continue
        if inner.tag == "h1" and chrome_of(inner.text_content()) is not None:
            continue
        return False
    return not any("articleBody" in (e.get("itemprop") or "") for e in section.iter("div", "section", "article"))


def _attached(part: HtmlElement) -> list[HtmlElement]:
    """Headings just above a section and forms just below it, by what they say."""
    found = []
    above = part.getprevious()
    while above is not None and _says(above, Chrome.HEADING, Chrome.NAV):
        found.append(above)
        above = above.getprevious()
    below = part.getnext()
    while below is not None and _says(below, Chrome.FORM, Chrome.NAV):
        found.append(below)
        below = below.getnext()
    return found


def _says(element: HtmlElement, *kinds: Chrome) -> bool:
    if not isinstance(element.tag, str) or element.tag in ("script", "style"):
        return False
    text = " ".join(element.text_content().split())
    return bool(text) and len(text) <= _HEADING_MAX and chrome_of(text) in kinds


def _is_all(tree: HtmlElement, parts: list[HtmlElement]) -> bool:
    """Whether nothing like an article would be left, although the parts hold much text."""
    gone = {
        e for part in parts for e in part.iter("p", "div", "li", "blockquote", "td", "section", "article", "dd", "span")
    }
    taken = sum(len(" ".join(part.text_content().split())) for part in parts)
    if taken < _ARTICLE_CHARS:
        return False
    left = 0
    for block in tree.iter("p", "div", "section", "article", "td", "blockquote", "span", "li"):
        if block in gone:
            continue
        own = (block.text or "") + "".join(child.tail or "" for child in block)
        left += len(own.strip()) if len(own.strip()) > 40 or block.tag == "p" else 0
        if left >= _ARTICLE_CHARS:
            return False
    return True
