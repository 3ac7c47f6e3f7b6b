"""What trafilatura asks where it finds little itself, justext and readability, with their dear parts exchanged.

The results are theirs. Justext walked a page as a stream of SAX events and made each paragraph's text anew each time
that it was asked for; readability parsed a line of HTML for each element that it made; and each cleaning for either
evaluated regular expressions by XPath, element by element.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any, cast

from justext import core as justext_core
from justext.utils import normalize_whitespace
from lxml.etree import XPath, iterwalk
from lxml.html import Element, HtmlElement
from trafilatura import external, readability_lxml
from trafilatura.xpaths import REGEXP_NS

from transforms.body_expressions import parts_of
from transforms.body_handlers import trim
from transforms.body_selectors import Selection
from transforms.element_text import text_within
from transforms.stop_words import stop_words
from transforms.twins import twin_of, twins_of

_LENGTH_LOW = 50
"""Characters below which justext calls a paragraph short, whatever its words are, as it is called here."""
_LINKS_MAX = 0.25
"""Share of links from which it calls one bad, whatever its words are."""


class _Paragraph:
    """One paragraph as justext judges it; names are those of the library's class."""

    __slots__ = ("_text", "cf_class", "chars_count_in_links", "class_type", "dom_path", "heading", "text_nodes")

    def __init__(self, dom_path: str) -> None:
        self.dom_path = dom_path
        self.text_nodes: list[str] = []
        self.chars_count_in_links = 0
        self.class_type = self.cf_class = ""
        self.heading = False
        self._text: str | None = None

    def append_text(self, text: str) -> int:
        """Add a piece of text; its length as it is added."""
        one = _with_single_spaces(text)
        self.text_nodes.append(one)
        self._text = None
        return len(one)

    @property
    def text(self) -> str:
        """The text in one line."""
        if self._text is None:
            self._text = _with_single_spaces("".join(self.text_nodes).strip())
        return self._text

    @property
    def is_boilerplate(self) -> bool:
        """Whether it was judged to be none of the text."""
        return self.class_type != "good"

    def __len__(self) -> int:
        return len(self.text)

    def links_density(self) -> float:
        """Share of the text that is in links."""
        return self.chars_count_in_links / len(self.text) if self.text else 0

    def stopwords_density(self, stopwords: frozenset[str]) -> float:
        """Share of the words that any language's sentences are full of; 0 where the judgement does not ask for it."""
        if len(self.text) < _LENGTH_LOW or self.links_density() > _LINKS_MAX:
            return 0
        words = self.text.split()
        return sum(word.lower() in stopwords for word in words) / len(words) if words else 0


class _ParagraphMaker:
    """Stands for the library's class, of which this one function is called."""

    @staticmethod
    def make_paragraphs(root: HtmlElement) -> list[_Paragraph]:
        """The paragraphs of a page."""
        path: list[str] = []
        found: list[_Paragraph] = []
        paragraph = _Paragraph("")
        is_link = is_break = False
        for event, element in iterwalk(root, events=("start", "end")):
            name = str(element.tag)
            is_start = event == "start"
            if is_start:
                path.append(name)
            else:
                path.pop()
            if name in justext_core.PARAGRAPH_TAGS or (is_start and is_break and name == "br"):
                if paragraph.text_nodes and paragraph.text:
                    found.append(paragraph)
                paragraph = _Paragraph(".".join(path))
            elif is_start:
                is_break = name == "br"
                if is_break:
                    paragraph.append_text(" ")
            if name == "a":
                is_link = is_start
            text = element.text if is_start else element.tail
            if text and not text.isspace():
                length = paragraph.append_text(text)
                paragraph.chars_count_in_links += length if is_link else 0
                is_break = False
        if paragraph.text_nodes and paragraph.text:
            found.append(paragraph)
        return found


def _with_single_spaces(text: str) -> str:
    """Each run of white space as one space, or a line break where it holds one."""
    return text if text.isprintable() and "  " not in text else str(normalize_whitespace(text))


class _Readability(readability_lxml.Document):
    """Readability with elements made as elements, and each attribute judged once."""

    def summary(self) -> str:
        """The library's, with the page's elements held, or each of its walks makes anew those that it looks at."""
        held = list(self.doc.iter())
        summary = super().summary()
        held.clear()
        return summary

    def transform_misused_divs_into_paragraphs(self) -> None:
        """The library's."""
        _transform(self)

    def get_link_density(self, elem: HtmlElement) -> float:
        """The library's."""
        return float(_link_density(self, elem))

    def class_weight(self, elem: HtmlElement) -> float:
        """The library's, which adds up what it says of two attributes."""
        return sum(_weight(value) for name in ("class", "id") if (value := elem.get(name)))


_transform = twin_of(
    readability_lxml.Document.transform_misused_divs_into_paragraphs,
    fragment_fromstring=lambda markup: Element(markup.strip("</>")),
)
_link_density = twin_of(
    readability_lxml.Document.get_link_density, text_length=lambda element: len(trim(text_within(element)))
)


@lru_cache(maxsize=4_096)
def _weight(value: str) -> float:
    attributes = cast("HtmlElement", {"class": value})
    return readability_lxml.Document.class_weight(cast("readability_lxml.Document", None), attributes)


def _cleaning(expression: XPath) -> Selection | XPath:
    """What a union of expressions selects, read part by part, or as it stands where one is of another form."""
    selection = Selection([XPath(part, namespaces={"re": REGEXP_NS}) for part in parts_of(expression.path)])
    return selection if selection.is_read and selection.is_whole else expression


_module = import_module("trafilatura.baseline")
_baseline = twins_of(_module, BASIC_CLEAN_XPATH=_cleaning(_module.BASIC_CLEAN_XPATH))
_justext = twins_of(justext_core, define_stoplist=lambda words: words)
"""The library keeps its stop words as a tuple, and hashes it, word by word, for each page."""
_external = twins_of(
    external,
    ParagraphMaker=_ParagraphMaker,
    ReadabilityDocument=_Readability,
    basic_cleaning=_baseline["basic_cleaning"],
    jt_stoplist_init=stop_words,
    classify_paragraphs=_justext["classify_paragraphs"],
)
FALLBACKS: dict[str, Any] = {
    "compare_extraction": _external["compare_extraction"],
    "justext_rescue": _external["justext_rescue"],
    "baseline": _baseline["baseline"],
    "html2txt": _baseline["html2txt"],
}
"""What the library's cascade calls, by its names."""
