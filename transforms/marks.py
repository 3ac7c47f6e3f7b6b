"""By-lines and date lines that markup names as such: classes, microdata, rel=author, time, links to authors' pages.

The tree is only read: links and times are looked at, and of other elements those whose names say something. This is
made only for what structured data leaves open. Parts of other articles and of readers' comments are passed over by
what their containers are called.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from transforms.headings import short_text
from transforms.name_index import any_of
from transforms.names import Names
from transforms.plain import plain
from transforms.small_letters import small

_LOOKED_AT = 300
_LINE = 300
_TAGS_TEXT = """time div span p a address li ul dd td section header em strong small b i cite h2 h3 h4 h5 h6
abbr author"""
_TAGS = frozenset(_TAGS_TEXT.split())
"""Elements that can hold such a line."""
_HINT = re.compile("aut|by[-_]?l|writ|repo|contr|dat|fech|publ|post|time")
_WORDS = any_of("aut", "byl", "by-", "by_", "wri", "rep", "con", "dat", "fec", "pub", "pos", "tim")
"""What the alternatives of this pattern begin with."""
_AUTHOR_PARTS = ("author", "autor", "auteur", "byline", "by-line", "by_line", "writer", "reporter", "contributor")
_DATE_PARTS = ("date", "datum", "fecha", "publish", "posted", "timestamp")
_UPDATED_PARTS = ("updat", "modif", "aktualis", "edit", "actuali", "aggiorn", "revis", "uppdat", "oppdat", "opdat")
_NOT_NAME_PARTS = (
    "avatar", "image", "img", "photo", "pic", "social", "follow", "about", "desc", "count", "link-list", "authori",
    "time", "date", "title", "role", "job",
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"comment|disqus|related|sidebar|(?<!entry-)(?<!post-)(?<!article-)footer|recommend|teaser|promo|most-?read|trending|popular|widget-?_?areas?|newsletter|"
    r"nav(?:bar|igation|-|_|$)|read-?(?:more|next)|outbrain|taboola|(?:^|[\s_-])(?:card|list-item|tease|"
    r"aside)(?:[\s_-]|$)|reply|replies|menu"
)
_OWN_FOOTER = re.compile(r"(?:entry|post|article)[-_]")
_PROFILES_TEXT = """author authors autor autoren autores auteur auteurs autori profile profiles profil people person
persons staff team contributor contributors writer writers reporter reporters journalist journalists
byline bylines by user users redaktion redactores firmas columnist columnists"""
_PROFILES = frozenset(_PROFILES_TEXT.split())
_DATE_PROPERTIES = frozenset({"datePublished", "dateModified", "dateCreated"})
_CREDITS = frozenset({"author name", "byline", "bio"})
_CERTAIN = frozenset({"microdata:author", "rel=author", "profile_link"})
_PUBLISHED = re.compile(
    r"\b(?:published|posted|created|first|originally|veröffentlicht|erstellt|publié|publicado|pubblicato|gepubliceerd|"
    r"publicerad|publisert|opublikowano|опубликовано|yayın)\w*"
)
_CHANGED = re.compile(
    r"\s*(?:article |page |zuletzt |última |dernière |ultimo |last )*(?:updat|modifi|review|revis|chang|edit|"
    r"mise? à jour|aktuali|geändert|actuali|aggiorn|uppdat|oppdat|opdat|bijgewerkt|güncell|обновлен|оновлен|更新)"
)
"""Words that mark a date as one of change, not of publication."""
_MAY_CHANGE = re.compile("pdat|modif|revi|chang|edit|mis|tuali|geändert|aggiorn|bijgewerkt|güncell|новлен|更新")
"""One of these is in what they match; they begin with letters, by which `re` passes over the rest of a line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One short text that markup calls a by-line or a date, and how it does."""

    rule: str
    text: str
    printed: str = ""
    """What readers see, where `text` is a machine-readable attribute."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marked lines of a page in its order."""

    authors: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    modified: tuple[Mark, ...]


def read_marks(named: Names, host: str) -> Marks:
    """The by-lines and date lines of the page; `host` tells its own authors' pages from social networks."""
    authors: list[Mark] = []
    dates: list[Mark] = []
    modified: list[Mark] = []
    places = _Places(named.of("h1"))
    left = _LOOKED_AT
    for element, kind in _telling(named, host):
        left -= 1
        if left < 0:
            break
        if places.is_elsewhere(element, is_aside_fine=kind in _CERTAIN):
            continue
        if kind in _CERTAIN:
            authors.extend(Mark(kind, t) for t in _author_texts(element))
        elif kind in _CREDITS:
            authors.append(Mark(kind, short_text(element, _LINE)))
        elif kind.startswith("dateline"):
            line = short_text(element, _LINE)
            (modified if "modified" in kind or _CHANGED.match(small(line)) else dates).append(Mark("dateline", line))
        else:
            is_change = kind in {"time modified", "microdata:dateModified"} or _says_updated(element)
            mark = Mark(kind.split()[0], _date_text(element), short_text(element, 100))
            (modified if is_change else dates).append(mark)
    return Marks(*(tuple(m for m in marks if m.text) for marks in (authors, dates, modified)))


