"""Names from lines that readers see: "By Jane Roe, staff writer | 3 May" is a name and much that is none.

Text that markup or a leading "By" calls a by-line is cut at the first thing that no name holds, and what is left must
look like names: few words, capitals where the script has them. Values of meta tags need no such proof.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from transforms.authors import split_authors
from transforms.comments_dates import find_moment
from transforms.dates import parse_moment
from transforms.month_names import MONTHS

_BY = re.compile(
    r"^(?:(?:(?:this (?:post|article|story|blog post|guide) (?:was|is) )?(?:written|posted|published|story|words|"
    r"article|created|authored|guest post|submitted|verfasst|geschrieben|escrito|écrit|scritto))\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|przez|author|autor(?:in|en|es)?|auteurs?|autore|text|texte?|автор|yazan|oleh|"
    r"작성자|作者|文|記者)"
    r"(?:\s*[:：]\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"\b(?:(?:fact[- ]?check|(?:medically |expert |clinically )?review|edit|approv|verifi|translat|updat|"
    r"illustrat)(?:e?d)|photos?|photography|"
    r"photographs?|pictures?|video|illustrations?|last|stand|posted|published|updated|filed|opens|listen|read|share|"
    r"follow|view|more|see|copy|print|"
    r"geprüft|übersetzt|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado|aggiornato|"
    r"pubblicato)\b.*$",
    re.IGNORECASE,
)
_LINE_MAX = 160
_DATED_BY = re.compile(r"^.{0,30}\d.{0,12}?\bby\s+", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(?:author|full bio|about|editorial|policies|read|comments?|latest|subscribe|newsletter|contents?|minutes?|min|"
    r"home|blog|menu|search|login|"
    r"advertis\w+|disclos\w+|learn|contact|privacy|terms|guide|category|categories|topics?)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_PARTICLES_TEXT = """de der den van von zu zur da do dos das di del della du la le el al bin ibn abu ben y e i af av ter
ten the of at and for und team staff editors editorial desk"""
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
"""Words of a name that may stand in small letters."""


_ALONE = re.compile(
    r"^(?:written |posted |published |story |words )?(?:by|von|par|por|di|door|av|af|przez|author|autor(?:in|en)?|"
    r"auteur|autore|автор|yazan)\s*:?$",
    re.IGNORECASE,
)
_OWNED = re.compile(r"^(.{3,40})['’]s (?:blog|weblog|site|website|homepage|notes|notebook|garden)\b", re.IGNORECASE)
_HEAD = re.compile(r"\s*[|·•–—]\s*|\s+(?=\d)")
_CAPITALISED = re.compile(r"^[^\W\d_a-z][\w'’.\-]*$")
_COMMON_TEXT = """the a an in on of for and or to this that our your how what when where who about all more read share
print save key post posts tags tag best top new news guide home house page pages article articles story stories
content contents table map trends industry product products review reviews service services software design
business care commerce engineering expert reviewed updated published posted last first next start get getting
started learn explore problem studio course courses roll out images photo photos video facebook linkedin twitter
email whatsapp instagram overview introduction summary takeaways press release blog teilen kommentare partager
discussion
monday tuesday wednesday thursday friday saturday sunday"""
_COMMON = frozenset(_COMMON_TEXT.split()) | frozenset(MONTHS)
"""Words of labels: a capitalised line that has one is no name."""


def marked_names(text: str) -> tuple[str, ...]:
    """The names in a line that markup calls a by-line; () where it does not read like one."""
    return _names(_BY.sub("", text.strip(), count=1))


def given_names(text: str) -> tuple[str, ...]:
    """The names in an element that markup calls an author's name: in small letters too, if they are few words."""
    line = _BY.sub("", text.strip(), count=1)
    return _names(line) or (split_authors(line) if line and len(line.split()) <= 3 and not _LABEL.search(line) else ())


