"""The meta tags of a page: names in lower case, values as written, in the page's order.

Only names that some rule asks for are kept, and every length is capped before anything looks at it: pages exist whose
author tag alone has half a megabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from transforms.plain import plain

_TAGS_MAX = 2_000
_VALUES_MAX = 50
_NAMING = ("property", "name", "itemprop", "http-equiv")

AUTHOR = (
    "author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator", "dcsext.author",
    "article:author_name", "article:author", "og:author", "og:article:author", "cxenseparse:author", "mrf:authors",
    "citation_author", "content-creator", "rbauthors", "shareaholic:article_author_name", "author_name", "authors",
    "creator", "vr:author", "bt:author", "page.author", "author.name",
)  # fmt: skip
PUBLISHED = (
    "article:published_time", "datepublished", "og:article:published_time", "article:published", "og:published_time",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "rnews:datepublished",
    "og:datepublished", "og:pubdate", "og:publish_date", "article:publicationdate", "article_date_original",
    "article.published", "article:published:time", "published_at", "publish_date", "publishdate", "publish-date",
    "publication_date", "published_time", "published-date", "ptime", "pubdate", "pub_date", "date-pub", "pdate",
    "dcterms.issued", "dc.date.issued", "dcterms.created", "dc.date.created", "dcterms.date", "dc.date",
    "date.release", "date.created", "datecreated", "citation_publication_date", "citation_online_date",
    "displaydate", "originalpublicationdate", "cdc:first_published", "cms_creationdate", "date", "published", "created",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "datemodified", "og:article:modified_time", "article:modified", "article:modified:time",
    "og:updated_time", "og:modified_time", "dcterms.modified", "dc.date.modified", "date.modified", "date.updated",
    "cxenseparse:modified_time", "lastmod", "last-modified", "last-modified-date", "lastmodified", "modified_time",
    "updated_at", "revised", "ms.date",
)  # fmt: skip
TITLE = (
    "og:title", "twitter:title", "sailthru.title", "parsely-title", "dc.title", "dcterms.title", "citation_title",
    "headline", "title", "cxenseparse:title", "twitter:text:title", "fulltitle",
)  # fmt: skip
DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
SITE = ("og:site_name", "application-name", "apple-mobile-web-app-title", "al:android:app_name", "al:ios:app_name")
TAGS = ("article:tag", "og:article:tag", "news_keywords", "sailthru.tags", "parsely-tags", "keywords")
SECTION = ("article:section", "og:article:section", "articlesection", "og:section", "sailthru.section",
           "sailthru_section", "parsely-section", "dc.subject", "section", "outbrainsection")  # fmt: skip
IMAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail")
FREE = ("isaccessibleforfree", "article:content_tier", "og:article:content_tier", "article:opinion_free")
LANGUAGE = ("og:locale", "content-language", "inlanguage", "language", "dc.language", "dcterms.language")
KIND = ("og:type", "generator", "og:url", "twitter:creator", "twitter:site", "article:publisher", "publisher")
CARD = ("twitter:label1", "twitter:data1", "twitter:label2", "twitter:data2", "twitter:misc:written by")
_WRITTEN = re.compile(
    r"(?:written by|by|author|verfasst von|geschrieben von|von|autor|écrit par|auteur|escrito por|publicado por|"
    r"scritto da|door|geschreven door|skrevet av|skriven av|napisane przez|"
    r"napisał|автор|написано|yazan|작성자|投稿者|執筆者|作者)\b",
    re.IGNORECASE,
)

_KNOWN = frozenset(
    AUTHOR + PUBLISHED + MODIFIED + TITLE + DESCRIPTION + SITE + TAGS + SECTION + IMAGE + FREE + LANGUAGE + KIND + CARD
)


@dataclass(frozen=True, slots=True)
class MetaTags:
    """Values by name; a name that stands twice has both values."""

    values: dict[str, tuple[str, ...]]
    written_by: tuple[str, ...] = ()
    """Values of `twitter:dataN` whose label says "Written by" in some language."""

    def first(self, names: Iterable[str]) -> tuple[str, str]:
        """The first of `names` that has a value, with it; ("", "") where none has."""
        for name in names:
            for value in self.values.get(name, ()):
                return name, value
        return "", ""

    def every(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """All values of `names` with their name, in the order of `names`."""
        return [(name, value) for name in names for value in self.values.get(name, ())]


def read_meta_tags(tags: Sequence[HtmlElement]) -> MetaTags:
    """Those of a page's meta tags that are known; a tag with several names counts under each of them."""
    found: dict[str, list[str]] = {}
    for element in tags[:_TAGS_MAX]:
        content = element.get("content")
        if not content:
            continue
        for name in _names(element):
            value = plain(content)
            kept = found.setdefault(name, [])
            if value and value not in kept and len(kept) < _VALUES_MAX:
                kept.append(value)
    return MetaTags({name: tuple(values) for name, values in found.items()}, _written_by(found))


def _names(element: HtmlElement) -> list[str]:
    """The known names of a meta tag, by each of the attributes that can hold one."""
    found: list[str] = []
    for attribute in _NAMING:
        written = element.get(attribute)
        if written and (name := written.strip()[:80].lower()) in _KNOWN and name not in found:
            found.append(name)
    return found


def _written_by(found: dict[str, list[str]]) -> tuple[str, ...]:
    pairs = (("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2"))
    labelled = [
        v for label, data in pairs if _WRITTEN.match(" ".join(found.get(label, ()))) for v in found.get(data, ())
    ]
    return tuple(labelled or found.get("twitter:misc:written by", ()))
