"""What the markup of a page shows near its headline: headings, by-lines and date lines, microdata included.

The tree is only read, in one walk over the elements that can hold such a line. Parts of other articles and of readers'
comments are passed over by what their containers are called.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from transforms.plain import plain

_LOOKED_AT = 300
_LINE = 300

_TAGS = (
    "h1", "time", "div", "span", "p", "a", "address", "li", "ul", "dd", "td", "section", "header", "footer", "em", "strong",
    "small", "b", "i", "cite", "h2", "h3", "h4", "h5", "h6", "meta", "abbr", "font", "figcaption", "label", "dl", "author",
)  # fmt: skip
_INTERESTING = re.compile(
    r"author|autor|auteur|byline|by-line|by_line|writer|reporter|contributor|date|datum|fecha|time|publish|posted|published",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"comment|disqus|related|sidebar|footer|recommend|teaser|promo|most-?read|trending|popular|widget|newsletter|nav(?:bar|igation|-|_|$)|"
    r"read-?(?:more|next)|outbrain|taboola|(?:^|[\s_-])(?:card|list-item|tease|aside)(?:[\s_-]|$)|reply|replies|menu",
    re.IGNORECASE,
)
_AUTHOR_CLASS = re.compile(r"author|autor|auteur|byline|by-line|by_line|writer|reporter|contributor", re.IGNORECASE)
_NOT_NAME = re.compile(
    r"bio|avatar|image|img|photo|pic|social|follow|about|desc|count|link-list|authori|time|date|title|role|job",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:@|(?:authors?|autor(?:en|es)?|auteurs?|autori|profiles?|profil|people|persons?|staff|team|contributors?|writers?|reporters?|"
    r"journalists?|bylines?|by|users?|redaktion|redactores|firmas|columnists?)/)[^/?#]{3,}/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_DATE_CLASS = re.compile(r"date|publish|posted|timestamp|fecha|datum|(?:^|[\s_-])time(?:[\s_-]|$)", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|aktualis|edit|actuali|aggiorn|revis|uppdat|oppdat|opdat", re.IGNORECASE)
_CHANGED = re.compile(
    r"\s*(?:article |page |zuletzt |última |dernière |ultimo |last )*(?:updat|modifi|review|revis|chang|edit|mise? à jour|aktuali|geändert|actuali|aggiorn|"
    r"uppdat|oppdat|opdat|bijgewerkt|güncell|обновлен|оновлен|更新)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One short text that markup calls a by-line or a date, and how it does."""

    rule: str
    text: str
    is_after_heading: bool


@dataclass(frozen=True, slots=True)
class Visible:
    """The headings and marked lines of a page in its order."""

    h1s: tuple[tuple[str, HtmlElement], ...]
    document_title: str
    authors: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    modified: tuple[Mark, ...]


def read_visible(tree: HtmlElement) -> Visible:
    """The headings, by-lines and date lines of the page."""
    authors: list[Mark] = []
    dates: list[Mark] = []
    modified: list[Mark] = []
    h1s: list[tuple[str, HtmlElement]] = []
    around = {a for h in itertools.islice(tree.iter("h1"), 3) for a in h.iterancestors()}
    left = _LOOKED_AT
    for element in tree.iter(*_TAGS):
        called = element.get("class") or ""
        tag = element.tag
        itemprop = element.get("itemprop") or ""
        if tag == "h1":
            text = short_text(element, 500)
            if text:
                h1s.append((text, element))
            continue
        is_author = itemprop == "author" or (tag == "a" and "author" in (element.get("rel") or ""))
        if tag == "a" and not is_author and h1s and _PROFILE.search((element.get("href") or "")[:300]):
            is_author = True
        is_date = tag == "time" or itemprop in {"datePublished", "dateModified", "dateCreated"}
        if not (is_author or is_date or (called and _INTERESTING.search(called[:300]))):
            continue
        left -= 1
        if left < 0:
            break
        if _is_elsewhere(element, around):
            continue
        if is_author:
            rule = "microdata:author" if itemprop else "rel=author" if element.get("rel") else "profile_link"
            authors.extend(Mark(rule, t, bool(h1s)) for t in _author_texts(element) if t)
        elif is_date:
            mark = Mark(f"microdata:{itemprop}" if itemprop else "time", _date_text(element), bool(h1s))
            is_change = itemprop == "dateModified" or bool(_UPDATED.search(called)) or _says_updated(element)
            (modified if is_change else dates).append(mark)
        elif tag == "meta":
            continue
        elif _AUTHOR_CLASS.search(called) and not _NOT_NAME.search(called):
            authors.append(Mark("byline", short_text(element, _LINE), bool(h1s)))
        elif _DATE_CLASS.search(called):
            line = short_text(element, _LINE)
            (modified if _UPDATED.search(called) or _CHANGED.match(line) else dates).append(Mark("dateline", line, bool(h1s)))
    title = next((short_text(t, 1_000) for t in tree.iter("title") if _is_document_title(t)), "")
    return Visible(tuple(h1s), title, _filled(authors), _filled(dates), _filled(modified))


def _says_updated(element: HtmlElement) -> bool:
    """Whether the words before a time say that it is a change: "Updated <time>"."""
    parent = element.getparent()
    before = element.getprevious()
    words = (before.tail or short_text(before, 60)) if before is not None else parent.text if parent is not None else ""
    return bool(_CHANGED.search((words or "")[-60:])) or bool(_CHANGED.match((element.text or "")[:60]))


def short_text(element: HtmlElement, limit: int) -> str:
    """The text of an element as one line, or "" where it has more than `limit` letters."""
    parts: list[str] = []
    length = 0
    for text in element.itertext("*"):
        length += len(text)
        if length > 4 * limit:
            return ""
        parts.append(text)
    line = plain(" ".join(parts), 4 * limit)
    return line if len(line) <= limit else ""


def _is_document_title(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is None or parent.tag != "svg"


def _author_texts(element: HtmlElement) -> Iterator[str]:
    names = element.xpath(".//*[@itemprop='name']")
    if names:
        yield from (n.get("content") or short_text(n, _LINE) for n in names[:20])
    else:
        yield element.get("content") or short_text(element, _LINE)


def _date_text(element: HtmlElement) -> str:
    for name in ("datetime", "content", "title"):
        value = element.get(name)
        if value and any(c.isdecimal() for c in value):
            return plain(value, _LINE)
    return short_text(element, _LINE)


def _is_elsewhere(element: HtmlElement, around: set[HtmlElement]) -> bool:
    """Whether a container calls itself part of something else; one that holds the headline as well never is."""
    for number, ancestor in enumerate(_upwards(element)):
        if ancestor in around or number > 12:
            return False
        if ancestor.tag in {"footer", "nav"} or (ancestor.tag == "aside" and number > 6):
            return True
        if _ELSEWHERE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"[:300]):
            return True
    return False


def _upwards(element: HtmlElement) -> Iterator[HtmlElement]:
    current: HtmlElement | None = element
    while current is not None:
        yield current
        current = current.getparent()


def _filled(marks: list[Mark]) -> tuple[Mark, ...]:
    return tuple(m for m in marks if m.text)
