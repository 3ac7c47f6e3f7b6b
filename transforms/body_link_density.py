"""Trafilatura's test of link densities over one subtree, made where it can give anything but no.

The library tests each division, list and paragraph twice, and reads all its text each time. Here the elements that hold
links are found once for all passes; those whose text outweighs their links need no test, and the second round of
passes tests what the first one changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lxml.etree import _Element as Element
from lxml.html import HtmlElement
from trafilatura import htmlprocessing
from trafilatura.utils import LINK_FARM_RATIO, trim
from trafilatura.xml import delete_element

from transforms.twins import twin_of, twins_of

_SHORT = {True: (100, 300), False: (30, 60)}
"""Characters up to which the library calls an element short, by whether it is no paragraph, and by whether it is the
last of its siblings: of longer ones only farms of links are taken."""


_LINK_SHORT = 10
"""Characters below which it calls a link short."""


class LinkDensity:
    """The passes over one subtree, for which an instance is made; each is called as the library's function is."""

    def __init__(self) -> None:
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
        delete = twin_of(_density["delete_by_link_density"], delete_element=self._delete)
        delete(_Candidates(self._linked, self._changed if is_again else None), tag, **named)
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
            chains.append((len("".join(ref.itertext())) if len(ref) else len(ref.text or ""), chain, known))
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


class _Candidates:
    """What the library takes for the subtree: it asks for the elements of a tag, and gets those to be tested."""

    def __init__(self, linked: _Linked, changed: set[Element] | None) -> None:
        self._linked = linked
        self._changed = changed

    def iter(self, tag: str) -> Iterator[Element]:
        """Those of one tag that may be links for the most part, an inner one before what is around it."""
        letters, changed = self._linked.letters, self._changed
        for element in self._linked.by_tag.get(tag, ()):
            linked = letters.get(element)
            if linked is None or (changed is not None and element not in changed):
                continue
            if not _is_text(element, max(_SHORT[tag != "p"][element.getnext() is None], linked / LINK_FARM_RATIO)):
                yield element


def _collect_link_info(links: list[HtmlElement]) -> tuple[int, int, int, list[str]]:
    """The library's, without an XPath expression for each link that holds nothing but text."""
    texts = [trim(link.text_content() if len(link) else link.text or "") for link in links]
    shown = [text for text in texts if text]
    return sum(map(len, shown)), len(shown), sum(len(text) < _LINK_SHORT for text in shown), shown


_density = twins_of(htmlprocessing, collect_link_info=_collect_link_info)


def _is_text(element: Element, needed: float) -> bool:
    """Whether an element holds more text than that, by which the test of its links would pass it.

    Of its text as much is read as proves it, and white space is not counted, which the test counts in part.
    """
    for text in element.itertext():
        needed -= sum(map(len, text.split()))
        if needed < 0:
            return True
    return False
