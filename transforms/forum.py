"""Forum threads and question pages: there the posts are the content, each with who wrote it and when.

A page is one when it says so, by schema.org type or by the program that made it, and its posts can be found. A blog
article with comments says neither; were it taken for a thread, its comments would enter the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from lxml.html import HtmlElement

from transforms.comments_dates import find_moment, to_moment
from transforms.comments_fields import author_among, own_elements, printed_time
from transforms.comments_text import block_lines
from transforms.element_text import text_within
from transforms.forum_posts import Bodies, has_forum_name, post_bodies
from transforms.names import Names, read_names

_TYPES = re.compile(r"schema\.org/(?:DiscussionForumPosting|QAPage)$")
_DECLARING = ("div", "article", "main", "section", "body", "html")
_JSON_TYPES = re.compile(r'"@type"\s*:\s*\[?\s*"(?:DiscussionForumPosting|QAPage)"')
_ARTICLE_TYPES = re.compile(r'"@type"\s*:\s*\[?\s*"(?:\w*Article|BlogPosting|Product|Recipe|FAQPage|HowTo)"')
_GENERATORS = re.compile(
    r"phpbb|vbulletin|xenforo|discourse|mybb|simple machines|\bsmf\b|flarum|nodebb|vanilla|invision|ips community|"
    r"fluxbb|punbb|"
    r"jforum|bbpress|woltlab|burning board|lemmy|answerhub|question2answer|askbot|yabb|phorum|esotalk|codoforum|"
    r"tapatalk|"
    r"stack ?exchange|khoros|lithium",
    re.IGNORECASE,
)
_MARK_STARTS = ("powered by", "forum software by", "community platform by", "running")
_MARKS = re.compile(
    r"\b(?:powered by|forum software by|community platform by|running)\s+(?:phpbb|vbulletin|xenforo|discourse|mybb|smf|"
    r"simple machines|flarum|nodebb|vanilla|invision|fluxbb|punbb|woltlab)",
    re.IGNORECASE,
)
_NAMES = frozenset(
    (
        *("phpbb", "xf", "xenforo", "vbulletin", "discourse", "mybb", "flarum", "nodebb", "ipsapp", "woltlab"),
        *("viewtopic", "showthread", "threadview", "section-viewtopic", "topic-page", "question-page", "forum-thread"),
        *("thread-view", "crawler"),
    )
)
_NAME = re.compile(r"[\w-]+")
_DROPPED = re.compile(
    r"(?:^|[\s_-])(?:signature|sig|onebox|lightbox|attachments?|reactions?|likes?|expandLink|lastedit|editnote|"
    r"edited|quotetitle)(?:$|[\s_-])",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"(?:last )?(?:edited|modified)\b.{0,80}|click to (?:expand|shrink)\.*|view:? https?://\S+|post #?\d+|#\d+|reply|"
    r"quote|report",
    re.IGNORECASE,
)
_THREAD_LINK = re.compile(
    r"viewtopic|viewforum|showthread|forumdisplay|memberlist|member\.php|/threads/|index\.php\?/?topic|[?&]topic=\d"
)
_THREAD_WORDS = ("view", "showthread", "forumdisplay", "member", "/threads/", "topic")
"""One of these is in each address that has this form."""
_THREAD_ADDRESS = re.compile(r"/forums?/.|//forums?\.[^/]+/.|/topic/\d|/thread[s-]|/discussions?/\d|//boards?\.[^/]+/.")
_LINKS_LEAST = 3
_LEAST_CHARS = 40


@dataclass(frozen=True, slots=True)
class Post:
    """One post: its text in lines, and who wrote it and when as far as the page says."""

    text: str
    author: str | None = None
    printed_time: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForumThread:
    """The posts of a page in its order, and the rule that found them."""

    rule: str
    posts: tuple[Post, ...]

    @property
    def text(self) -> str:
        """The thread as it reads: for each answer its author, its time as printed, and its text.

        The first post is its text alone: who began the thread and when are fields of the record, as on any article.
        """
        lines = [line for p in self.posts[1:] for line in (p.author, p.printed_time, p.text) if line]
        return "\n".join((self.posts[0].text, *lines))


def detect_forum(tree: HtmlElement, names: Names | None = None) -> ForumThread | None:
    """The thread that a page is, or None for any other page. The tree is only read.

    `names` are those of the tree, where they were read already.
    """
    names = names or read_names(tree)
    is_sure = _says_so(names)
    if not is_sure and (_states_article(names) or not (has_forum_name(names) or _has_thread_address(names))):
        return None  # before the posts are looked for, which is dear: most pages of a newspaper end here
    found = post_bodies(names)
    if not found.elements or not (is_sure or _is_by_structure(names, found)):
        return None
    boxes = _boxes(found.elements)
    posts = tuple(post for body in found.elements for post in [_post(_core(body), boxes[body])] if post)
    are_signed = sum(p.author is not None for p in posts) >= 0.7 * len(posts)
    if not (is_sure or are_signed or _has_thread_address(names)):
        return None
    if sum(len(p.text) for p in posts) < _LEAST_CHARS:
        return None
    return ForumThread(found.rule, posts)


def _states_article(names: Names) -> bool:
    """Whether a page says by schema.org types that it is an article, or something else that is no thread."""
    return any(_ARTICLE_TYPES.search(s.text or "") for s in names.of("script")) or any(
        declared.itemprop
        and "articleBody" in declared.itemprop
        and declared.element.tag in ("div", "section", "article")
        for declared in names.declared
    )


def _is_by_structure(names: Names, found: Bodies) -> bool:
    """Two posts or more on a page that states no article, and that has a thread's address or names of a forum's own.

    Types of schema.org for single posts alone do not count: question lists and articles with comments have them.
    """
    return len(found.elements) >= 2 and (found.is_forum_name or _has_thread_address(names))


def _has_thread_address(names: Names) -> bool:
    """Whether the page's own address, or three of its links, have the form that forum programs give to threads."""
    stated = [link.get("href") for link in names.of("link") if link.get("rel") == "canonical"]
    stated += [meta.get("content") for meta in names.of("meta") if meta.get("property") == "og:url"]
    if any(_THREAD_ADDRESS.search(address) or _THREAD_LINK.search(address) for address in stated if address):
        return True
    links = {href for a in names.of("a") if (href := a.get("href"))}
    listed = "\n".join(links)
    if not any(word in listed for word in _THREAD_WORDS):
        return False
    return sum(_THREAD_LINK.search(href) is not None for href in links) >= _LINKS_LEAST


