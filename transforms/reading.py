"""Everything of one page that the rules for its fields look at, read once.

What is dear is a function that reads at its first call: most pages never need it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from lxml.html import HtmlElement

from transforms.headings import Headings
from transforms.jsonld_article import OwnNodes
from transforms.marks import Marks, is_pictured, read_marks
from transforms.meta_tags import MetaTags
from transforms.names import Names
from transforms.near import lines_after, lines_before
from transforms.page import Page
from transforms.schema import PageType

_DAY_FIRST_REGIONS = frozenset({"gb", "uk", "au", "nz", "in", "ie", "za", "ng", "ke", "gh", "sg", "my", "hk", "pk"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as its metadata rules see it."""

    page: Page
    tree: HtmlElement
    named: Names
    meta: MetaTags
    own: OwnNodes
    headings: Headings
    site_name: str
    house: frozenset[str]
    """Squashed names of the site itself."""
    language: str | None
    is_day_first: bool
    """Whether 3/4/2024 is the third of April here."""
    page_type: PageType | None
    """The kind of page, as far as its markup says."""
    lines: tuple[str, ...]
    """Short lines around the headline: those below it in order, then those above it, nearest first."""
    marks: Callable[[], Marks]
    date_format: str | None = None
    """How the site prints its dates, where sources.toml says so."""

    def is_pictured(self, name: str) -> bool:
        """Whether a picture of the page bears `name`."""
        return is_pictured(self.named, name)


def lines_around(heading: HtmlElement | None) -> tuple[str, ...]:
    """The short lines around a heading; none where there is no heading."""
    return (*lines_after(heading, 14), *lines_before(heading, 6)) if heading is not None else ()


def marks_of(named: Names, host: str) -> Callable[[], Marks]:
    """The marks of the page, read when they are first asked for."""
    return cache(lambda: read_marks(named, host))


def puts_day_first(tree: HtmlElement, language: str | None, host: str) -> bool:
    """Whether the page's number dates begin with the day: all but American English does."""
    if language != "en":
        return True
    region = (tree.get("lang") or "").replace("_", "-").lower().partition("-")[2]
    return (region or host.rpartition(".")[2]) in _DAY_FIRST_REGIONS
