"""What the elements of a page are called: class, id, rel and schema.org attributes, read once for all rules that ask.

Forum threads and comment sections are told by these names. A page has a thousand elements and some two hundred
different names, so the names are kept with the places of the elements that bear them, and a rule looks at each name
once. While a `Names` is held, so are the elements: lxml need not make them anew for each walk over the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from transforms.name_index import NameIndex


@dataclass(frozen=True, slots=True)
class Declared:
    """An element with what schema.org attributes say of it."""

    element: HtmlElement
    itemprop: str | None
    itemtype: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """All elements of a page in its order, and their names with the places of those that bear them, ascending."""

    elements: tuple[HtmlElement, ...]
    classes: Mapping[str, Sequence[int]]
    ids: Mapping[str, Sequence[int]]
    rels: Mapping[str, Sequence[int]]
    declared: tuple[Declared, ...]
    tags: Mapping[str, Sequence[int]]
    index: NameIndex
    """The classes and ids, to be searched for words."""

    def of(self, *tags: str) -> list[HtmlElement]:
        """The elements with one of these tags, in the page's order: a walk over the tree costs twenty times as much."""
        elements = self.elements
        if len(tags) == 1:
            return [elements[place] for place in self.tags.get(tags[0], ())]
        return [elements[place] for place in sorted(p for tag in tags for p in self.tags.get(tag, ()))]

    def related(self, word: str) -> list[HtmlElement]:
        """The elements of whose rel a word is one, in any case, in the page's order."""
        bearers = (places for rel, places in self.rels.items() if word in rel.lower().split())
        return [self.elements[place] for place in sorted(place for places in bearers for place in places)]


def read_names(tree: HtmlElement) -> Names:
    """The names of a page as it stands; they do not follow what is changed in it."""
    elements = tuple(tree.iter("*"))
    classes: dict[str, list[int]] = defaultdict(list)
    ids: dict[str, list[int]] = defaultdict(list)
    rels: dict[str, list[int]] = defaultdict(list)
    tags: dict[str, list[int]] = defaultdict(list)
    declared: list[Declared] = []
    for place, element in enumerate(elements):
        tags[element.tag].append(place)
        attributes = element.keys()  # to ask for one that is not there takes as long as this
        if not attributes:
            continue
        get = element.get
        if "class" in attributes and (called := get("class")):
            classes[called].append(place)
        if "id" in attributes and (own_id := get("id")):
            ids[own_id].append(place)
        if "rel" in attributes and (rel := get("rel")):
            rels[rel].append(place)
        if "itemprop" in attributes or "itemtype" in attributes:
            itemprop, itemtype = get("itemprop"), get("itemtype")
            if itemprop or itemtype:
                declared.append(Declared(element, itemprop, itemtype))
    index = NameIndex([*classes, *(name for name in ids if name not in classes)])
    return Names(elements, classes, ids, rels, tuple(declared), tags, index)


def without(names: Names, parts: Sequence[HtmlElement]) -> Names:
    """The names of what is left of a page without some of its parts. Places are those in the whole page."""
    if not parts:
        return names
    gone = {element for part in parts for element in part.iter("*")}
    places = {place for place, element in enumerate(names.elements) if element in gone}
    classes, ids, rels, tags = (
        {name: left for name, at in bearers.items() if (left := [place for place in at if place not in places])}
        for bearers in (names.classes, names.ids, names.rels, names.tags)
    )
    declared = tuple(one for one in names.declared if one.element not in gone)
    return Names(names.elements, classes, ids, rels, declared, tags, names.index)
