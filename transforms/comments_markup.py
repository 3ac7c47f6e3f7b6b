"""What markup calls a comment and a comment section: names of classes, ids and schema.org types, read word by word.

"comments-list__wrapper" is a section, "comment-count" a number beside a headline, "has-comments" a remark about the
page. So names are taken apart into words, and the words decide. One walk over the tree finds both kinds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from lxml.html import HtmlElement

from transforms.name_index import any_of
from transforms.names import Names

_SPLIT = re.compile(r"[-_:\s.]+|(?<=[a-z])(?=[A-Z])")
_HINT = re.compile(
    r"c(?:omm?ent|oral|usdis)|komm?ent|re(?:spon[ds]|acti|pl(?:y|ies)|mark42)|backs?\b|d(?:is[cq]us|sq)|i(?:sso|dc-)|hyvor|"
    r"fyre|openweb|spot-?im|v(?:iafoura|f-)|utterances|graphcom"
)
_WORDS = any_of(
    *("com", "kom", "cor", "cus", "res", "rea", "rep", "rem", "bac", "dis", "dsq", "iss", "idc", "hyv", "fyr", "ope"),
    *("spo", "via", "vf-", "utt", "gra"),
)
"""What the alternatives of this pattern begin with."""
_PLURAL = frozenset(
    re.findall(
        r"\S+",
        "comments commentlist commentslist commentarea commentsarea kommentare kommentarer commentaires comentarios "
        "comentários "
        "commenti reacties komentarze responses discussion trackbacks pingbacks",
    )
)
_SINGULAR = frozenset(
    re.findall(r"\S+", "comment kommentar commentaire comentario comentário commento reactie komentarz")
)
_HOLDER = frozenset(
    re.findall(
        r"\S+",
        "list lists area section sections wrap wrapper container template block box holder inner outer thread "
        "threads app root content "
        "title form respond reply module widget main body panel region pane tab group feed stream embed plugin view "
        "page items "
        "island placeholder all new post",
    )
)
_PREFIX = frozenset(
    re.findall(
        r"\S+",
        "article post page reader readers user users story facebook fb wp block blog single entry site js c o m l u "
        "the node field view "
        "widget section module area id div ul ol app my news component disqus region pane tab view content block",
    )
)
_ITEM = frozenset(
    re.findall(
        r"\S+",
        "item entry single node row card wrapper wrap container box block thread parent root outer article li div",
    )
)
_SMALL = frozenset(
    re.findall(
        r"\S+",
        "count counter counts link links icon number num button btn toggle open opened closed has no off on enabled "
        "disabled share bubble "
        "policy scroll jump anchor allowed status badge total teaser hide show login tooltip svg permalink css style "
        "script stylesheet "
        "rss nav menu bar recent latest popular top most",
    )
)
_HOSTED = re.compile(
    r"disqus_thread|disqus-?comments?(?:-\w+)?|dsq-content|dsq-comments|hyvor-talk(?:-\w+)*|isso-(?:thread|root)|"
    r"commento|commento-root|"
    r"coral[_-](?:thread|container|stream|talk(?:[_-]\w+)*)|coraltalk|livefyre(?:-\w+)?|lf-comments?(?:-\w+)?|"
    r"fyre(?:-\w+)?|"
    r"spotim(?:-\w+)*|openweb(?:-\w+)*|viafoura(?:-\w+)*|vf-comments|remark42(?:-\w+)*|cusdis_thread|giscus|"
    r"utterances|graphcomment|"
    r"idc-container|idc-comments?|fb-comments|respond|comment-?respond|replyform|reply-form|commentform|comment-form",
    re.IGNORECASE,
)
_HOSTED_TAGS = frozenset(("hyvor-talk-comments", "coral-thread", "spot-im", "vf-conversations", "comments-section"))
_NEVER = frozenset(
    ("html", "body", "main", "head", "script", "style", "link", "meta", "input", "textarea", "label", "svg", "img", "i")
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "a", "span", "p", "button", "strong", "em", "b"))
_DIGITS = re.compile(r"\d{1,20}|[0-9a-f]{8,40}")


class Kind(Enum):
    """What an element's names make of it."""

    ITEM = "item"
    SECTION = "section"
    FORM = "form"
    WIDGET = "widget"
    """Comments on other pages: "recent comments"."""


