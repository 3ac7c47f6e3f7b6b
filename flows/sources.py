"""sources.toml read into checked values: a wrong file gives one line that names the file, the source and the key.

A source says where links come from (`kind` and its address), which of them count (`include`, `exclude`, regular
expressions searched for in the normalised URL), and how often to look. What it leaves out comes from the settings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows.source_keys import (
    KeyProblemError,
    date_format,
    duration,
    durations,
    flag,
    headers,
    number,
    patterns,
    selectors,
    text_of,
    texts,
)
from transforms.page import SiteRules
from transforms.url import is_web
from warehouse.errors import UserError

DEFAULT_GROUP = "default"
"""The group of a source that names none."""


class Kind(StrEnum):
    """Where a source's links come from."""

    FEED = "feed"
    SITEMAP = "sitemap"
    URLS = "urls"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One checked `[[source]]` table. Sources are made by `load_sources` or, for a list of URLs, `urls_source`."""

    id: str
    kind: Kind
    urls: tuple[str, ...] = ()
    """Addresses of the feeds, sitemaps or home pages; for kind `urls` the pages themselves."""
    file: Path | None = None
    """For kind `urls`: a file with one URL a line, read anew for each run. Empty lines and `#` lines are left out."""
    include: tuple[re.Pattern[str], ...] = ()
    """A URL counts if any of these is found in its normalised form; none means all."""
    exclude: tuple[re.Pattern[str], ...] = ()
    """A URL does not count if any of these is found in its normalised form."""
    max_pages: int = 1_000
    """Pages asked for in one run, at most."""
    max_depth: int = 3
    """For kind `site`: clicks from the home page, at most."""
    group: str = DEFAULT_GROUP
    """The group that schedules name; a schedule may be for some groups only."""
    interval: timedelta | None = None
    """Pause between two looks at the feed or sitemap; None lets it follow how often the source has something new."""
    revisit_after: tuple[timedelta, ...] | None = None
    """Pauses between visits of a fetched page; None takes the setting. Empty: fetched once."""
    keep_revisiting: bool = False
    """Whether the last of these pauses is repeated for ever; else a page is left alone after it."""
    obey_opt_out: bool = False
    """Whether a page that opts out of text and data mining is left out (the signal is recorded in any case)."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers sent to this source's own sites only, such as a subscriber's Authorization."""
    drop: tuple[str, ...] = ()
    """CSS selectors of parts of its pages that are no text of an article."""
    date_format: str | None = None
    """How its pages print dates, in strptime's words."""

    def in_scope(self, url: str) -> bool:
        """Whether a normalised URL passes include and exclude."""
        if any(p.search(url) for p in self.exclude):
            return False
        return not self.include or any(p.search(url) for p in self.include)


def pause_s(source: Source | None, visits: int, standard: Sequence[timedelta]) -> float | None:
    """Seconds from a page's visit number `visits` (0 is the first) to the next; None where there is to be none.

    `standard` stands in for what the source leaves out, and for a source that is no longer there.
    """
    own = source.revisit_after if source is not None else None
    pauses = standard if own is None else own
    if visits < len(pauses):
        return pauses[visits].total_seconds()
    return pauses[-1].total_seconds() if pauses and source is not None and source.keep_revisiting else None


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS_KEYS = ("url", "urls", "file")
_SCOPE_KEYS = ("include", "exclude", "max_pages", "max_depth", "obey_opt_out")
_PAGE_KEYS = ("drop", "date_format")
_KEYS = (
    *("id", "kind", "group", *_ADDRESS_KEYS, *_SCOPE_KEYS),
    *("interval", "revisit_after", "keep_revisiting", "headers", *_PAGE_KEYS),
)
_RESERVED = frozenset(["ingest"])


def load_sources(path: Path) -> tuple[Source, ...]:
    """The sources of a file, in its order. Raises UserError, one line that names the file, the source and the key."""
    sources = _sources_of(path)
    if not sources:
        raise UserError(f"{path}: holds no [[source]] table")
    return sources


def load_site_rules(path: Path) -> tuple[SiteRules, ...]:
    """What the sources of a file say is special about their pages; nothing where there is no such file.

    Raises UserError as `load_sources` does.
    """
    if not path.exists():
        return ()
    return tuple(
        SiteRules(source=source.id, drop=source.drop, date_format=source.date_format)
        for source in _sources_of(path)
        if source.drop or source.date_format
    )


