"""Who wrote an article: all that the page proposes, in the order of trust, and why one proposal wins.

Structured data is right nine times of ten. Its usual fault is to name the site itself, or an account, where the by-line
names a person: then the by-line wins, if it reads like a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms import meta_tags as names
from transforms.authors import is_organisation, one_author, split_authors, unique
from transforms.bylines import given_names, marked_names, owner, placed_names, spoken_names
from transforms.descriptors import names_of
from transforms.jsonld_article import squashed
from transforms.reading import Reading
from transforms.schema import PageType

_EDITABLE = frozenset({"author", "creator"})
"""Meta tags that systems fill with whoever typed the page in: a by-line that names another wins 4 times of 5."""
_PER_POST = frozenset({"microdata:author", "rel=author"})
_PER_POST_MAX = 5
"""Markup that stands once a post: on forums, and where it names more people than write one text, the first counts."""
_ACCOUNT = re.compile(r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$|^admin|admin$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credited:
    """The names that won, the rule that gave them, and (rule, names) of what lost."""

    names: tuple[str, ...] = ()
    rule: str | None = None
    rejected: tuple[tuple[str, str], ...] = ()


def find_authors(reading: Reading) -> Credited:
    """The authors of the article; empty where the page names none."""
    proposals = [(rule, found) for rule, found in _stated(reading) if found]
    winner = next((p for p in proposals if not _is_weak(p[1], reading.house)), None)
    if winner and winner[0] in _EDITABLE:
        winner = next((p for p in _spoken(reading) if _is_other_person(p[1], winner[1])), winner)
    if winner is None:
        shown = [(rule, found) for rule, found in _shown(reading) if found]
        winner = next((p for p in shown if not _is_weak(p[1], reading.house)), None)
        placed = placed_names(reading.lines, reading.is_pictured) if winner is None else ()
        if placed and not _is_weak(placed, reading.house):
            winner = ("placed_near_heading", placed)
        proposals += shown
    owned = owner(reading.site_name) if winner is None and not proposals else ()
    if owned:
        winner = ("site_owner", owned)
    winner = winner or next(iter(proposals), None)
    if winner is None:
        return Credited()
    rule, found = winner
    lost = dict.fromkeys((r, ", ".join(names)) for r, names in proposals if names != found)
    people = tuple(a for a in found if not _is_house(a, reading.house))
    if rule in _PER_POST and (reading.page_type is PageType.FORUM or len(found) > _PER_POST_MAX):
        people = found[:1]
    return Credited(people or found, rule, tuple(lost)[:20])


def _stated(reading: Reading) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in reading.own.values("author", "creator"):
        found = (a for n in names_of(value, reading.own.data) for a in one_author(n))
        yield f"jsonld:{name}", unique(found)
    for name in names.AUTHOR:
        values = reading.meta.values.get(name)
        if values:
            yield name, unique(a for v in values for a in split_authors(v))
    yield "twitter:data", unique(a for v in reading.meta.written_by for a in split_authors(v))


def _spoken(reading: Reading) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from (("near_heading", found) for found in map(spoken_names, reading.lines) if found)


def _shown(reading: Reading) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "microdata:author", unique(a for t in _marked(reading, "microdata:author") for a in split_authors(t))
    yield "rel=author", unique(a for t in _marked(reading, "rel=author")[:6] for a in marked_names(t))
    yield from _spoken(reading)
    for text in _marked(reading, "byline"):
        yield "byline", marked_names(text)
    for text in _marked(reading, "author name"):
        yield "author_name", given_names(text)
    for text in _marked(reading, "bio"):
        yield "bio", spoken_names(text)
    for text in _marked(reading, "profile_link"):
        if any(text in line for line in reading.lines):
            yield "profile_link", marked_names(text)
            break


def _marked(reading: Reading, rule: str) -> list[str]:
    return [m.text for m in reading.marks().authors if m.rule == rule]


def _is_other_person(shown: tuple[str, ...], stated: tuple[str, ...]) -> bool:
    """Whether a by-line names a person in full, and not the stated one with something behind the name."""
    keys = [squashed(s) for s in stated]
    is_same = any(k in squashed(name) or squashed(name) in k for name in shown for k in keys)
    return " " in shown[0] and not is_same


def _is_house(name: str, house: frozenset[str]) -> bool:
    """Whether a name is the site's own, or one of its desks."""
    key = squashed(name)
    return key in house or (is_organisation(name) and any(len(h) >= 3 and key.startswith(h) for h in house))


def _is_weak(found: tuple[str, ...], house: frozenset[str]) -> bool:
    """Whether a proposal names only the site or an account, so that a by-line that names a person is better.

    A list that begins with the site is its address, not its authors.
    """
    if squashed(found[0]) in house:
        return True
    return all(_is_of_house(squashed(a), house) or (_ACCOUNT.match(a) and not a[0].isupper()) for a in found)


def _is_of_house(key: str, house: frozenset[str]) -> bool:
    return key in house or any(len(h) >= 8 and key.startswith(h) for h in house)
