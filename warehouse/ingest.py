"""Taking in files that somebody gives: WARC, WACZ, HTML, plain text, and folders of them.

A WARC file is hard-linked under captures/ (copied across file systems, repacked where its records could not be read by
offset) and named after its content, so the same file is taken once. HTML and text files become records of one WARC file
a call, dated by their modification time. A file that cannot be taken is a line in the report, and the rest goes on.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.captures_files import (
    FILE_BYTES_MAX,
    PREFIX,
    PageFile,
    known_page_files,
    read_page_file,
    write_page_files,
)
from warehouse.datadir import DataDir, sync_folder
from warehouse.ingest_kind import FileKind, kind_of_file
from warehouse.locks import locked
from warehouse.warc_repack import is_record_gzip, repack

FOLDER = "ingested"
_UNSAFE = re.compile(r"[^\w.+-]")
_NAME_MAX = 150
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """One file that was given. `warc_file`, below captures/, holds it; None where it could not be taken."""

    original: Path
    warc_file: str | None
    is_known: bool = False
    """Whether it had been taken before."""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of the files given, in sorted order, and every problem as one line."""

    files: tuple[Ingested, ...]
    problems: tuple[str, ...]
    skipped_count: int
    """Files in folders that are neither WARC nor HTML nor text, pictures for example."""

    @property
    def warc_files(self) -> tuple[str, ...]:
        """The files below captures/ that hold what was given, each once."""
        return tuple(dict.fromkeys(f.warc_file for f in self.files if f.warc_file))


def ingest(paths: Sequence[Path], datadir: DataDir, *, is_own: bool = False) -> IngestReport:
    """Take files and folders under captures/, one call at a time. Never raises for what is wrong with one of them.

    `is_own` takes files that lie in the data directory itself, such as a download.
    """
    folder = datadir.captures / FOLDER
    with locked(folder / ".lock", purpose="take in files"):
        for left_by_a_kill in folder.glob("*.tmp*"):
            left_by_a_kill.unlink()
        return _ingest(paths, datadir, is_own=is_own)


def _ingest(paths: Sequence[Path], datadir: DataDir, *, is_own: bool) -> IngestReport:
    taken: list[Ingested] = []
    pages: list[Path] = []
    known = datadir.store.names(datadir.captures / FOLDER)
    skipped = 0
    for found in _walk(paths, datadir.root, is_own=is_own):
        if isinstance(found, Ingested):
            taken.append(found)
            continue
        path, is_named = found
        try:
            kind = kind_of_file(path, is_named=is_named)
            if kind is FileKind.PAGE:
                pages.append(path)
            elif kind is FileKind.ARCHIVE:
                taken.append(_take_archive(path, datadir, known))
            elif is_named:
                taken.append(_failed(path, "neither WARC, WACZ, HTML nor text"))
            else:
                skipped += 1
        except (OSError, ValueError) as error:
            taken.append(_failed(path, _reason(error)))
    taken.extend(_take_pages(pages, datadir, known))
    taken.sort(key=lambda one: os.fspath(one.original))
    problems = tuple(f"{one.original}: {one.problem}" for one in taken if one.problem)
    return IngestReport(tuple(taken), problems, skipped)


def _walk(paths: Sequence[Path], datadir: Path, *, is_own: bool) -> Iterator[tuple[Path, bool] | Ingested]:
    """Every file once, in sorted order, and whether it was named itself; what is not there as a problem."""
    seen: set[Path] = set()
    for given in sorted({Path(os.path.abspath(path)) for path in paths}):  # noqa: PTH100 - links keep their names
        if given.is_relative_to(datadir) and not is_own:
            yield _failed(given, "lies in the data directory itself")
        elif given.is_dir():
            for path in _files_below(given, datadir):
                if isinstance(path, Ingested):
                    yield path
                elif path not in seen:
                    seen.add(path)
                    yield path, False
        elif given.is_file():
            if given not in seen:
                seen.add(given)
                yield given, True
        else:
            yield _failed(given, "neither a file nor a folder" if given.exists() else "no such file or folder")


def _files_below(folder: Path, datadir: Path) -> Iterator[Path | Ingested]:
    closed: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and Path(root, name) != datadir)
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path
    for error in closed:
        yield _failed(Path(error.filename), _reason(error))


def _take_archive(path: Path, datadir: DataDir, known: set[str]) -> Ingested:
    digest = _sha256(path)[:16]
    folder = datadir.captures / FOLDER
    for name in sorted(known):
        if name.startswith(f"{digest}-") and name.endswith((".warc", ".warc.gz")):
            return Ingested(original=path, warc_file=f"{FOLDER}/{name}", is_known=True)
    with path.open("rb") as file:
        start = file.read(5)
    problem = None
    stem = _UNSAFE.sub("_", re.sub(r"(?i)\.(warc|wacz)(\.(gz|zst))?$", "", path.name))[-_NAME_MAX:]
    is_plain = start == b"WARC/"
    target = folder / f"{digest}-{stem}{'.warc' if is_plain else '.warc.gz'}"
    temporary = target.with_name(target.name + ".tmp")
    try:
        temporary.unlink(missing_ok=True)
        if is_plain or (start.startswith(b"\x1f\x8b") and is_record_gzip(path)):
            _link_or_copy(path, temporary)
        else:
            problem = repack(path, temporary)
        _sync_file(temporary)
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    known.add(target.name)
    return Ingested(original=path, warc_file=f"{FOLDER}/{target.name}", problem=problem)


def _take_pages(paths: Sequence[Path], datadir: DataDir, names: set[str]) -> Iterator[Ingested]:
    """Files that are pages go into one WARC file together, but for those that an earlier call has taken."""
    if not paths:
        return
    folder = datadir.captures / FOLDER
    datadir.store.fetch(folder / name for name in names if name.startswith(PREFIX) and name.endswith(".warc.gz"))
    known = known_page_files(folder)
    fresh: list[PageFile] = []
    for path in paths:
        try:
            page = read_page_file(path)
        except (OSError, ValueError, OverflowError) as error:
            yield _failed(path, _reason(error))
            continue
        if page is None:
            yield _failed(path, f"larger than {FILE_BYTES_MAX} bytes, too large for a page")
        elif page.capture_id in known:
            yield Ingested(original=path, warc_file=f"{FOLDER}/{known[page.capture_id]}", is_known=True)
        else:
            fresh.append(page)
    if not fresh:
        return
    try:
        name, failures = write_page_files(folder, fresh)
    except OSError as error:
        yield from (_failed(page.path, _reason(error)) for page in fresh)
        return
    for page in fresh:
        if page.path in failures:
            yield _failed(page.path, failures[page.path])
        else:
            yield Ingested(original=page.path, warc_file=f"{FOLDER}/{name}")


def _link_or_copy(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path.resolve())
    except OSError:
        shutil.copyfile(path, target)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _failed(path: Path, reason: str) -> Ingested:
    return Ingested(original=path, warc_file=None, problem=reason)


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
