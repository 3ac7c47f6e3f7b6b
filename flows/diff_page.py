"""What is different between two versions of an article, as lines for a terminal and as an HTML document.

The document loads nothing and runs nothing; every word of the page in it is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from transforms.diff import Mark, Piece, is_changed
from warehouse.history import Difference, Version

_NEAR = 1
"""Unchanged paragraphs that are shown beside a changed one."""
_PLAIN = {Mark.SAME: ("", ""), Mark.REMOVED: ("[-", "-]"), Mark.ADDED: ("{+", "+}")}
_TAGS = {Mark.SAME: ("", ""), Mark.REMOVED: ("<del>", "</del>"), Mark.ADDED: ("<ins>", "</ins>")}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Unchanged paragraphs that are not shown."""

    count: int

    def words(self) -> str:
        """The line that stands for them."""
        return f"… {self.count} unchanged paragraph{'s' if self.count > 1 else ''}"


def shown_paragraphs(difference: Difference, *, is_whole: bool) -> Iterator[tuple[Piece, ...] | Skipped]:
    """The changed paragraphs with what stands beside them; all of them where the whole text is asked for."""
    paragraphs = difference.paragraphs
    changed = [n for n, paragraph in enumerate(paragraphs) if is_changed(paragraph)]
    near = {n + step for n in changed for step in range(-_NEAR, _NEAR + 1)}
    skipped = 0
    for number, paragraph in enumerate(paragraphs):
        if is_whole or number in near:
            if skipped:
                yield Skipped(skipped)
            skipped = 0
            yield paragraph
        else:
            skipped += 1
    if skipped:
        yield Skipped(skipped)


def facts(difference: Difference) -> str:
    """Which versions, when they were seen, how much changed, and whether the page says so."""
    old, new = difference.old, difference.new
    said = ""
    if new.version_number == old.version_number + 1:
        said = ", without notice" if new.is_silent else ", as the page says"
    words = f"{difference.words_added} words added, {difference.words_removed} removed{said}"
    return (
        f"version {old.version_number} (seen {_moment(old)}) to version {new.version_number} (seen {_moment(new)}): "
        + ("the two are the same" if difference.is_same else words)
    )


def plain_line(paragraph: Sequence[Piece]) -> str:
    """A paragraph with its marks as `git --word-diff` writes them."""
    return "".join(f"{_PLAIN[p.mark][0]}{p.text}{_PLAIN[p.mark][1]}" for p in paragraph)


def diff_html(difference: Difference, *, is_whole: bool) -> str:
    """The document."""
    rows = "".join(
        f'<tr><th>{escape(f.name)}</th><td dir="auto"><del>{escape(f.old) or "–"}</del></td>'
        f'<td dir="auto"><ins>{escape(f.new) or "–"}</ins></td></tr>'
        for f in difference.fields
    )
    template = Template(files("flows").joinpath("diff_page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(difference.new.title or difference.new.url),
        address=escape(difference.new.url),
        facts=escape(facts(difference)),
        fields=f"<table>{rows}</table>" if rows else "",
        paragraphs="\n".join(map(_html, shown_paragraphs(difference, is_whole=is_whole))),
    )


def _html(paragraph: tuple[Piece, ...] | Skipped) -> str:
    if isinstance(paragraph, Skipped):
        return f'<p class="skipped">{paragraph.words()}</p>'
    inner = "".join(f"{_TAGS[p.mark][0]}{escape(p.text)}{_TAGS[p.mark][1]}" for p in paragraph)
    return f'<p class="{"changed" if is_changed(paragraph) else "same"}" dir="auto">{inner}</p>'


def _moment(version: Version) -> str:
    return f"{version.valid_from:%Y-%m-%d %H:%M:%S}"
