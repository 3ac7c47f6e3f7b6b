"""Trafilatura's extractor, unchanged in what it does, with its dear parts exchanged for cheap ones of the same result.

Two thirds of its time went into selections by XPath, and into link densities of elements without links; of the rest
much into parts of the page that have no say in the result. Copies of its functions are made that look up these few
names here (`twins`): the library itself stays as it is for everybody else, and next to nothing of its rules is written
down a second time. The tests compare both on every page that they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, NoReturn

from lxml.etree import _Element as Element
from lxml.html import HtmlElement
from trafilatura import core, htmlprocessing, main_extractor, xpaths
from trafilatura.settings import MANUALLY_CLEANED, Document, Extractor
from trafilatura.xml import delete_element

from transforms.body_fallbacks import FALLBACKS
from transforms.body_frame import Frame, Unframed, find_frame
from transforms.body_handlers import elem_text, handle_textelem
from transforms.body_link_density import LinkDensity
from transforms.body_selectors import Choice, First, Selection, Together
from transforms.body_text import lines_of, text_of, to_pieces
from transforms.element_text import text_within
from transforms.twins import twin_of, twins_of

_PARAGRAPHS_LEAST = 3
"""Of the least size of a text, how much the library wants in paragraphs: with less it takes divisions for text too."""


_BODY = [First(expression) for expression in xpaths.BODY_XPATH]
_CHOICE = Choice(_BODY) if all(first.is_read for first in _BODY) else None
_DISCARDED = ("OVERALL_DISCARD_XPATH", "DISCARD_IMAGE_ELEMENTS", "TEASER_DISCARD_XPATH")
_TOGETHER = Together([Selection(getattr(xpaths, name)) for name in _DISCARDED])
_RAW_TREE_PRUNE = [Selection(xpaths.RAW_TREE_PRUNE_XPATH)]
_COMMENTS = [Selection([expression]) for expression in xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH]
_HANDLING = {"handle_textelem": handle_textelem, "_elem_text": elem_text}
_main = twins_of(main_extractor, **_HANDLING, BODY_XPATH=_BODY)
_prune_sections = _main["prune_unwanted_sections"]


def _prune_unwanted_sections(tree: HtmlElement, *arguments: Any, **named: Any) -> HtmlElement:
    """The library's, with one walk over the tree for all its selections, and one memory for its tests of links."""
    walk = _TOGETHER.walk()
    discarded = {name: [walk.part(number)] for number, name in enumerate(_DISCARDED)}
    prune = twin_of(_prune_sections, delete_by_link_density=LinkDensity().delete_in, **discarded)
    return prune(tree, *arguments, **named)


_main["prune_unwanted_sections"] = _prune_unwanted_sections


@dataclass(frozen=True, slots=True)
class Found:
    """What the extractor alone found: its text, and the tree that it makes of it."""

    printed: str
    """The text, from which the library would take some characters."""
    body: Element
    words: str
    """The text as the cascade measures it."""

    @property
    def text(self) -> str:
        """The text as the library gives it."""
        return text_of(self.printed)

    @property
    def lines(self) -> list[str]:
        """Its lines, cleaned; a tenth of the time of cleaning what the library gives."""
        return lines_of(self.printed)


class _Options(Extractor):
    """How the extractor is called; `found` is its result, where the cascade need not run it a second time.

    `frame` is the container that it shall look at, where it is given that alone.
    """

    __slots__ = ("found", "frame")

    def __init__(self) -> None:
        super().__init__(output_format="python", comments=False, fast=False)
        self.found: Found | None = None
        self.frame: Frame | None = None


_OPTIONS = _Options()
"""Copied for each page: to make them anew reads the library's settings file again."""


def _extract_content(cleaned_tree: HtmlElement, options: _Options) -> tuple[Element, str]:
    if options.found is not None and options.focus == "balanced":
        return options.found.body, options.found.words
    found: tuple[Element, str] = _main["extract_content"](cleaned_tree, options)
    return found


_CASCADE = {
    **FALLBACKS,
    "RAW_TREE_PRUNE_XPATH": _RAW_TREE_PRUNE,
    "extract_content": _extract_content,
    "xmltotxt": lambda body, _: "" if body is None else text_of(to_pieces(body)),
}
_core = twins_of(core, **_CASCADE, REMOVE_COMMENTS_AND_LISTS_XPATH=_COMMENTS)
_uncommented_core = twins_of(core, **_CASCADE, REMOVE_COMMENTS_AND_LISTS_XPATH=[])


class _UnsureError(Exception):
    """The container alone does not tell what the library makes of the page."""


class _NoBackup:
    """Stands for the copy of the page that the library makes for the case that it finds too little."""

    def iter(self) -> NoReturn:
        raise _UnsureError


