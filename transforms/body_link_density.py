"""Trafilatura's test of link densities over one subtree, made where it can give anything but no.

The library tests each division, list and paragraph twice, and reads all its text each time. Here the elements that hold
links are found once for all passes; those whose text outweighs their links need no test, and the second round of
passes tests what the first one changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.etree import _Element as Element
from lxml.html import HtmlElement
from trafilatura import htmlprocessing
from trafilatura.utils import LINK_FARM_RATIO
from trafilatura.xml import delete_element

from transforms.body_handlers import trim
from transforms.element_text import text_within
from transforms.twins import twin_of, twins_of

_SHORT = {True: (100, 300), False: (30, 60)}
"""Characters up to which the library calls an element short, by whether it is no paragraph, and by whether it is the
last of its siblings: of longer ones only farms of links are taken."""


_ENOUGH = 2
"""Times the wanted text, in which that much of it is found mostly."""
_LINK_SHORT = 10
"""Characters below which it calls a link short."""


class LinkDensity:
    """The passes over one subtree, for which an instance is made; each is called as the library's function is."""

    def __init__(self) -> None:
        self._delete_by_density = twin_of(_density["delete_by_link_density"], delete_element=self._delete)
        self._linked: _Linked | None = None
        self._passed: set[str] = set()
        self._changed: set[Element] = set()

    def delete_in(self, tree: HtmlElement, tag: str, **named: Any) -> HtmlElement:
        """Delete the elements of one tag that are links for the most part."""
        if self._linked is None:
            self._linked = _Linked(tree)
        is_again = tag in self._passed
        if is_again and not self._changed:
            return tree
        self._passed.add(tag)
        candidates = [*_candidates(self._linked, tag, self._changed if is_again else None)]
        if candidates:
            self._delete_by_density(_Chosen(candidates), tag, **named)
        return tree

    def _delete(self, element: Element) -> None:
        """Delete an element, and keep in mind whose test may have another result for it."""
        self._changed.update(element.iterancestors())
        previous = element.getprevious()
        if previous is not None:
            self._changed.add(previous)  # which may be the last of its siblings now
        if self._linked is not None:
            self._linked.forget(element)
        delete_element(element)


class _Linked:
    """The elements of a subtree that hold links, and how many letters of their text are links'.

    The others are no links for the most part, and need no test.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self.letters: dict[Element, int] = {}
        self.by_tag: dict[object, list[Element]] = defaultdict(list)
        chains: list[tuple[int, list[Element], Element | None]] = []
        for ref in tree.iterdescendants("ref"):
            chain: list[Element] = []
            known: Element | None = None
            for element in ref.iterancestors():
                if element in self.letters:
                    known = element
                    break
                self.letters[element] = 0
                self.by_tag[element.tag].append(element)
                chain.append(element)
                if element is tree:
                    break
            chains.append((len(text_within(ref)) if len(ref) else len(ref.text or ""), chain, known))
        # each chain ends at an element of an earlier one: from the last to the first, what is within is counted before
        for letters, chain, known in reversed(chains):
            within = letters
            for element in chain:
                within += self.letters[element]
                self.letters[element] = within
            if known is not None:
                self.letters[known] += within

    def forget(self, element: Element) -> None:
        """Leave out an element that is deleted, with all in it. Those around it may be said to hold more than they do,
        which only makes for a test that was not needed."""
        if element is not self._tree:  # the subtree itself is looked into on, although the page has lost it
            for inner in element.iter():
                self.letters.pop(inner, None)


class _Chosen:
    """What the library takes for the subtree: it asks for the elements of a tag, and gets those to be tested."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements

    def iter(self, _: str) -> Iterator[Element]:
        """The elements."""
        return iter(self._elements)


def _candidates(linked: _Linked, tag: str, changed: set[Element] | None) -> Iterator[Element]:
    """Those of one tag that may be links for the most part, an inner one before what is around it.

    The library deletes after it has tested all of them.
    """
    shorts = _SHORT[tag != "p"]
    for element in linked.by_tag.get(tag, ()):
        letters = linked.letters.get(element)
        if letters is None or (changed is not None and element not in changed):
            continue
        if not _is_text(element, max(shorts[element.getnext() is None], letters / LINK_FARM_RATIO)):
            yield element


def _collect_link_info(links: list[HtmlElement]) -> tuple[int, int, int, list[str]]:
    """The library's, without an XPath expression for each link that holds nothing but text."""
    texts = [trim(text_within(link) if len(link) else link.text or "") for link in links]
    shown = [text for text in texts if text]
    return sum(map(len, shown)), len(shown), sum(len(text) < _LINK_SHORT for text in shown), shown


_density = twins_of(htmlprocessing, collect_link_info=_collect_link_info, trim=trim)


def _is_text(element: Element, needed: float) -> bool:
    """Whether an element holds more text than that, by which the test of its links would pass it.

    White space is not counted, which the test counts in part. Of a long text as much is looked at as mostly proves it.
    """
    text = text_within(element)
    if len(text) <= needed:
        return False
    start = int(needed * _ENOUGH)
    return _letters(text[:start]) > needed or (len(text) > start and _letters(text) > needed)


def _letters(text: str) -> int:
    """Characters that are no white space."""
    return len(text) - text.count(" ") if text.isprintable() else sum(map(len, text.split()))