def _sources_of(path: Path) -> tuple[Source, ...]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such sources file; name one with --sources") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: is not valid TOML: {error}") from error
    for key in document:
        if key != "source":
            raise UserError(f"{path}: unknown key {key!r}: sources are written as [[source]] tables")
    tables = document.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise UserError(f"{path}: key 'source' must be written as [[source]], with two brackets")
    sources: dict[str, Source] = {}
    for place, table in enumerate(tables, 1):
        name = f"source {table['id']!r}" if isinstance(table.get("id"), str) else f"source number {place}"
        try:
            source = _read(table, path.parent)
            if source.id in sources:
                raise KeyProblemError("key 'id': another source has the same id")
        except KeyProblemError as wrong:
            raise UserError(f"{path}: {name}: {wrong}") from None
        sources[source.id] = source
    return tuple(sources.values())


def select_sources(sources: tuple[Source, ...], ids: tuple[str, ...]) -> tuple[Source, ...]:
    """The sources with these ids; all of them where none is named. Raises UserError for an unknown id."""
    known = {s.id: s for s in sources}
    for wanted in ids:
        if wanted not in known:
            raise UserError(f"no source {wanted!r}; known are {', '.join(sorted(known))}")
    return tuple(known[i] for i in dict.fromkeys(ids)) if ids else sources


def sources_of_groups(sources: tuple[Source, ...], groups: tuple[str, ...]) -> tuple[Source, ...]:
    """The sources in these groups; all of them where none is named. A group may have none: its schedule is ready."""
    return tuple(s for s in sources if not groups or s.group in groups)


def urls_source(path: Path, source_id: str = "ingest") -> Source:
    """A source over a file with one URL a line. Raises UserError where the file cannot be read or holds no URL."""
    source = Source(id=source_id, kind=Kind.URLS, file=path, max_pages=10_000_000)
    if not read_urls(source):
        raise UserError(f"{path}: holds no URL")
    return source


def read_urls(source: Source) -> tuple[str, ...]:
    """The pages that a source of kind `urls` lists now. Raises UserError where its file cannot be read."""
    if source.file is None:
        return source.urls
    try:
        text = source.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{source.file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    lines = (line.strip() for line in text.splitlines())
    return source.urls + tuple(line for line in lines if line and not line.startswith("#"))


def _read(table: dict[str, Any], folder: Path) -> Source:
    for key in table:
        if key not in _KEYS:
            raise KeyProblemError(f"unknown key {key!r}; the keys are {', '.join(_KEYS)}")
    source_id = text_of(table, "id")
    if not _ID.fullmatch(source_id) or source_id in _RESERVED:
        raise KeyProblemError("key 'id': must be letters, digits, '.', '_' or '-', at most 64, and not 'ingest'")
    group = text_of(table, "group") if "group" in table else DEFAULT_GROUP
    if not _ID.fullmatch(group):
        raise KeyProblemError("key 'group': must be letters, digits, '.', '_' or '-', at most 64")
    kind = _kind(table)
    urls, file = _addresses(table, kind, folder)
    return Source(
        id=source_id,
        kind=kind,
        group=group,
        urls=urls,
        file=file,
        include=patterns(table, "include"),
        exclude=patterns(table, "exclude"),
        max_pages=number(table, "max_pages", 1_000),
        max_depth=number(table, "max_depth", 3),
        interval=duration("interval", table["interval"]) if "interval" in table else None,
        revisit_after=durations(table),
        keep_revisiting=flag(table, "keep_revisiting"),
        obey_opt_out=flag(table, "obey_opt_out"),
        headers=headers(table),
        drop=selectors(table, "drop"),
        date_format=date_format(table, "date_format"),
    )


def _kind(table: dict[str, Any]) -> Kind:
    try:
        return Kind(text_of(table, "kind"))
    except ValueError:
        raise KeyProblemError(f"key 'kind': {table['kind']!r} is none of {', '.join(Kind)}") from None


def _addresses(table: dict[str, Any], kind: Kind, folder: Path) -> tuple[tuple[str, ...], Path | None]:
    given = [key for key in _ADDRESS_KEYS if key in table]
    if len(given) != 1:
        raise KeyProblemError("needs exactly one of the keys 'url', 'urls' and 'file'")
    if given == ["file"]:
        if kind is not Kind.URLS:
            raise KeyProblemError(f"key 'file': only for kind 'urls', not {kind.value!r}")
        return (), folder / text_of(table, "file")
    urls = texts(table, given[0])
    for url in urls:
        if not is_web(url):
            raise KeyProblemError(f"key {given[0]!r}: {url!r} is not an http or https URL")
        if "@" in urlsplit(url).netloc:
            # it would stand in logs, captures and the warehouse
            raise KeyProblemError(f"key {given[0]!r}: holds a password; send it with headers = {{ Authorization = … }}")
    if not urls:
        raise KeyProblemError(f"key {given[0]!r}: is empty")
    return urls, None
