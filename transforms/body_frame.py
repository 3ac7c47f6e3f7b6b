"""The part of a page that trafilatura takes the text from, found before the page is copied and cleaned.

The library copies a page, cleans it, converts its tags, copies it again, and looks in it for one container by name; on
most pages nothing outside of that container has a say in the result. Here the container is looked for first, and copied
alone, into a page that has of the rest what the library minds. Where that is not known, the answer is None, and the
page goes the library's whole way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from enum import Enum, auto

from lxml.html import HtmlElement
from trafilatura.htmlprocessing import CONVERSIONS
from trafilatura.settings import MANUALLY_CLEANED

from transforms.body_selectors import Choice, Selection
from transforms.element_text import text_within

_CLEANED = frozenset(MANUALLY_CLEANED)
"""Elements that the library deletes."""
_UNSURE = frozenset(("form", "figure"))
"""Of these some become divisions instead."""
_DELETED = _CLEANED - {"form"}
"""Elements that it deletes while it walks over them."""
_ORDER = {tag: place for place, tag in enumerate(MANUALLY_CLEANED) if tag not in _UNSURE}
"""When it deletes them: one kind after the other."""
_TELLING = frozenset((*CONVERSIONS, "a", "strong", "p", "li", "dd", "dt", "summary"))
"""Elements around a container that may change something in it."""
_CONTAINERS = frozenset(("div", "table"))
"""Those around it in which a link counts as one: the library drops the others."""
_SPACES = 10
"""Times so many characters, most of them white space, a container of too little text may have."""
_RENAMED = ("table", "figure", "details", "form")
"""Elements that can become divisions, and be the container then."""


class Unframed(Enum):
    """Why there is no container to look at alone."""

    UNSURE = auto()
    """The library may look at more than that."""
    NONE = auto()
    """It finds none."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The container, and a new page with a copy of it as the first child of its last element."""

    original: HtmlElement
    page: HtmlElement
    nested: frozenset[str]
    """Deleted elements that stand in one of their own kind, anywhere in the original page: not all are deleted."""

    def letters_around(self) -> tuple[int, int]:
        """Characters in the paragraphs around the container that cleaning leaves: at least, at most."""
        unsure = _UNSURE | self.nested
        least = most = 0
        for paragraph in self.original.getroottree().iter("p"):
            around = list(paragraph.iterancestors())
            above = {ancestor.tag for ancestor in around}
            is_sure = above.isdisjoint(_CLEANED)
            if self.original in around or "p" in above or (not is_sure and above.isdisjoint(unsure)):
                continue
            letters = len(text_within(paragraph))
            most += letters
            least += letters if is_sure and next(paragraph.iter(*_CLEANED), None) is None else 0
        return least, most


def find_frame(tree: HtmlElement, choice: Choice, pruned: Sequence[Selection], least: int) -> Frame | Unframed:
    """The container that is chosen, or why the whole page has to be looked at.

    `pruned` are what the library prunes before it cleans a page, `least` the letters that it wants to find.
    """
    nested = _nested(tree)
    renamed = 0
    for element in tree.iter(*_RENAMED):
        renamed |= choice.marks(element, "div")
    is_none = not renamed
    for element in _candidates(tree, choice, renamed):
        is_none = False
        around = list(element.iterancestors())
        above = {ancestor.tag for ancestor in around}
        if above & _CLEANED:
            if nested or above & _UNSURE:
                return Unframed.UNSURE
            continue  # as is this one, with what is around it
        if above & _TELLING or _may_be_pruned((element, *around), pruned) or _is_short(element, least):
            return Unframed.UNSURE
        pairs = _pairs_before(element, nested, pruned)
        if pairs is None:
            return Unframed.UNSURE
        return _framed(element, pairs, nested, is_contained=bool(above & _CONTAINERS))
    return Unframed.NONE if is_none else Unframed.UNSURE


def _nested(tree: HtmlElement) -> list[HtmlElement]:
    """Deleted elements that stand in one of their own kind: of those that come before, it is the last outermost one."""
    nested: list[HtmlElement] = []
    outermost: dict[object, HtmlElement] = {}
    for element in tree.iter(*_DELETED):
        tag = element.tag
        last = outermost.get(tag)
        if last is not None and len(last) > 0 and next(element.iterancestors(tag), None) is not None:
            nested.append(element)
        else:
            outermost[tag] = element
    return nested


def _is_short(element: HtmlElement, least: int) -> bool:
    """Whether a container cannot hold enough: the library will look at the whole page then."""
    text = text_within(element)
    return len(text) < _SPACES * least and len(" ".join(text.split())) < least


def _candidates(tree: HtmlElement, choice: Choice, renamed: int) -> Iterator[HtmlElement]:
    """The elements that the expressions select, by expression and in the page's order; none from an expression on that
    would select one of what is renamed."""
    later: list[list[HtmlElement]] = [[] for _ in range(choice.count)]
    if renamed & 1:
        return
    for element, bits in choice.matches(tree):
        if bits & 1:
            yield element
        for number in range(1, choice.count):
            if bits >> number & 1:
                later[number].append(element)
    for number in range(1, choice.count):
        if renamed >> number & 1:
            return
        yield from later[number]


def _framed(element: HtmlElement, pairs: Iterable[str], nested: Iterable[HtmlElement], *, is_contained: bool) -> Frame:
    page = element.getroottree().parser.makeelement("html")  # by the parser: a document of its own
    for tag in pairs:
        page.append(element.makeelement(tag))
        page[-1].append(element.makeelement(tag))
    page.append(element.makeelement("div" if is_contained else "body"))
    page[-1].append(copy(element))
    return Frame(element, page, frozenset(e.tag for e in nested))


def _pairs_before(element: HtmlElement, nested: Sequence[HtmlElement], pruned: Sequence[Selection]) -> set[str] | None:
    """The tags of deleted elements of which one in another stands before the container; None if that is unsure.

    The library deletes elements while it walks over them, and its walk ends after such a pair: later ones stay. So the
    page that is made for the container begins with a pair where it holds elements of that tag.
    """
    pairs: set[str] = set()
    kinds = {inner.tag for inner in nested}
    for inner in nested:
        tag = inner.tag
        if next(element.iter(tag), None) is None or element in (around := list(inner.iterancestors())):
            continue
        if next(e for e in element.getroottree().iter(element.tag, tag) if e is element or e is inner) is element:
            continue  # it stands behind
        if tag in _UNSURE:
            return None
        if any(_ORDER.get(a.tag, _ORDER[tag]) < _ORDER[tag] and a.tag not in kinds for a in around):
            continue  # it goes before, with what is around it
        if {a.tag for a in around} & _CLEANED != {tag} or _may_be_pruned(around, pruned):
            return None
        pairs.add(tag)
    return pairs


def _may_be_pruned(elements: Iterable[HtmlElement], pruned: Sequence[Selection]) -> bool:
    return any(selection.may_select(element) for element in elements for selection in pruned)
