"""Looking at everything on disk: WARC ends, Parquet footers and checksums, manifest, ledger, warehouse and index.

Nothing is changed. Each finding names the place, what is wrong there, and what mends it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from hashlib import file_digest
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.captures import plan_shards
from warehouse.captures_stored import as_stored, stored_captures
from warehouse.checks import problems
from warehouse.counting import count_rows
from warehouse.datadir import DataDir
from warehouse.ddl import is_current_layout
from warehouse.errors import LakeError, UserError
from warehouse.finding import Finding
from warehouse.manifest import Entry, Manifest
from warehouse.reading import has_warehouse, reading
from warehouse.retired import retired_files
from warehouse.search_files import named_index
from warehouse.statements import statement
from warehouse.texts import moved_from
from warehouse.verify_across import archives_and_lake, index_and_warehouse, ledger_and_captures

__all__ = ["Finding", "verify"]

_EXTRACT = "extract its captures again with `broadsheet extract`"
_REBUILD = "`broadsheet rebuild`"


def verify(datadir: DataDir, *, on_progress: Callable[[str], None] = lambda _: None) -> tuple[Finding, ...]:
    """Everything that is wrong in a data directory; empty where all is well. Reads every file once."""
    findings: list[Finding] = []
    for name, check in (
        ("captures", _captures),
        ("lake", _lake),
        ("ledger", _ledger),
        ("warehouse", _warehouse),
        ("index", _index),
    ):
        on_progress(name)
        findings.extend(check(datadir))
    return tuple(findings)


def _captures(datadir: DataDir) -> Iterator[Finding]:
    for name in stored_captures(datadir):
        path = datadir.captures / name
        try:
            with as_stored(datadir, path, or_copy=False) as (stored, root):
                problem = plan_shards(stored, root=root / "captures", pages=1_000_000).problem
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            place = path.relative_to(datadir.root).as_posix()
            yield Finding(place, problem, "what could be read is in the lake; restore the file from a copy")
    yield from archives_and_lake(datadir)


def _lake(datadir: DataDir) -> Iterator[Finding]:
    try:
        manifest = Manifest.read(datadir)
    except LakeError as error:
        yield Finding("lake/manifest.json", str(error), "`broadsheet verify --repair`")
        return
    files: dict[str, list[Entry]] = {}
    for entry in manifest.entries:
        files.setdefault(entry.path, []).append(entry)
    for place, entries in files.items():
        with as_stored(datadir, datadir.lake / place, or_copy=False) as (stored, _):
            problem = _file_problem(stored, entries)
        if problem:
            more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
            yield Finding(f"lake/{place}", f"batch {entries[0].batch_id}{more}: {problem}", _EXTRACT)


def _file_problem(path: Path, entries: Sequence[Entry]) -> str | None:
    """What is wrong with one Parquet file, None where it is as the manifest says."""
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        rows = pq.read_metadata(path).num_rows
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except pa.ArrowInvalid as error:
        return f"is no Parquet file: {error}"
    if any(digest != entry.checksum for entry in entries):
        return "its content is not what was written: the checksum differs"
    wanted = sum(entry.rows for entry in entries)
    # a shared file may hold rows of batches that were made anew since
    is_right = rows >= wanted if entries[0].file_sha256 else rows == wanted
    return None if is_right else f"has {rows} rows, not {wanted}"


def _ledger(datadir: DataDir) -> Iterator[Finding]:
    if datadir.ledger_url is not None:
        yield from _ledger_on_server(datadir)
        return
    if not datadir.ledger.exists():
        return
    try:
        with sqlite3.connect(f"{datadir.ledger.as_uri()}?mode=ro", uri=True) as con:
            [(answer,)] = con.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        answer = str(error)
    if answer != "ok":
        yield Finding("ledger.sqlite", answer, "restore it from a copy, or remove it: all is then asked for anew")
        return
    yield from ledger_and_captures(datadir)


def _ledger_on_server(datadir: DataDir) -> Iterator[Finding]:
    """The server looks after its pages; whether a capture is there that it names cannot be said from one data dir."""
    from warehouse.ledger_look import look_at_server

    try:
        look_at_server(datadir, 0.0)
    except UserError as error:
        yield Finding("ledger", str(error), "start the server, or correct the setting ledger")


def _warehouse(datadir: DataDir) -> Iterator[Finding]:
    if not has_warehouse(datadir):
        return
    place = datadir.warehouse.name if datadir.lakehouse is None else datadir.lakehouse.place
    try:
        with reading(datadir) as con:
            if not is_current_layout(con):
                yield Finding(place, "it was made for other columns", "the next load builds it anew")
                return
            if folder := moved_from(con):
                yield Finding(
                    place, f"the texts that it names lie in {folder}, from where it was moved", "`broadsheet load`"
                )
            derived = [str(problem) for (problem,) in con.execute(statement("checks_derived")).fetchall()]
            for problem in (*problems(con), *derived):
                yield Finding(place, problem, _REBUILD)
            files = con.execute("SELECT warc_file, max(warc_offset) FROM captures GROUP BY 1 ORDER BY 1").fetchall()
            batches = [str(key) for (key,) in con.execute("SELECT batch_id FROM batches ORDER BY 1").fetchall()]
            unknown = con.execute(statement("fetches_without_capture")).fetchall()
    except (UserError, duckdb.Error) as error:
        yield Finding(place, str(error).split("\n", 1)[0], _REBUILD)
        return
    removed = retired_files(datadir)
    sizes = datadir.store.sizes(datadir.captures)
    for warc_file, offset in files:
        if warc_file in removed:
            continue
        if sizes.get(warc_file, 0) <= offset:
            yield Finding(
                f"captures/{warc_file}",
                "the warehouse has captures there, and the file is missing or shorter",
                "restore the file from a copy",
            )
    for warc_file, count in unknown:
        yield Finding(str(warc_file), f"{count} fetches name captures that are not loaded", _EXTRACT)
    try:
        held = Manifest.read(datadir).batches
    except LakeError:
        return  # said already
    for key in batches:
        if key not in held:
            yield Finding(place, f"batch {key} is loaded and no longer in the lake", _REBUILD)


def _index(datadir: DataDir) -> Iterator[Finding]:
    if not has_warehouse(datadir):
        return
    try:
        with reading(datadir) as con:
            if not is_current_layout(con):
                return  # said already
            name = named_index(con)
            count = count_rows(con, "versions WHERE is_current")
    except (UserError, duckdb.Error):
        return  # said already
    yield from index_and_warehouse(datadir, name, count)
