"""What the elements of a page are called: class, id and schema.org attributes, read once for all rules that ask.

Forum threads and comment sections are told by these names, and asking each element for them is most of what that
costs. While a `Names` is held, so are the elements: lxml need not make them anew for each walk over the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

Row = tuple[HtmlElement, str | None, str | None, str | None, str | None]
"""An element with its class, id, itemprop and itemtype."""


@dataclass(frozen=True, slots=True)
class Names:
    """All elements of a page in its order, with their names."""

    elements: tuple[HtmlElement, ...]
    classes: tuple[str | None, ...]
    ids: tuple[str | None, ...]
    properties: tuple[str | None, ...]
    types: tuple[str | None, ...]

    def rows(self) -> Iterator[Row]:
        """One element after the other."""
        return zip(self.elements, self.classes, self.ids, self.properties, self.types, strict=True)


def read_names(tree: HtmlElement) -> Names:
    """The names of a page as it stands; they do not follow what is changed in it."""
    elements = tuple(tree.iter("*"))
    return Names(
        elements,
        tuple([element.get("class") for element in elements]),
        tuple([element.get("id") for element in elements]),
        tuple([element.get("itemprop") for element in elements]),
        tuple([element.get("itemtype") for element in elements]),
    )
