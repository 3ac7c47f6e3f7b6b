"""Flattened documents: plain text in which the article and its readers' comments follow each other without markup."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.comments_found import FoundComment, Stripped
from transforms.document_comments import read_comments
from transforms.document_cut import find_cut
from transforms.document_lines import Line, read_lines

_TITLE_WORDS_MAX = 40
_TITLE_CHARS_MAX = 300
_LINES_MAX = 100_000
"""No article has more; reading as many takes 8 s."""


@dataclass(frozen=True, slots=True)
class Document:
    """A flattened document taken apart. `text` is the beginning of the input up to the comments, title included."""

    title: str | None
    text: str
    comments: tuple[FoundComment, ...] = ()
    stripped: tuple[Stripped, ...] = ()
    rule: str = "whole"


def split_document(text: str) -> Document:
    """The article and the comments of a plain text. Without clear signs of comments the text stays whole."""
    if text.count("\n") > _LINES_MAX:
        return Document(None, text, rule="whole_too_long")
    lines = read_lines(text)
    title = _title(lines)
    cut = find_cut(lines)
    if cut is None:
        return Document(title, text)
    start = lines[cut.line].start
    rule = f"flattened_{cut.rule}"
    return Document(
        title,
        text[:start].rstrip(),
        read_comments(lines, cut),
        (Stripped(rule, text[start:].strip()),),
        rule,
    )


def _title(lines: tuple[Line, ...]) -> str | None:
    if len(lines) < 2 or lines[0].words > _TITLE_WORDS_MAX or len(lines[0].text) > _TITLE_CHARS_MAX:
        return None
    return lines[0].text
