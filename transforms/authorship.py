"""Who wrote an article: all that the page proposes, in the order of trust, and why one proposal wins.

Structured data is right nine times of ten. Its usual fault is to name the site itself, or an account, where the by-line
names a person: then the by-line wins, if it reads like a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from transforms import meta_tags as names
from transforms.authors import is_organisation, one_author, split_authors, unique
from transforms.bylines import marked_names, placed_names, spoken_names
from transforms.descriptors import names_of
from transforms.jsonld_article import OwnNodes, squashed
from transforms.meta_tags import MetaTags
from transforms.visible import Visible

_ACCOUNT = re.compile(r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$|^admin|admin$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credited:
    """The names that won, the rule that gave them, and (rule, names) of what lost."""

    names: tuple[str, ...] = ()
    rule: str | None = None
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorSources:
    """Where authors are looked for. `house` are squashed names of the site; `lines` stand near the headline."""

    meta: MetaTags
    own: OwnNodes
    visible: Visible
    house: frozenset[str]
    lines: tuple[str, ...]
    is_pictured: Callable[[str], bool]
    """Whether a picture of the page bears a name."""


def find_authors(sources: AuthorSources) -> Credited:
    """The authors of the article; empty where the page names none."""
    stated = [(rule, found) for rule, found in _stated(sources) if found]
    shown = [(rule, found) for rule, found in _shown(sources) if found]
    proposals = stated + shown
    if not proposals:
        found = placed_names(sources.lines, sources.is_pictured)
        return Credited(found, "placed_near_heading") if found else Credited()
    winner = next((p for p in stated if not _is_weak(p[1], sources.house)), None)
    if winner is None:
        winner = next((p for p in shown if not _is_weak(p[1], sources.house)), None)
    winner = winner or proposals[0]
    people = tuple(a for a in winner[1] if squashed(a) not in sources.house)
    winner = (winner[0], people or winner[1])
    lost = dict.fromkeys((rule, ", ".join(found)) for rule, found in proposals if found != winner[1])
    return Credited(winner[1], winner[0], tuple(lost)[:20])


def _stated(sources: AuthorSources) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in sources.own.values("author", "creator"):
        found = (a for n in names_of(value, sources.own.data) for a in one_author(n))
        yield f"jsonld:{name}", unique(found)
    for name in names.AUTHOR:
        values = sources.meta.values.get(name)
        if values:
            yield name, unique(a for v in values for a in split_authors(v))
    yield "twitter:data", unique(a for v in sources.meta.written_by for a in split_authors(v))
    yield "microdata:author", unique(a for t in _marked(sources, "microdata:author") for a in split_authors(t))


def _shown(sources: AuthorSources) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "rel=author", unique(a for t in _marked(sources, "rel=author")[:6] for a in marked_names(t))
    for line in sources.lines:
        yield "near_heading", spoken_names(line)
    for text in _marked(sources, "byline"):
        yield "byline", marked_names(text)
    for text in _marked(sources, "profile_link")[:1]:
        yield "profile_link", marked_names(text)


def _marked(sources: AuthorSources, rule: str) -> list[str]:
    return [m.text for m in sources.visible.authors if m.rule == rule]


def _is_weak(found: tuple[str, ...], house: frozenset[str]) -> bool:
    """Whether a proposal names only the site or an account, so that a by-line that names a person is better."""
    return all(squashed(a) in house or (_ACCOUNT.match(a) and not a[0].isupper()) for a in found)