def _says_so(names: Names) -> bool:
    if any(
        declared.itemtype and _TYPES.search(declared.itemtype) and declared.element.tag in _DECLARING
        for declared in names.declared
    ):
        return True
    for meta in names.of("meta"):
        is_generator = (meta.get("name") or "").lower() in ("generator", "application-name")
        if is_generator and _GENERATORS.search(meta.get("content") or ""):
            return True
    if any(_JSON_TYPES.search(s.text or "") for s in names.of("script") if "ld+json" in (s.get("type") or "").lower()):
        return True
    for holder in names.of("html", "body", "main"):
        called = " ".join(holder.get(name) or "" for name in ("id", "class", "data-app", "data-template"))
        if not _NAMES.isdisjoint(_NAME.findall(called.lower())):
            return True
    return any(map(_is_marked, names.of("footer")))


def _is_marked(footer: HtmlElement) -> bool:
    """Whether a page's foot says which program made it."""
    said = " ".join(text_within(footer)[-600:].split())
    lowered = said.lower()
    return any(start in lowered for start in _MARK_STARTS) and _MARKS.search(said) is not None


def _post(body: HtmlElement, box: HtmlElement) -> Post | None:
    dropped = frozenset(e for e in body.iter("*") if e is not body and _is_dropped(e))
    lines = [line for line in block_lines(body, dropped) if not _EDITED.fullmatch(line)]
    around = own_elements(box, frozenset((body,))) if box is not body else []
    author, printed = author_among(around), printed_time(around[1:])
    lines = [line for line in lines if line not in (author, printed)]
    if not lines:
        return None
    moment = find_moment(printed) if printed else None
    return Post("\n".join(lines), author, printed, to_moment(moment, is_day_first=None) if moment else None)


def _core(body: HtmlElement) -> HtmlElement:
    """The part of a post's body that is its text alone, where the program names one so."""
    for inner in body.iter("div", "section"):
        if inner is not body and (inner.get("class") or "").strip() in ("content", "text", "post-text", "message"):
            return inner if len(text_within(inner)) * 2 > len(text_within(body)) else body
    return body


def _is_dropped(element: HtmlElement) -> bool:
    called, own_id = element.get("class"), element.get("id")
    return bool((called and _drops(called)) or (own_id and _drops(own_id)))


@lru_cache(maxsize=4_096)
def _drops(name: str) -> bool:
    return _DROPPED.search(name) is not None


def _boxes(bodies: Sequence[HtmlElement]) -> dict[HtmlElement, HtmlElement]:
    """For each post's text the largest element around it that holds no other post."""
    holds = Counter(above for body in bodies for above in body.iterancestors())
    boxes = {}
    for body in bodies:
        inner = [a for a in body.iterancestors() if holds[a] == 1 and a.tag not in ("body", "html", "main")]
        boxes[body] = inner[-1] if inner else body
    return boxes