def _handle_forms(tree: HtmlElement) -> None:
    """Delete forms as the library does, which keeps one that holds more than half of the page's text."""
    forms = list(tree.iter("form"))
    half = len(tree.text_content()) / 2 if forms else 0
    if any(len(form.text_content()) > half for form in forms):
        raise _UnsureError  # more than half of the container: of the page as well?
    for form in forms:
        delete_element(form)


def _prune_frame(tree: HtmlElement, potential_tags: set[str], options: _Options) -> HtmlElement:
    pruned = _prune_unwanted_sections(tree, potential_tags, options)
    if options.frame is None:
        raise _UnsureError
    needed = _PARAGRAPHS_LEAST * options.min_extracted_size
    is_enough = _has_paragraphs(pruned, options.frame, needed)
    # the library now reads all paragraphs of the page: let it find one that is long enough, or none
    parent = pruned.getparent()
    if parent is not None:
        parent.remove(pruned)
    if is_enough:
        filler = pruned.makeelement("p")
        filler.text = "x" * needed
        options.frame.page.append(filler)
    return pruned


def _has_paragraphs(tree: HtmlElement, frame: Frame, needed: int) -> bool:
    """Whether the original page has so many characters in paragraphs, with the container as it is now.

    A container that is full of links is out of its page by now.
    """
    for paragraph in tree.iter("p") if tree.getparent() is not None else ():
        if next(paragraph.iterancestors("p"), None) is None:
            needed -= len(text_within(paragraph))
            if needed <= 0:
                return True
    least, most = frame.letters_around()
    if least < needed <= most:
        raise _UnsureError
    return least >= needed


_framed = twins_of(
    main_extractor,
    **_HANDLING,
    BODY_XPATH=[lambda page: page[-1:] and page[-1][:1]],
    prune_unwanted_sections=_prune_frame,
    deepcopy=lambda _: _NoBackup(),
)
_wild = twins_of(
    main_extractor,
    **_HANDLING,
    BODY_XPATH=[],
    prune_unwanted_sections=_prune_unwanted_sections,
    deepcopy=lambda tree: tree,
)
"""For pages of no container, of which the library need not keep a copy."""
_clean_frame = twin_of(htmlprocessing.tree_cleaning, _handle_forms=_handle_forms)


def main_pass(tree: HtmlElement) -> Found:
    """Trafilatura's own extractor alone, without the prunings and checks that its cascade makes around it."""
    frame = _frame_of(tree)
    found = _of_frame(frame) if isinstance(frame, Frame) else None
    body, words = found or _of_page(tree, _main if frame is not Unframed.NONE else _wild)
    return Found(to_pieces(body), body, words)


def _frame_of(tree: HtmlElement) -> Frame | Unframed:
    if _CHOICE is None:
        return Unframed.UNSURE
    return find_frame(tree, _CHOICE, _RAW_TREE_PRUNE, _OPTIONS.min_extracted_size)


def _of_frame(frame: Frame) -> tuple[Element, str] | None:
    """What the extractor finds in the container that it would choose; None where it may look at more than that."""
    options = copy(_OPTIONS)
    options.frame = frame
    try:
        body, words = _extracted(frame.page, _clean_frame, _framed, options)
    except _UnsureError:
        return None
    return (body, words) if len(body) > 1 else None


def _of_page(tree: HtmlElement, space: Mapping[str, Any]) -> tuple[Element, str]:
    return _extracted(copy(tree), htmlprocessing.tree_cleaning, space, _OPTIONS)


def _extracted(
    page: HtmlElement,
    tree_cleaning: Callable[[HtmlElement, Extractor], HtmlElement],
    space: Mapping[str, Any],
    options: _Options,
) -> tuple[Element, str]:
    held = list(page.iter())  # or each of a dozen walks makes the elements anew that it looks at
    present = {element.tag for element in held}  # the library walks over the page for each kind that it deletes
    clean = twin_of(tree_cleaning, MANUALLY_CLEANED=[tag for tag in MANUALLY_CLEANED if tag in present])
    cleaned = clean(_core["prune_unwanted_nodes"](page, _RAW_TREE_PRUNE), options)
    found: tuple[Element, str] = space["extract_content"](htmlprocessing.convert_tags(cleaned, options), options)
    held.clear()
    return found


def whole_cascade(tree: HtmlElement, found: Found | None = None) -> str:
    """Trafilatura as it is called from outside: its extractor, and the others that it compares it with.

    `found` is what `main_pass` found in the same tree. The cascade begins with the same, but for parts named as
    comments, which it takes out before: where there are none, it goes on from there.
    """
    options, space = copy(_OPTIONS), _core
    if not any(selection(tree) for selection in _COMMENTS):
        options.found, space = found, _uncommented_core
    document = space["bare_extraction"](tree, options=options)
    return (document.text or "") if isinstance(document, Document) else ""