def spoken_names(line: str) -> tuple[str, ...]:
    """The names in a line that itself says that it is a by-line ("By …", "3 May by …"); () for any other line."""
    line = line.strip()
    if len(line) > _LINE_MAX:
        return ()
    match = _BY.match(line)
    if match is None:
        match = _DATED_BY.match(line)
    return _names(line[match.end() :]) if match else ()


def placed_names(lines: Sequence[str], is_pictured: Callable[[str], bool]) -> tuple[str, ...]:
    """The name that stands near the headline without a word that says so, by where it stands.

    After a lone "By"; before or behind a date in one line; alone beside a line with a date; or alone as the first line,
    where a picture bears the same name. `lines` are in the page's order, the first below the headline first.
    """
    for line, after in pairwise([*lines, ""]):
        if _ALONE.match(line):
            found = _names(after)
            if found:
                return found
    dated = [len(line) <= 90 and parse_moment(line) is not None for line in lines]
    for number, line in enumerate(lines):
        head = _HEAD.split(line, maxsplit=1)[0].strip(" ,")
        beside = dated[number - 1 : number] + dated[number + 1 : number + 2]
        is_placed = (dated[number] and head != line) or (
            head == line and (any(beside) or (number == 0 and is_pictured(head)))
        )
        if is_placed and not _BY.match(head) and _is_full_name(head):
            return (head,)
        behind = _behind_date(line) if dated[number] else ()
        if behind:
            return behind
    return ()


def _behind_date(line: str) -> tuple[str, ...]:
    """The full names that are all that follows the date with which a line begins."""
    moment = find_moment(line)
    if moment is None or moment.start or not moment.has_date:
        return ()
    found = split_authors(line[moment.end :].strip(" ,|·•-–—/"))
    return found if all(map(_is_full_name, found)) else ()


def owner(site_name: str) -> tuple[str, ...]:
    """The person in the name of a site that says whose it is ("Jane Roe's blog"); () for any other name."""
    match = _OWNED.match(site_name)
    return (match[1],) if match and _is_full_name(match[1]) else ()


def _is_full_name(text: str) -> bool:
    """Whether a text without context is a person's full name or a team: 2 to 4 capitalised words, none of a label."""
    words = text.split()
    if not 2 <= len(words) <= 4 or len(text) > 40 or _LABEL.search(text):
        return False
    return all(
        _CAPITALISED.match(w) or (0 < n < len(words) - 1 and w in _PARTICLES) for n, w in enumerate(words)
    ) and not any(w.lower().strip(".") in _COMMON for w in words)


def _names(text: str) -> tuple[str, ...]:
    text = _without_day(_CHECKED.sub("", text)).strip(" ,|·•-–—:")
    if not text or len(text) > _LINE_MAX or (text.endswith((".", "!", "?", "…")) and len(text.split()) > 5):
        return ()
    found = split_authors(text)
    if len(found) > 1:
        found = tuple(n for n in found if " " in n or not found[0].count(" ") or not n.isascii())
        if " " in found[0]:
            found = tuple(itertools.takewhile(_looks_like_name, found))
    return found if found and all(_looks_like_name(n) for n in found) else ()


def _without_day(text: str) -> str:
    """`text` up to where a date begins."""
    match = _DAY.search(text)
    if match is None:
        return text
    words = text[: match.start()].split()
    while words and (
        words[-1].lower().strip(".,") in MONTHS or words[-1].lower() in {"on", "am", "at", "|", "-", "–", "·", "•"}
    ):
        words.pop()
    return " ".join(words)


def _looks_like_name(name: str) -> bool:
    words = name.replace(",", " ").split()
    if not 1 <= len(words) <= 6 or _LABEL.search(name):
        return False
    return (not words[0][0].islower() or (len(words) > 2 and words[0] == "the")) and all(
        not w[0].islower() or w.lower().strip(".'’") in _PARTICLES for w in words
    )
