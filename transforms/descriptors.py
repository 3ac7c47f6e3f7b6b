"""The lesser fields: site name, description, tags, section, lead picture, whether it is free, language, kind of page.

Each is what the page states and nothing more: a field that no source states stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from transforms import meta_tags as names
from transforms.authors import unique
from transforms.canonical import absolute
from transforms.jsonld import LinkedData
from transforms.jsonld_article import OwnNodes
from transforms.meta_tags import MetaTags
from transforms.names import Names
from transforms.plain import plain
from transforms.schema import PageType

_TAG_MAX = 100
_TAGS_MAX = 50
_NAMES_MAX = 50
_NESTING_MAX = 3
"""A name can point to itself by its @id."""
_LIST = re.compile(r"\s*[,;|،、，]\s*")
_FORUM_TYPES = frozenset({"discussionforumposting", "qapage", "question"})
_DOCUMENTATION_TYPES = frozenset({"techarticle", "apireference"})
_FORUM_SOFTWARE = re.compile(
    r"discourse|phpbb|vbulletin|xenforo|mybb|invision|ip\.board|smf|flarum|nodebb|vanilla forum|yabb|punbb", re.I
)
_DOCUMENTATION_SOFTWARE = re.compile(
    r"sphinx|mkdocs|docusaurus|gitbook|mdbook|rustdoc|javadoc|doxygen|vitepress|antora|readthedocs|docutils", re.I
)
_FORUM_MARKUP = ("/QAPage", "/Question", "/DiscussionForum")
_CONTAINERS = ("html", "body", "main", "article", "div")
_CONTAINERS_MAX = 60
_TRUE, _FALSE = (
    frozenset({"true", "1", "yes", "free"}),
    frozenset({"false", "0", "no", "locked", "metered", "paid", "premium"}),
)


def names_of(value: Any, data: LinkedData, depth: int = 0) -> list[str]:
    """The names in a JSON-LD value: text, object, reference, or a list of any of them."""
    found: list[str] = []
    for item in value[:_NAMES_MAX] if isinstance(value, list) else [value]:
        node = data.resolve(item)
        if isinstance(node, dict):
            name = node.get("name") or node.get("author")
            is_nested = isinstance(name, list | dict) and depth < _NESTING_MAX
            found.extend(names_of(name, data, depth + 1) if is_nested else [plain(name)])
        elif isinstance(node, str):
            found.append(plain(node))
    return [f for f in found if f][:_NAMES_MAX]


def find_site_name(meta: MetaTags, own: OwnNodes) -> str:
    """The site's own name, or ""."""
    said = [v for _, v in meta.every(names.SITE[:1])]
    said += [n for _, v in own.values("publisher") for n in names_of(v, own.data)]
    said += [plain(n.data.get("name")) for n in own.data.nodes if "website" in n.types]
    said += [v for _, v in meta.every(names.SITE)]
    return next((s for s in said if s and not s.startswith(("http:", "https:"))), "")


def find_description(meta: MetaTags, own: OwnNodes) -> str | None:
    """The page's own summary."""
    said = [v for _, v in meta.every(names.DESCRIPTION)] + [plain(v) for _, v in own.values("description")]
    return next((s for s in said if s), None)


def find_tags(meta: MetaTags, own: OwnNodes) -> tuple[str, ...]:
    """The keywords of the first source that states any."""
    for name in names.TAGS[:-1]:
        tags = _listed(meta.values.get(name, ()))
        if tags:
            return tags
    for _, value in own.values("keywords"):
        tags = _listed(names_of(value, own.data))
        if tags:
            return tags
    return _listed(meta.values.get("keywords", ()))


def find_section(meta: MetaTags, own: OwnNodes) -> str | None:
    """The section that the page names."""
    said = [n for _, v in own.values("articleSection") for n in names_of(v, own.data)]
    said += [v for _, v in meta.every(names.SECTION)]
    return next((s for s in said if s and len(s) <= _TAG_MAX), None)


def find_image(meta: MetaTags, own: OwnNodes, base: str) -> str | None:
    """The absolute address of the lead picture."""
    said: list[Any] = [v for _, v in meta.every(names.IMAGE)]
    said += [a for _, v in own.values("image", "thumbnailUrl") for a in _addresses(v, own.data)]
    return next((url for url in (absolute(base, s) for s in said) if url), None)


def find_is_free(meta: MetaTags, own: OwnNodes) -> bool | None:
    """Whether the page says that it can be read without paying; None where it does not say."""
    said = [str(v) for _, v in own.values("isAccessibleForFree")] + [v for _, v in meta.every(names.FREE)]
    for value in said:
        word = re.split(r"[/#]", value)[-1].strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    return None


def find_language(tree: HtmlElement, meta: MetaTags, own: OwnNodes) -> str | None:
    """The language that the page declares, as a code without region: a hint, for many pages declare another."""
    said = [tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""]
    said += [plain(v) for _, v in own.values("inLanguage")] + [v for _, v in meta.every(names.LANGUAGE)]
    for value in said:
        code = value.replace("_", "-").split("-")[0].split(",")[0].strip().lower()
        if 2 <= len(code) <= 3 and code.isascii() and code.isalpha():
            return code
    return None


def find_page_type(named: Names, meta: MetaTags, own: OwnNodes) -> PageType | None:
    """The kind of page by schema.org type and generator; None where neither says."""
    generator = " ".join(meta.values.get("generator", ()))
    types = own.best.types if own.best else frozenset()
    if _FORUM_SOFTWARE.search(generator) or types & _FORUM_TYPES or _is_marked_forum(named):
        return PageType.FORUM
    if _DOCUMENTATION_SOFTWARE.search(generator) or types & _DOCUMENTATION_TYPES:
        return PageType.DOCUMENTATION
    is_article = any(t.endswith(("article", "posting", "report")) for t in types)
    return PageType.ARTICLE if is_article or "article" in meta.values.get("og:type", ()) else None


def _is_marked_forum(named: Names) -> bool:
    """Whether one of the outer containers says by microdata that it holds a thread or a question."""
    marked = [d.element for d in named.declared if d.itemtype and any(mark in d.itemtype for mark in _FORUM_MARKUP)]
    return bool(marked) and not set(named.of(*_CONTAINERS)[:_CONTAINERS_MAX]).isdisjoint(marked)


def _listed(values: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    parts = [p.strip(" #") for v in values for p in (_LIST.split(v) if len(values) == 1 else [v])]
    return unique((p for p in parts if p and len(p) <= _TAG_MAX), _TAGS_MAX)


def _addresses(value: Any, data: LinkedData) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        node = data.resolve(item)
        if isinstance(node, dict):
            address = node.get("url") or node.get("contentUrl") or node.get("@id")
            if isinstance(address, str):
                yield address
        elif isinstance(node, str):
            yield node
