"""The main text of a page, from its parsed tree: trafilatura finds it, named rules clean it."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from transforms.comments_found import Stripped
from transforms.normalize import clean_line, clean_text
from transforms.schema import Caption


@dataclass(frozen=True, slots=True)
class Body:
    """The main text with what was taken out of it; `text` is empty where the page has none."""

    text: str
    rule: str
    captions: tuple[Caption, ...]
    standfirst: str | None
    stripped: tuple[Stripped, ...]


def read_body(tree: HtmlElement, *, title: str | None) -> Body:
    """The main text of a page whose comments are already out. The tree is changed: read all else before."""
    document = bare_extraction(tree, options=Extractor(output_format="python", comments=False))
    lines = clean_text(document.text or "").split("\n") if isinstance(document, Document) else []
    stripped = []
    if lines and title is not None and lines[0].casefold() == clean_line(title).casefold():
        stripped.append(Stripped("title_line", lines.pop(0)))
    return Body("\n".join(filter(None, lines)), "trafilatura", (), None, tuple(stripped))
