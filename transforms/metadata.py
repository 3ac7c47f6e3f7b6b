"""What a page says about its article besides the text: one reading of the tree, each field with the rule that gave it.

Sources are asked in the order of how often they are right: JSON-LD of this page's own article, meta tags, microdata,
by-lines and date lines, and htmldate last. What was proposed and not taken is kept as a rejected candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lxml.html import HtmlElement

from transforms import meta_tags as names
from transforms.authors import is_organisation
from transforms.authorship import find_authors
from transforms.canonical import declared_canonical, next_page
from transforms.descriptors import (
    find_description,
    find_image,
    find_is_free,
    find_language,
    find_page_type,
    find_section,
    find_site_name,
    find_tags,
    names_of,
)
from transforms.headings import Headings, read_headings
from transforms.jsonld import read_jsonld
from transforms.jsonld_article import OwnNodes, address_key, own_nodes, squashed
from transforms.meta_tags import MetaTags, read_meta_tags
from transforms.names import Names, read_names
from transforms.page import Page
from transforms.plain import plain
from transforms.published import find_modified, find_published
from transforms.reading import Reading, lines_around, marks_of, puts_day_first
from transforms.schema import PageType, Precision
from transforms.titles import Candidate, Chosen, choose_title
from transforms.url import registrable_domain

_VALUE_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The fields of an article that are not its text. Times are UTC; None or empty where the page does not say."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    """Those of the authors that are newsrooms, agencies or companies."""
    published_at: datetime | None = None
    published_date: date | None = None
    published_precision: Precision | None = None
    modified_at: datetime | None = None
    declared_canonical_url: str | None = None
    next_page_url: str | None = None
    site_name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    section: str | None = None
    image_url: str | None = None
    is_free: bool | None = None
    page_type: PageType | None = None
    language: str | None = None
    title_rule: str | None = None
    authors_rule: str | None = None
    published_rule: str | None = None
    candidates: tuple[tuple[str, str, str], ...] = ()
    """(field, rule, value) of what was proposed and not taken."""


def read_metadata(
    tree: HtmlElement, page: Page, *, date_format: str | None = None, named: Names | None = None
) -> Metadata:
    """All metadata of the page that `tree` was parsed from. The tree stays as it is; nothing is raised.

    `date_format` is how the site prints its dates, where somebody has said so; `named` are the names of the tree's
    elements, where they were read already.
    """
    named = named or read_names(tree)
    host = address_key(page.final_url + "/.").split("/")[0]
    meta, headings = read_meta_tags(named.of("meta")), read_headings(named)
    canonical = declared_canonical(named.of("link"), meta, page.final_url)
    addresses = frozenset({address_key(u) for u in (page.url, page.final_url, canonical or "")} - {""})
    data = read_jsonld(named.of("script"))
    own = own_nodes(data, addresses, headings.squashed() | {squashed(meta.first(("og:title",))[1])})
    site_name = find_site_name(meta, own)
    house = _house(host, site_name, own)
    title = _title(meta, own, headings, house)
    lines = lines_around(headings.element_of(title.winner.value if title.winner else None, named))
    language = find_language(tree, meta, own)
    is_day_first = puts_day_first(tree, language, host)
    marks = marks_of(named, host)
    page_type = find_page_type(named, meta, own)
    reading = Reading(
        page,
        tree,
        named,
        meta,
        own,
        headings,
        site_name,
        house,
        language,
        is_day_first,
        page_type,
        lines,
        marks,
        date_format,
    )
    credited, dated, modified = find_authors(reading), find_published(reading), find_modified(reading)
    published = dated.moment
    rejected = [("title", c.rule, c.value) for c in title.rejected]
    rejected += [("authors", r, v) for r, v in credited.rejected]
    rejected += [("published_at", r, v) for r, v in dated.rejected]
    return Metadata(
        title=title.winner.value if title.winner else None,
        authors=credited.names,
        organisations=tuple(a for a in credited.names if is_organisation(a)),
        published_at=published.at if published else None,
        published_date=published.day if published else None,
        published_precision=published.precision if published else None,
        modified_at=modified.at if modified else None,
        declared_canonical_url=canonical,
        next_page_url=next_page(named.related("next"), page.final_url),
        site_name=site_name or None,
        title_rule=title.winner.rule if title.winner else None,
        authors_rule=credited.rule,
        published_rule=dated.rule,
        candidates=tuple((f, r, v[:_VALUE_MAX]) for f, r, v in rejected),
        description=find_description(meta, own),
        tags=find_tags(meta, own),
        section=find_section(meta, own),
        image_url=find_image(meta, own, page.final_url),
        is_free=find_is_free(meta, own),
        page_type=page_type,
        language=language,
    )


def _title(meta: MetaTags, own: OwnNodes, headings: Headings, house: frozenset[str]) -> Chosen:
    others = [Candidate(f"jsonld:{n}", plain(v)) for n, v in own.values("headline") if plain(v)]
    others += [Candidate(n, v) for n, v in meta.every(names.TITLE)]
    others += [Candidate("title", headings.document_title)]
    return choose_title([h for h, _ in headings.h1s], others, house)


def _house(host: str, site_name: str, own: OwnNodes) -> frozenset[str]:
    """Squashed names of the site itself: its name, its publisher, its host with and without the suffix."""
    labels = {host, host.rsplit(".", 1)[0], registrable_domain(host).split(".")[0], site_name}
    labels.update(n for _, value in own.values("publisher") for n in names_of(value, own.data))
    return frozenset({squashed(label) for label in labels} - {""})
