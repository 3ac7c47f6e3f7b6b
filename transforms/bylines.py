"""Names from lines that readers see: "By Jane Roe, staff writer | 3 May" is a name and much that is none.

Text that markup or a leading "By" calls a by-line is cut at the first thing that no name holds, and what is left must
look like names: few words, capitals where the script has them. Values of meta tags need no such proof.
"""

from __future__ import annotations

import re

from transforms.authors import split_authors
from transforms.month_names import MONTHS

_BY = re.compile(
    r"^(?:(?:written|posted|published|story|words|article|created|authored|guest post|submitted|verfasst|geschrieben|escrito|écrit|scritto)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|przez|author|autor(?:in|en|es)?|auteurs?|autore|text|texte?|автор|yazan|oleh|작성자|作者|文|記者)"
    r"(?:\s*[:：]\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"\b(?:(?:fact[- ]?check|(?:medically |expert |clinically )?review|edit|approv|verifi|translat|updat|illustrat)(?:e?d)|photos?|photography|"
    r"photographs?|pictures?|video|illustrations?|last|stand|posted|published|updated|filed|opens|listen|read|share|follow|view|more|see|copy|print|"
    r"geprüft|übersetzt|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado|aggiornato|pubblicato)\b.*$",
    re.IGNORECASE,
)
_LINE_MAX = 160
_DATED_BY = re.compile(r"^.{0,30}\d.{0,12}?\bby\s+", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:author|full bio|about|editorial|policies|read|comments?|latest|subscribe|newsletter|contents?|minutes?|min|home|blog|menu|search|login|"
    r"advertis\w+|disclos\w+|learn|contact|privacy|terms|guide|category|categories|topics?)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_PARTICLES = frozenset(
    "de der den van von zu zur da do dos das di del della du la le el al bin ibn abu ben y e i af av ter ten the of at and "
    "for und team staff editors editorial desk".split()
)


def marked_names(text: str) -> tuple[str, ...]:
    """The names in a line that markup calls a by-line; () where it does not read like one."""
    return _names(_BY.sub("", text.strip(), count=1))


def spoken_names(line: str) -> tuple[str, ...]:
    """The names in a line that itself says that it is a by-line ("By …", "3 May by …"); () for any other line."""
    line = line.strip()
    if len(line) > _LINE_MAX:
        return ()
    match = _BY.match(line)
    if match is None:
        match = _DATED_BY.match(line)
    return _names(line[match.end() :]) if match else ()


def _names(text: str) -> tuple[str, ...]:
    text = _without_day(_CHECKED.sub("", text)).strip(" ,|·•-–—:")
    if not text or len(text) > _LINE_MAX or (text.endswith((".", "!", "?", "…")) and len(text.split()) > 5):
        return ()
    found = split_authors(text)
    if len(found) > 1:
        found = tuple(n for n in found if " " in n or not found[0].count(" ") or not n.isascii())
    return found if found and all(_looks_like_name(n) for n in found) else ()


def _without_day(text: str) -> str:
    """`text` up to where a date begins."""
    match = _DAY.search(text)
    if match is None:
        return text
    words = text[: match.start()].split()
    while words and (words[-1].lower().strip(".,") in MONTHS or words[-1].lower() in {"on", "am", "at", "|", "-", "–", "·", "•"}):
        words.pop()
    return " ".join(words)


def _looks_like_name(name: str) -> bool:
    words = name.replace(",", " ").split()
    if not 1 <= len(words) <= 6 or _LABEL.search(name):
        return False
    return not words[0][0].islower() and all(not w[0].islower() or w.lower().strip(".'’") in _PARTICLES for w in words)
