"""The lines of a flattened document, and which of them could sign a comment.

Where the markup is gone, a comment still shows as a short line that carries a name and a time ("Ida Holm, 3 May 2021 at
9:15"), and such lines repeat in one form. `form` is that line with the name and the time masked: lines of one form are
of one make.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.comments_dates import Moment, find_moment
from transforms.comments_words import Chrome, chrome_of, speaker_of

_SIGNATURE_WORDS_MAX = 12
_SIGNATURE_CHARS_MAX = 140
_WORD = re.compile(r"[^\W\d_]+|\d+|#")
_GLUE = frozenset(
    re.findall(
        r"\S+",
        "by on at posted says said wrote replying reply to a comment from via von am um schrieb sagt par le à il di "
        "da por el em "
        "door op av den af przez dnia пишет # | /",
    )
)
_SENTENCE = re.compile(r"[^\W\d_]{4,}[.!?…][\"”’»)]?\s+\S")
_HANDLE = re.compile(r"\(@\w+\)")
"""An embedded post of a social network is quoted by the article; its signature is no comment's."""
_LINKED_NAME = re.compile(r"https?://\S+\s+\S.{0,50}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank. `start` and `end` are characters of the document, its break left out."""

    start: int
    end: int
    text: str
    indent: int
    words: int
    moment: Moment | None
    form: str
    """The masked line where it could sign a comment, else empty."""
    speaker: str | None
    chrome: Chrome | None


def read_lines(text: str) -> tuple[Line, ...]:
    """The lines of a text that are not blank, in order."""
    lines = []
    for found in re.finditer(r"[^\r\n\x85\u2028\u2029]+", text):
        raw = found.group()
        body = raw.strip()
        if body:
            start = found.start() + len(raw) - len(raw.lstrip())
            lines.append(_line(start, body, _indent(raw)))
    return tuple(lines)


def _line(start: int, body: str, indent: int) -> Line:
    words = len(body.split())
    is_short = len(body) <= _SIGNATURE_CHARS_MAX
    moment = find_moment(body) if is_short else None
    speaker = speaker_of(body)
    form = _form(body, moment) if moment else ""
    if speaker and not form:
        form = "W says"
    if not form and _LINKED_NAME.fullmatch(body):
        form = "url W"
    chrome = None if form else chrome_of(body)
    return Line(start, start + len(body), body, indent, words, moment, form, speaker, chrome)


def _indent(raw: str) -> int:
    return len(raw) - len(raw.lstrip(" \t\xa0"))


def _form(body: str, moment: Moment) -> str:
    before, after = body[: moment.start], body[moment.end :]
    rest = (before + " " + after).strip()
    if not moment.has_time and before.count("(") > before.count(")"):
        return ""  # a date in brackets cites a work
    if _HANDLE.search(rest) or len(rest.split()) > _SIGNATURE_WORDS_MAX or _SENTENCE.search(before.strip() + " x"):
        return ""
    date = ("R" if moment.is_relative else "") + ("D" if moment.has_date else "") + ("T" if moment.has_time else "")
    return f"{_mask(before)} <{date}> {_mask(after)}".strip()


def _mask(part: str) -> str:
    masked: list[str] = []
    for word in _WORD.findall(part.casefold()):
        kind = word if word in _GLUE else "W"
        if not masked or masked[-1] != kind or kind != "W":
            masked.append(kind)
    return " ".join(masked)
