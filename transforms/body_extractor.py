"""Trafilatura's extractor, unchanged in what it does, with its dear parts exchanged for cheap ones of the same result.

Two thirds of its time went into selections by XPath, and into link densities of elements without links. A copy of its
functions is made that looks up these few names here (`_with`): the library itself stays as it is for everybody else,
and nothing of its rules is written down a second time. The tests compare both on every page that they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from justext import core as justext_core
from lxml.etree import _Element as Element
from lxml.html import HtmlElement
from trafilatura import core, external, htmlprocessing, main_extractor, xpaths
from trafilatura.settings import Document, Extractor
from trafilatura.utils import LINK_FARM_RATIO
from trafilatura.xml import xmltotxt

from transforms.body_selectors import First, Selection
from transforms.stop_words import stop_words

_LONG = 300
"""Characters from which the extractor calls an element long: of long ones only farms of links are taken."""
_HANDLED = frozenset(
    ("list", "code", "quote", "head", "p", "lb", "hi", "ref", "del", "table", "graphic", "div"),
)
"""Elements that the extractor has a handler for; of all others it only logs that it discards them."""


def _with(module: ModuleType, **exchanged: object) -> dict[str, Any]:
    """Copies of a module's functions that see `exchanged` in place of the names that the module has."""
    space = {**vars(module), **exchanged}
    for name, value in vars(module).items():
        if name not in exchanged and isinstance(value, FunctionType) and value.__module__ == module.__name__:
            twin = FunctionType(value.__code__, space, name, value.__defaults__, value.__closure__)
            twin.__kwdefaults__ = value.__kwdefaults__
            space[name] = twin
    return space


class _Linked:
    """The elements of a tree that hold links, and how many letters of their text are links'.

    The others are no links for the most part, and need no test.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self._letters: dict[Element, int] = {}
        chains: list[tuple[int, list[Element], Element | None]] = []
        for ref in tree.iterdescendants("ref"):
            chain: list[Element] = []
            known: Element | None = None
            for element in ref.iterancestors():
                if element in self._letters:
                    known = element
                    break
                self._letters[element] = 0
                chain.append(element)
                if element is tree:
                    break
            chains.append((len("".join(ref.itertext())) if len(ref) else len(ref.text or ""), chain, known))
        # each chain ends at an element of an earlier one: from the last to the first, what is within is counted before
        for letters, chain, known in reversed(chains):
            within = letters
            for element in chain:
                within += self._letters[element]
                self._letters[element] = within
            if known is not None:
                self._letters[known] += within

    def iter(self, tag: str) -> Iterator[Element]:
        """Those of one tag that may be links for the most part, an inner one before what is around it."""
        return (
            element for element, linked in self._letters.items() if element.tag == tag and not _is_text(element, linked)
        )


def _is_text(element: Element, linked: int) -> bool:
    """Whether an element holds so much more text than links that the test of its links would pass it.

    Of its text as much is read as proves it, and white space is not counted, which the test counts in part.
    """
    needed = max(_LONG, linked / LINK_FARM_RATIO)
    for text in element.itertext():
        needed -= sum(map(len, text.split()))
        if needed < 0:
            return True
    return False


def _delete_by_link_density(tree: HtmlElement, *arguments: Any, **named: Any) -> HtmlElement:
    htmlprocessing.delete_by_link_density(_Linked(tree), *arguments, **named)
    return tree


def _handle_textelem(element: Element, potential_tags: set[str], options: Extractor) -> Element | None:
    return main_extractor.handle_textelem(element, potential_tags, options) if element.tag in _HANDLED else None


_main = _with(
    main_extractor,
    BODY_XPATH=[First(expression) for expression in xpaths.BODY_XPATH],
    OVERALL_DISCARD_XPATH=[Selection(xpaths.OVERALL_DISCARD_XPATH)],
    TEASER_DISCARD_XPATH=[Selection(xpaths.TEASER_DISCARD_XPATH)],
    DISCARD_IMAGE_ELEMENTS=[Selection(xpaths.DISCARD_IMAGE_ELEMENTS)],
    delete_by_link_density=_delete_by_link_density,
    handle_textelem=_handle_textelem,
)
_RAW_TREE_PRUNE = [Selection(xpaths.RAW_TREE_PRUNE_XPATH)]
_COMMENTS = [Selection([expression]) for expression in xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH]


@dataclass(frozen=True, slots=True)
class Found:
    """What the extractor alone found: its text, and the tree that it makes of it."""

    text: str
    body: Element
    words: str
    """The text as the cascade measures it."""


class _Options(Extractor):
    """How the extractor is called; `found` is its result, where the cascade need not run it a second time."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        super().__init__(output_format="python", comments=False, fast=False)
        self.found: Found | None = None


_OPTIONS = _Options()
"""Copied for each page: to make them anew reads the library's settings file again."""


def _extract_content(cleaned_tree: HtmlElement, options: _Options) -> tuple[Element, str]:
    if options.found is not None and options.focus == "balanced":
        return options.found.body, options.found.words
    found: tuple[Element, str] = _main["extract_content"](cleaned_tree, options)
    return found


_justext = _with(justext_core, define_stoplist=lambda words: words)
"""The library keeps its stop words as a tuple, and hashes it, word by word, for each page."""
_external = _with(
    external,
    jt_stoplist_init=stop_words,
    classify_paragraphs=_justext["classify_paragraphs"],
)
_core = _with(
    core,
    compare_extraction=_external["compare_extraction"],
    justext_rescue=_external["justext_rescue"],
    RAW_TREE_PRUNE_XPATH=_RAW_TREE_PRUNE,
    REMOVE_COMMENTS_AND_LISTS_XPATH=_COMMENTS,
    extract_content=_extract_content,
)


def main_pass(tree: HtmlElement) -> Found:
    """Trafilatura's own extractor alone, without the prunings and checks that its cascade makes around it."""
    options = copy(_OPTIONS)
    copied = copy(tree)
    held = list(copied.iter())  # or each of a dozen walks makes the elements anew that it looks at
    pruned = _core["prune_unwanted_nodes"](copied, _RAW_TREE_PRUNE)
    converted = htmlprocessing.convert_tags(htmlprocessing.tree_cleaning(pruned, options), options)
    body, words = _main["extract_content"](converted, options)
    held.clear()
    return Found(str(xmltotxt(body, False)), body, words)


def whole_cascade(tree: HtmlElement, found: Found | None = None) -> str:
    """Trafilatura as it is called from outside: its extractor, and the others that it compares it with.

    `found` is what `main_pass` found in the same tree. The cascade begins with the same, but for parts named as
    comments, which it takes out before: where there are none, it goes on from there.
    """
    is_same = found is not None and not any(selection(tree) for selection in _COMMENTS)
    options = copy(_OPTIONS)
    options.found = found if is_same else None
    document = _core["bare_extraction"](tree, options=options)
    return (document.text or "") if isinstance(document, Document) else ""
