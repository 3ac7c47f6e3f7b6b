"""What goes into extraction and what comes out of it: the seam between the pool and the transforms.

Values only, so that a page can travel to a child process and its result back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from transforms.outcome import Outcome
from transforms.schema import Article, Comment, Evidence, Link, Signature, Wall
from transforms.values import sent_as_values


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One archived response, as extraction needs it. `body` is as sent: still in its content coding."""

    capture_id: str
    url: str
    """The address that was asked for."""
    final_url: str
    """The address that answered."""
    source: str
    captured_at: datetime
    content_type: str | None
    """The Content-Type header as sent, charset included; `text/plain` takes the way of flattened documents."""
    content_encoding: str | None
    """The Content-Encoding header as sent, or None."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What sources.toml says is special about the pages of one source."""

    source: str
    drop: tuple[str, ...] = ()
    """CSS selectors of parts that are no text of an article."""
    date_format: str | None = None
    """How the site prints its dates, in strptime's words: `%d.%m.%Y`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """What a user may set about extraction. The same bytes and options give the same record."""

    decoded_bytes_max: int = 64_000_000
    pseudonyms: bool = False
    """Whether readers' names in comments are replaced by pseudonyms."""
    pseudonym_key: str = ""
    """Secret that the pseudonyms are made with: keep it, and the same name gives the same pseudonym."""
    site_rules: tuple[SiteRules, ...] = ()
    """At most one a source."""

    def rules_of(self, source: str) -> SiteRules:
        """What is special about a source's pages; rules that change nothing where nothing is."""
        return next((rules for rules in self.site_rules if rules.source == source), SiteRules(source=source))


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """A page that gave an article."""

    article: Article
    comments: tuple[Comment, ...]
    evidence: tuple[Evidence, ...]
    links: tuple[Link, ...] = ()
    signature: Signature | None = None
    structure: int | None = None
    """The signature of its template (`transforms.structure`)."""
    wall: Wall | None = None


@sent_as_values
@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A page that gave none, and why."""

    outcome: Outcome
    detail: str | None = None
    structure: int | None = None
    wall: Wall | None = None