_NO_KINDS: frozenset[Kind] = frozenset()
_DECLARED = re.compile(r"schema\.org/(?:User)?Comments?$|^(?:comment|suggestedComment)$")


@dataclass(frozen=True, slots=True)
class Marked:
    """The elements that names call comments, each list in document order."""

    items: tuple[HtmlElement, ...]
    sections: tuple[HtmlElement, ...]


def read_marks(names: Names) -> Marked:
    """All comments and comment sections by name. A section may lie within another."""
    items, sections = [], []
    named = {
        place
        for name in names.index.having(_WORDS)
        if _kinds(name)
        for called in (names.classes, names.ids)
        for place in called.get(name, ())
    }
    candidates = {names.elements[place] for place in named}
    candidates.update(d.element for d in names.declared if _DECLARED.search(d.itemtype or d.itemprop or ""))
    candidates.update(names.of(*_HOSTED_TAGS))
    for element in names.elements if candidates else ():
        if element not in candidates:
            continue
        kind = kind_of(element)
        if kind is Kind.ITEM:
            items.append(element)
        elif kind is not None:
            sections.append(element)
    return Marked(tuple(items), tuple(sections))


def kind_of(element: HtmlElement) -> Kind | None:
    """What one element is called."""
    get, tag = element.get, element.tag
    if tag in _HOSTED_TAGS:
        return Kind.SECTION
    declared = get("itemtype") or get("itemprop")
    if declared and _DECLARED.search(declared):
        return Kind.ITEM if tag not in ("meta", "link", "span", "a") else None
    kinds = _kinds(get("class") or "") | _kinds(get("id") or "")
    if not kinds or tag in _NEVER:
        return None
    if Kind.WIDGET in kinds:
        return Kind.WIDGET
    if tag in _HEADINGS:
        return None
    return next((kind for kind in (Kind.ITEM, Kind.FORM, Kind.SECTION) if kind in kinds), None)


@lru_cache(maxsize=4_096)
def _kinds(names: str) -> frozenset[Kind]:
    if len(names) < 4 or not _HINT.search(names.lower()):
        return _NO_KINDS
    return frozenset(kind for name in names.split()[:30] for kind in [_named(name)] if kind)


def _named(name: str) -> Kind | None:
    if _HOSTED.fullmatch(name):
        return Kind.FORM if re.search(r"respond|form$", name, re.IGNORECASE) else Kind.SECTION
    words = [word.casefold() for word in _SPLIT.split(name) if word][:9]
    while len(words) > 1 and words[0] in _PREFIX:
        words = words[1:]
    head, rest = (words[0], words[1:]) if words else ("", [])
    if head in ("recent", "latest", "popular") and any(w in _PLURAL for w in rest):
        return Kind.WIDGET
    if len(words) > 8 or any(word in _SMALL for word in words):
        return None
    if head in ("pingback", "trackback") or (head in _PLURAL and rest == ["item"]):
        return Kind.ITEM
    if head in _SINGULAR:
        return _singular(rest)
    is_section = head in _PLURAL and all(word in _HOLDER or _DIGITS.fullmatch(word) for word in rest)
    return Kind.SECTION if is_section else None


def _singular(rest: list[str]) -> Kind | None:
    if not rest or (len(rest) == 1 and (_DIGITS.fullmatch(rest[0]) or rest[0] in _ITEM)):
        return Kind.ITEM
    if rest[0] in ("list", "section", "area", "template", "module", "stream", "feed", "app"):
        return Kind.SECTION if all(word in _HOLDER for word in rest) else None
    return Kind.FORM if rest in (["form"], ["respond"], ["reply", "form"]) else None
