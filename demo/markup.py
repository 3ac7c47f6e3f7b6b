"""The little markup of the article files, as HTML and as plain text.

Blocks are divided by blank lines: `## ` is a heading, `> ` a quotation, `* ` list items, `!! ` a picture with its
caption, `[[name]]` a box of the site's template (newsletter, say); anything else is a paragraph. Within a block
`*words*` is emphasis and `[words](target)` a link; a target `@site/path` leads to another site of the press.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

_EMPHASIS = re.compile(r"\*([^*\s](?:[^*]*[^*\s])?)\*")
_LINK = re.compile(r"\[([^\]\[]+)\]\(([^)\s]+)\)")
_SENTENCE_END = re.compile(r"[.!?؟…]+[\"”»)“]*(?=\s|$)|[。！？]+[」』）]*")


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `kind` is paragraph, heading, quote, list, picture or box; `lines` its words without the marks."""

    kind: str
    lines: tuple[str, ...]


_MARKS = {"## ": "heading", "> ": "quote", "* ": "list", "!! ": "picture"}


def blocks_of(body: str) -> tuple[Block, ...]:
    """The blocks of an article file's body."""
    return tuple(_block(chunk.strip()) for chunk in re.split(r"\n\s*\n", body.strip()))


def to_html(
    body: str, *, picture: Callable[[str], str], box: Callable[[str], str], resolve: Callable[[str], str]
) -> str:
    """The body as HTML; `picture` and `box` render what belongs to the template, `resolve` gives a link's address."""

    def inline(words: str) -> str:
        linked = _LINK.sub(lambda m: f'<a href="{html.escape(resolve(m[2]))}">{m[1]}</a>', html.escape(words))
        return _EMPHASIS.sub(r"<em>\1</em>", linked)

    def render(block: Block) -> str:
        match block.kind:
            case "heading":
                return f"<h2>{inline(block.lines[0])}</h2>"
            case "quote":
                return f"<blockquote><p>{inline(' '.join(block.lines))}</p></blockquote>"
            case "list":
                return "<ul>" + "".join(f"<li>{inline(line)}</li>" for line in block.lines) + "</ul>"
            case "picture":
                return picture(block.lines[0])
            case "box":
                return box(block.lines[0])
            case _:
                return f"<p>{inline(' '.join(block.lines))}</p>"

    return "\n".join(render(b) for b in blocks_of(body))


def paragraphs_of(body: str) -> tuple[str, ...]:
    """The words of the article and nothing else: headings, paragraphs, quotations and list items, in order."""
    words: list[str] = []
    for block in blocks_of(body):
        if block.kind == "list":
            words += block.lines
        elif block.kind not in ("picture", "box"):
            words.append(" ".join(block.lines))
    return tuple(_EMPHASIS.sub(r"\1", _LINK.sub(r"\1", w)) for w in words)


def captions_of(body: str) -> tuple[str, ...]:
    """The captions of the pictures within the body."""
    return tuple(b.lines[0] for b in blocks_of(body) if b.kind == "picture")


def sentences_of(paragraph: str) -> tuple[str, ...]:
    """The sentences of one paragraph of the press, which avoids abbreviations that end in a full stop."""
    sentences, start = [], 0
    for end in _SENTENCE_END.finditer(paragraph):
        sentences.append(paragraph[start : end.end()].strip())
        start = end.end()
    rest = paragraph[start:].strip()
    return (*sentences, rest) if rest else tuple(sentences)


def _block(chunk: str) -> Block:
    if chunk.startswith("[[") and chunk.endswith("]]"):
        return Block("box", (chunk[2:-2],))
    lines = [line.strip() for line in chunk.splitlines()]
    for mark, kind in _MARKS.items():
        if lines[0].startswith(mark):
            return Block(kind, tuple(line.removeprefix(mark) for line in lines))
    return Block("paragraph", tuple(lines))
