"""Text as it is stored: one Unicode form, no control characters, one kind of space, a newline between paragraphs.

Two captures that differ only in these are the same version, so everything that is hashed passes here first. What
Parquet and XML refuse (lone surrogates, NUL) ends here too.
"""

from __future__ import annotations

import re
import unicodedata

# C0 but tab and line breaks, DEL, lone surrogates, non-characters, BOM, soft hyphen, zero width space,
# invisible operators, replacement for objects, and directional marks that hold no text.
# Zero width joiner and non-joiner stay: Persian, Hindi and emoji need them. C1 stays: in text that somebody decoded
# wrongly it stands for quotes and dashes, and dropping it would join or change words.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\ufeff\u00ad\u200b\u2060-\u2064\ufffc\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_OBJECT = "\ufffc"
"""The only one of them that Python calls printable."""
_GAPS = ("  ", " \n", "\n ", "\n\n")
PRINTERS_SIGNS = re.compile("[\u2010-\u2027\xa0-\xa9\xab-\xb1\u20ac]+")
"""Quotes, dashes and the like: no letters, and often all that keeps an English text from being ASCII."""
_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


def clean_line(text: str) -> str:
    """The text in one line: NFC, unprintable characters out, each run of white space one space, trimmed."""
    if text.isprintable():
        return clean_printable(text)
    text = _DROPPED.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def clean_printable(text: str) -> str:
    """The same of a text that `isprintable`, in which spaces are the only white space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace(_OBJECT, ""))
    # most lines are as they should be: to look for what is not takes a fifth of the time of taking them apart
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return " ".join(text.split())
    return text


def clean_text(text: str) -> str:
    """The text with each line cleaned as by `clean_line` and empty lines out, joined by one newline."""
    if text.isprintable():  # hence one line
        return clean_line(text)
    if _is_clean(text):
        return text
    return "\n".join([line for line in map(clean_line, _LINE_BREAK.split(text)) if line])


def _is_clean(text: str) -> bool:
    """Whether several lines are clean already, as far as a few looks at all of them tell."""
    return (
        text.replace("\n", "").isprintable()
        and _OBJECT not in text
        and not any(gap in text for gap in _GAPS)
        and not (text[0].isspace() or text[-1].isspace())
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
    )
