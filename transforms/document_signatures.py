"""Which lines of a flattened document sign comments, and how strongly each says so.

A line is judged by its form, by the name in it or beside it, and by its neighbours, never by one word. Bylines at the
top, quoted posts of social networks and tables of results have dates too; what they lack is a person's name, the text
between them, or the repetition.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.comments_words import Chrome
from transforms.document_lines import Line

_TOP_LINES = 4
_PROSE_WORDS = 15
_NAME_WORDS_MAX = 6
_NAME_CHARS_MAX = 60
_GLUE = re.compile(
    r"\b(?:posted|on|at|by|from|via|says?|said|wrote|writes|am|um|von|schrieb|sagt|par|le|à|il|da|por|el|em|door|op|"
    r"av|den|"
    r"af|przez|dnia|permalink|reply|comment(?:ed)?|edited|tracked|mobile|journal|homepage|report|link|[ap]m)\b|"
    r"https?://\S+|[#|/()\[\]:,;·•»«>*+@]|\s[–—-]+(?=\s)|^[–—-]|[–—-]$|\d+",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b\w\.$")
_LIST_NUMBER = re.compile(r"^\d{1,4}[.):]\s+")
_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        "he she they it we i you the a an in this that these who one er sie es das die der wir il elle ils on le la "
        "les él "
        "ella ellos lei lui hij zij hun han hun de een ein eine un une una он она они",
    )
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A line that may sign a comment: its index, the name it gives, the line that holds the name, and its weight."""

    line: int
    name: str
    name_line: int
    weight: float


def find_signatures(lines: Sequence[Line]) -> tuple[Signature, ...]:
    """The lines that may sign comments, in order. A weight of 3 in all is what a section needs."""
    first_prose = next((i for i, line in enumerate(lines) if line.words >= _PROSE_WORDS), len(lines))
    found = [
        signature
        for i, line in enumerate(lines)
        if line.form and i > 0 and not (line.moment and not line.speaker and i < min(_TOP_LINES, first_prose))
        for signature in [_signature(lines, i)]
        if signature
    ]
    return _without_constants(lines, _without_doubles(lines, found))


def is_name(line: Line) -> bool:
    """Whether a line could be nothing but a reader's name."""
    return (
        line.words <= _NAME_WORDS_MAX
        and len(line.text) <= _NAME_CHARS_MAX
        and not line.form
        and line.chrome is None
        and not (line.text.endswith(".") and not _INITIAL.search(line.text))
        and not line.text.endswith(("!", "?", ",", ";", ":", "…", '"', "”", ")"))
        and any(c.isalpha() for c in line.text)
    )


def _signature(lines: Sequence[Line], i: int) -> Signature | None:
    line = lines[i]
    name, name_line = _name(lines, i)
    weight = _weight(line)
    if not name:
        weight = 0.5 if weight >= 1.5 else 0.0
    elif line.speaker is not None:
        near = lines[i + 1 : i + 3]
        weight += 2 * any(n.moment and n.form and n.moment.has_time for n in near)
    if any(n.chrome in (Chrome.REPLY, Chrome.NAV) for n in lines[max(0, i - 2) : i + 3]):
        weight += 0.5
    return Signature(i, name, name_line, weight) if weight else None


def _weight(line: Line) -> float:
    moment = line.moment
    if moment is None or line.form in ("W says", "url W"):
        return 1.0
    if moment.has_date and moment.has_time:
        return 1.75 if line.speaker else 1.5
    if moment.has_date or moment.is_relative:
        return 1.5 if line.speaker else 1.0
    return 0.25


def _name(lines: Sequence[Line], i: int) -> tuple[str, int]:
    line = lines[i]
    rest = line.speaker if line.speaker is not None else line.text
    if line.moment and rest == line.text:
        rest = line.text[: line.moment.start] + " " + line.text[line.moment.end :]
    elif line.moment and line.speaker is not None:
        rest = rest.replace(line.text[line.moment.start : line.moment.end], " ")
    own = " ".join(_GLUE.sub(" ", rest).split())
    if own:
        return (own, i) if _is_personal(own) else ("", i)
    for j in (i - 1, i + 1):
        if 0 < j < len(lines) and is_name(lines[j]):
            return _LIST_NUMBER.sub("", lines[j].text), j
    return "", i


def _is_personal(name: str) -> bool:
    words = name.split()
    return len(words) <= _NAME_WORDS_MAX and words[0].casefold() not in _NO_NAME and any(c.isalpha() for c in name)


def _without_doubles(lines: Sequence[Line], found: list[Signature]) -> list[Signature]:
    """A date on a line of its own belongs to the name announced just before it."""
    spoken = {s.line for s in found if lines[s.line].speaker is not None}
    return [s for s in found if s.line in spoken or not {s.line - 1, s.line - 2} & spoken]


def _without_constants(lines: Sequence[Line], found: list[Signature]) -> tuple[Signature, ...]:
    """Forms whose every line gives the same name are a site's own stamp ("Tracked on …", "Updated …"), not people."""
    names: dict[str, Counter[str]] = {}
    for s in found:
        names.setdefault(lines[s.line].form, Counter())[s.name.casefold()] += 1
    stamps = {form for form, seen in names.items() if len(seen) == 1 and seen.total() > 2}
    return tuple(s for s in found if lines[s.line].form not in stamps)
