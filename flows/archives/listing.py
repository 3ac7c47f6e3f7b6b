"""What a backfill is over: WARC files named by lists, found in folders, or given themselves.

A list is text, or text in gzip, with one path or address a line, as Common Crawl publishes them; a line without a
scheme is relative to the site that the list came from, or to the folder that it lies in. Nothing is opened but lists.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from warehouse.errors import UserError

LIST_BYTES_MAX = 64_000_000
"""A month of a large crawl is a list of some 10 MB."""

_ARCHIVE = re.compile(r"(?i)\.(warc(\.(gz|zst))?|wacz)$")
_LISTS = re.compile(r"(?i)\.(paths|txt|list|urls)(\.gz)?$")


@dataclass(frozen=True, slots=True)
class Archive:
    """One WARC or WACZ file: `key` is its address or absolute path, so a file has the same key in every list."""

    key: str

    @property
    def is_remote(self) -> bool:
        """Whether it must be downloaded."""
        return _is_web(self.key)

    @property
    def name(self) -> str:
        """Its file name."""
        return (urlsplit(self.key).path if self.is_remote else self.key).rpartition("/")[2]


def archives_of(
    given: Sequence[str], *, month: str = "", base: str = "", fetch: Callable[[str], bytes]
) -> tuple[Archive, ...]:
    """The archives that `given` (lists, folders, WARC files; paths or addresses) name, each once, in their order.

    `month` (as 2026-10) leaves out archives whose path names another month, or none. `base` is what lines of a list are
    relative to. `fetch` gives the bytes of a list at an address. Raises UserError for what is not there or is empty.
    """
    found: dict[str, Archive] = {}
    for one in given:
        archives = list(_archives(one, base, fetch))
        if not archives:
            raise UserError(f"{one}: names no WARC file (.warc, .warc.gz, .warc.zst, .wacz)")
        found.update((archive.key, archive) for archive in archives)
    if not month:
        return tuple(found.values())
    year, _, number = month.partition("-")
    named = re.compile(rf"(?<!\d){year}[-/_.]?{number}")
    chosen = tuple(archive for archive in found.values() if named.search(archive.key))
    if not chosen:
        raise UserError(f"none of {len(found)} WARC files has {month} in its path")
    return chosen


def _archives(given: str, base: str, fetch: Callable[[str], bytes]) -> Iterator[Archive]:
    if _is_web(given):
        if _ARCHIVE.search(urlsplit(given).path):
            yield Archive(given)
            return
        lines = _lines(fetch(given), given)
        yield from (_remote(line, base or given) for line in lines)
        return
    path = Path(given).absolute()
    if path.is_dir():
        yield from (Archive(str(p)) for p in sorted(path.rglob("*")) if _ARCHIVE.search(p.name) and p.is_file())
    elif _ARCHIVE.search(path.name) and path.is_file() and not _LISTS.search(path.name):
        yield Archive(str(path))
    elif path.is_file():
        if path.stat().st_size > LIST_BYTES_MAX:
            raise UserError(f"{path}: larger than {LIST_BYTES_MAX} bytes, too large for a list")
        for line in _lines(path.read_bytes(), given):
            if _is_web(line) or base:
                yield _remote(line, base)
            else:
                yield Archive(str((path.parent / line).absolute()))
    else:
        raise UserError(f"{path}: no such file or folder")


def _remote(line: str, base: str) -> Archive:
    if _is_web(line):
        return Archive(line)
    # Common Crawl's lines are relative to the root of its site, whatever the list's own place
    root = base if base.endswith("/") else urljoin(base, "/")
    return Archive(urljoin(root, line.lstrip("/")))


def _lines(content: bytes, place: str) -> Iterator[str]:
    if content.startswith(b"\x1f\x8b"):
        try:
            content = _gunzip(content)
        except (OSError, EOFError) as error:
            raise UserError(f"{place}: is no whole gzip file: {error}") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{place}: is no list in UTF-8: {error}") from error
    for raw in text.splitlines():
        line = raw.strip()
        if line and not line.startswith("#"):
            if not _ARCHIVE.search(urlsplit(line).path if _is_web(line) else line):
                raise UserError(f"{place}: {line[:200]!r} names no WARC file")
            yield line


def _gunzip(content: bytes) -> bytes:
    import io

    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        text = file.read(LIST_BYTES_MAX + 1)
    if len(text) > LIST_BYTES_MAX:
        raise OSError(f"more than {LIST_BYTES_MAX} bytes of list")
    return text


def _is_web(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))
