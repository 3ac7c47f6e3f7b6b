"""The posts of a forum thread or question page: the elements that hold their text, in the page's order.

Forum programs differ in everything but this: the text of each post has an element of its own, named after what it is,
and all posts of a page share the name. So bodies are found by the words in names and grouped by name. Names of the text
itself win over names of the box around text, author and signature. Elements that schema.org types mark come first,
since they say so themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from transforms.element_text import text_within
from transforms.name_index import any_of
from transforms.names import Names

_QUESTION = re.compile(r"schema\.org/(?:Question|Answer)$")
_POST = re.compile(r"schema\.org/(?:DiscussionForumPosting|Question|Answer|Comment|SocialMediaPosting)$")
_TEXT_PROPS = frozenset(("text", "articleBody", "commentText"))
_KIND = r"(?:post|message|msg|reply|answer|comment|topic|question|thread|entry)(?:s|-item)?"
_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        # the text itself
        r"bbwrapper|s-prose|cpost_contentwrap|ipsrichtext--user|commtext|cooked|post_message_\d+|postmsg|usertext-body|ipstype_richtext|"
        rf"msg_?text|msg_\d+|{_KIND}[-_]*(?:text|copy|txt)|userpost|usercontent",
        # what may hold a line or two more
        rf"{_KIND}[-_]*(?:body|content|message|contentwrap)(?:[-_]*(?:wrap|inner|text))?|post[-_]*bit|md",
        # the whole post
        rf"{_KIND}[-_]*(?:inner|wrap|wrapper|box|container)|post",
    )
)
_ANY_NAME = re.compile("|".join(pattern.pattern for pattern in _NAMES))
_HINT = re.compile(
    r"post|message|msg|reply|answer|comment|topic|question|thread|entry|bbwrapper|s-prose|richtext|commtext|cooked|user|md"
)
"""One of these is in each name that has a tier; none asks what stands before it, or all were tried at each letter."""
_WORDS = any_of(
    *("pos", "mes", "msg", "rep", "ans", "com", "top", "que", "thr", "ent", "bbw", "s-p", "ric", "coo", "use", "md")
)
"""What the alternatives of this pattern begin with."""
_FORUM_ONLY = re.compile(
    r"bbwrapper|s-prose|cpost|post_message|postmsg|usertext|ips\w*richtext\S*|msg|userpost|(?:post|message|reply|topic|question|answer)s?[-_]*"
    r"(?:text|body|bit)|post_content$",
    re.IGNORECASE,
)
_FORUM_NAMED = re.compile(r"(?<!\S)(?:" + _FORUM_ONLY.pattern.replace("$", r"(?!\S)") + ")")
"""The same at the start of any of the names in an attribute in small letters."""
_FORUM_WORDS = any_of("bbw", "s-p", "cpo", "pos", "use", "ips", "msg", "mes", "rep", "top", "que", "ans")
_LEAST_SHARE = (0.45, 0.6, 0.0)
"""Of the text of the largest group, what the groups of a tier must hold to be taken before it."""
_TAGS = ("div", "td", "section", "article", "span", "blockquote", "p")


@dataclass(frozen=True, slots=True)
class Bodies:
    """The elements that hold the text of posts, and the rule that chose them."""

    rule: str
    elements: tuple[HtmlElement, ...]
    is_forum_name: bool = False
    """Whether their name is one that only forum programs give: not comment, entry or a mere content."""


def post_bodies(names: Names) -> Bodies:
    """The text elements of a page's posts; empty where no group of elements looks like posts."""
    declared = _declared(names)
    named, name = _named(names)
    if declared and _size(declared) >= 0.4 * _size(named):
        return Bodies("forum_schema", declared)
    return Bodies("forum_names", named, is_forum_name=bool(_FORUM_ONLY.match(name)))


def has_forum_name(names: Names) -> bool:
    """Whether a name of the page may be one that only forum programs give to posts (`Bodies.is_forum_name`).

    Asked before posts are looked for: most pages have no such name.
    """
    return any(_FORUM_NAMED.search(attribute.lower()) for attribute in names.index.having(_FORUM_WORDS))


def _declared(names: Names) -> tuple[HtmlElement, ...]:
    """The marked texts of posts; on question pages those of questions and answers, since their comments are asides."""
    found: list[tuple[HtmlElement, str]] = []
    for declared in names.declared:
        element = declared.element
        if declared.itemprop in _TEXT_PROPS and element.tag in _TAGS:
            owner = next((a.get("itemtype") for a in element.iterancestors() if a.get("itemtype")), "") or ""
            if _POST.search(owner):
                found.append((element, owner))
    has_questions = any(_QUESTION.search(owner) for _, owner in found)
    return _outermost([e for e, owner in found if not has_questions or _QUESTION.search(owner)])


def _named(names: Names) -> tuple[tuple[HtmlElement, ...], str]:
    tiers: list[dict[str, list[HtmlElement]]] = [defaultdict(list) for _ in _NAMES]
    known = [
        (place, number, found)
        for attribute in names.index.having(_WORDS)
        if (found := _tiers(attribute))
        for number, called in enumerate((names.classes, names.ids))
        for place in called.get(attribute, ())
    ]
    for place, _, found in sorted(known):  # in the order of the page: which group is taken depends on it
        element = names.elements[place]
        if element.tag in _TAGS:
            for tier, key in found:
                tiers[tier][key].append(element)
    best = [_largest(tier) for tier in tiers]
    most = max((size for _, _, size in best), default=0)
    for (bodies, name, size), share in zip(best, _LEAST_SHARE, strict=True):
        if size and size >= share * most:
            return bodies, name
    return (), ""


@lru_cache(maxsize=2_048)
def _tiers(attribute: str) -> tuple[tuple[int, str], ...]:
    """The names in one attribute that have a tier, each with it."""
    if _HINT.search(attribute.lower()) is None:
        return ()
    return tuple((tier, key) for name in attribute.split() for tier, key in [_tier(name)] if tier >= 0)


@lru_cache(maxsize=2_048)
def _tier(name: str) -> tuple[int, str]:
    """The tier of a class name or id, -1 for none, and the name without its numbers."""
    lowered = name.lower()
    if len(name) < 2 or len(name) > 60 or _ANY_NAME.fullmatch(lowered) is None:
        return -1, ""
    tier = next((n for n, pattern in enumerate(_NAMES) if pattern.fullmatch(lowered)), -1)
    return tier, re.sub(r"\d+", "0", name.casefold())


def _largest(groups: dict[str, list[HtmlElement]]) -> tuple[tuple[HtmlElement, ...], str, int]:
    best: tuple[tuple[HtmlElement, ...], str, int] = ((), "", 0)
    for name, group in groups.items():
        bodies = _outermost(group)
        size = _size(bodies)
        if size > best[2] * 1.05 or (size > best[2] * 0.85 and len(bodies) > len(best[0])):
            best = (bodies, name, size)
    return best


def _outermost(elements: Sequence[HtmlElement]) -> tuple[HtmlElement, ...]:
    chosen = set(elements)
    return tuple(e for e in elements if not any(a in chosen for a in e.iterancestors()))


def _size(elements: Sequence[HtmlElement]) -> int:
    return sum(len(" ".join(text_within(e).split())) for e in elements)