def publication_part(line: str) -> str:
    """The part of a date line that is about publication: without "Updated …", "" where it is about nothing else."""
    lowered = small(line)
    change = _CHANGED.search(lowered) if _MAY_CHANGE.search(lowered) else None
    if change is None:
        return line
    said = _PUBLISHED.search(lowered)
    if said is None:
        return ""
    return line[said.start() : change.start()] if said.start() < change.start() else line[said.start() :]


def is_pictured(named: Names, name: str) -> bool:
    """Whether a picture's alternative text holds `name`: by-lines often stand beside a portrait."""
    return any(name in (picture.get("alt") or "") for picture in named.of("img"))


class _Places:
    """Remembers which containers call themselves part of something else; one that holds a headline never is."""

    def __init__(self, headings: Sequence[HtmlElement]) -> None:
        self._around = {a for h in headings[:3] for a in h.iterancestors()}
        self._named: dict[str, bool] = {}

    def is_elsewhere(self, element: HtmlElement, *, is_aside_fine: bool) -> bool:
        for number, ancestor in enumerate(itertools.chain((element,), element.iterancestors())):
            if ancestor in self._around or number > 12:
                return False
            if (
                ancestor.tag == "nav"
                or (ancestor.tag == "footer" and not _OWN_FOOTER.search(ancestor.get("class") or ""))
                or (ancestor.tag == "aside" and not is_aside_fine)
            ):
                return True
            called = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
            named = self._named.get(called)
            if named is None:
                named = self._named[called] = bool(_ELSEWHERE.search(called[:300].lower()))
            if named:
                return True
        return False


def _telling(named: Names, host: str) -> Iterator[tuple[HtmlElement, str]]:
    """The elements that say that they hold a by-line or a date, in the page's order, and how they say it."""
    elements = named.elements
    kinds = {
        place: kind
        for called in named.index.having(_WORDS)
        if (kind := _kind_of(called[:300]))
        for place in named.classes.get(called, ())
    }
    saying = set(named.tags.get("time", ()))
    profiles = []
    links = named.tags.get("a", ())
    credited = {n for rel, places in named.rels.items() if "author" in rel for n in places if elements[n].tag == "a"}
    saying |= credited
    below = next(iter(named.tags.get("h1", ())), len(elements))
    for n in links[bisect(links, below) :]:
        if n not in kinds and n not in credited and _is_profile(elements[n].get("href") or "", host):
            profiles.append(n)
    marked = {d.element for d in named.declared if d.itemprop == "author" or d.itemprop in _DATE_PROPERTIES}
    if marked:
        saying.update(n for n, element in enumerate(elements) if element in marked)
    for n in saying:
        kinds[n] = _said(elements[n], kinds.get(n, "")) or kinds.get(n, "")
    for n in profiles:
        kinds.setdefault(n, "profile_link")
    for n, kind in sorted(kinds.items()):
        if kind and elements[n].tag in _TAGS:
            yield elements[n], kind


def _said(element: HtmlElement, kind: str) -> str:
    """What an element says by more than its class: microdata, rel=author, time; "" for any other."""
    itemprop = element.get("itemprop")
    if itemprop == "author":
        return "microdata:author"
    if itemprop in _DATE_PROPERTIES:
        return f"microdata:{itemprop}"
    if element.tag == "a" and "author" in (element.get("rel") or ""):
        return "rel=author"
    if element.tag == "time":
        return "time modified" if kind.endswith("modified") else "time"
    return ""


@lru_cache(maxsize=2_048)
def _kind_of(called: str) -> str:
    return _kind(called.lower())


def _kind(called: str) -> str:
    """What a class says that its element holds: byline, author name, bio, dateline, dateline modified, or ""."""
    if not _HINT.search(called):
        return ""
    if any(p in called for p in _AUTHOR_PARTS):
        if "name" in called:
            return "author name"
        if "bio" in called:
            return "bio"
        if not any(p in called for p in _NOT_NAME_PARTS):
            return "byline"
    if any(p in called for p in _DATE_PARTS) or ("time" in called and "time" in re.split(r"[\s_-]+", called)):
        return "dateline modified" if any(p in called for p in _UPDATED_PARTS) else "dateline"
    return ""


def _is_profile(href: str, host: str) -> bool:
    """Whether a link leads to a person's page of this site: /authors/jane-roe."""
    parts = href[:300].split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 2)
    if len(parts) < 3 or not parts[2] or parts[1].lower() not in _PROFILES:
        return False
    return not href.startswith(("http:", "https:", "//")) or (bool(host) and host in href.split("/")[2])


def _says_updated(element: HtmlElement) -> bool:
    """Whether the words before a time say that it is a change: "Updated <time>"."""
    parent, before = element.getparent(), element.getprevious()
    words = parent.text if parent is not None else ""
    if before is not None:
        words = before.tail or short_text(before, 60)
    return bool(_CHANGED.search(small((words or "")[-60:]))) or bool(_CHANGED.match(small((element.text or "")[:60])))


def _author_texts(element: HtmlElement) -> Iterator[str]:
    named = [e for e in itertools.islice(element.iter(), 100) if e.get("itemprop") == "name"][:20]
    for holder in named or [element]:
        yield plain(holder.get("content") or "") or short_text(holder, _LINE)


def _date_text(element: HtmlElement) -> str:
    for name in ("datetime", "content", "title"):
        value = element.get(name)
        if value and any(c.isdecimal() for c in value[:100]):
            return plain(value, _LINE)
    return short_text(element, _LINE)
