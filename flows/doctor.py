"""`broadsheet doctor`: is everything in place to run for a year, and if not, what is to be done?

A check is a function that gives findings; it never raises, and none changes anything. Those that ask the Prefect server
are in `flows.doctor_server`.
"""

from __future__ import annotations

import importlib.metadata
import os
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from packaging.requirements import Requirement

from flows.settings import Settings, make_settings
from flows.sources import load_sources
from warehouse.captures_stored import stored_captures
from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.lakehouse import Lakehouse
from warehouse.manifest import Manifest
from warehouse.reading import has_warehouse, reading
from warehouse.status import size_of, waiting_batches
from warehouse.storage import FILE_NAME, Storage


class Mark(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table: what was looked at, what was found, and what to do where it is not right."""

    check: str
    mark: Mark
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the checks look at that a test must be able to change."""

    python: tuple[int, int] = sys.version_info[:2]
    version_of: Callable[[str], str] = importlib.metadata.version
    files_max: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    clock: Callable[[], float] = time.time
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free


FREE_BAD, FREE_WARN = 1_000_000_000, 10_000_000_000
FILES_WARN = 1_024
"""64 hosts at once, the lake's files and the server's sockets fit into this, not into 256."""
_RELEASED = 1_790_000_000.0
"""September 2026: a clock that shows less is wrong, and would date captures wrongly for ever."""


def check_machine(machine: Machine) -> Iterable[Finding]:
    """Python, packages, clock and limits of this process."""
    major, minor = machine.python
    right = (3, 11) <= machine.python < (3, 14)
    yield Finding(
        "python", Mark.OK if right else Mark.BAD, f"{major}.{minor}", "" if right else "use Python 3.11, 3.12 or 3.13"
    )
    wrong = list(_wrong_packages(machine.version_of))
    yield Finding(
        "packages",
        Mark.BAD if wrong else Mark.OK,
        "; ".join(wrong) or "each within its range",
        "pip install --constraint constraints.txt broadsheet" if wrong else "",
    )
    now = machine.clock()
    yield Finding(
        "clock",
        Mark.OK if now > _RELEASED else Mark.BAD,
        time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now)),
        "" if now > _RELEASED else "set the clock, and keep it right with NTP: captures are dated by it",
    )
    enough = machine.files_max >= FILES_WARN
    yield Finding(
        "open files",
        Mark.OK if enough else Mark.WARN,
        f"at most {machine.files_max}",
        "" if enough else f"raise the limit to {FILES_WARN} or more (`ulimit -n`; LimitNOFILE= in the unit)",
    )


def check_settings(environ: Iterable[str]) -> tuple[Settings | None, list[Finding]]:
    """The settings, where they can be read, and what is to be said about them."""
    try:
        settings = make_settings()
    except UserError as error:
        return None, [Finding("settings", Mark.BAD, str(error), "correct or unset the variable BROADSHEET_…")]
    known = {f"BROADSHEET_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in environ if name.startswith("BROADSHEET_") and name not in known)
    findings = [
        Finding(
            "settings",
            Mark.WARN if unknown else Mark.OK,
            f"{', '.join(unknown)} means nothing" if unknown else "every variable is one that we know",
            "look for a misspelling: it is ignored" if unknown else "",
        )
    ]
    if settings.contact is None:
        findings.append(
            Finding(
                "contact",
                Mark.WARN,
                "none",
                "export BROADSHEET_CONTACT=you@example.org: without, only loopback is asked",
            )
        )
    try:
        sources = load_sources(settings.sources_file)
        findings.append(Finding("sources", Mark.OK, f"{len(sources)} in {settings.sources_file}"))
    except UserError as error:
        findings.append(Finding("sources", Mark.WARN, str(error), "README, `Your own sources`, says how to add one"))
    return settings, findings


def check_data(
    root: Path,
    machine: Machine,
    lakehouse: Lakehouse | None = None,
    ledger_url: str | None = None,
    storage: Storage | None = None,
) -> Iterable[Finding]:
    """The data dir: permissions, disk, and whether each part of it can be read."""
    where, wrong = _place(root)
    if wrong:
        yield Finding("data dir", Mark.BAD, wrong, "name another with --data-dir or BROADSHEET_DATA_DIR, or mend that")
        return
    free = machine.free_bytes(where)
    mark = Mark.BAD if free < FREE_BAD else Mark.WARN if free < FREE_WARN else Mark.OK
    advice = "" if mark is Mark.OK else "make room: `retire-captures` deletes old WARC files, or move the data dir"
    yield Finding("disk", mark, f"{free / 1e9:.1f} GB free", advice)
    if where != root.absolute():
        yield Finding("data dir", Mark.WARN, f"{root} is not there yet", "`broadsheet run` makes it")
        return
    try:
        told = storage if (root / FILE_NAME).exists() else None
        datadir = DataDir.open(root, create=False, storage=told, lakehouse=lakehouse, ledger_url=ledger_url)
    except UserError as error:
        yield Finding("data dir", Mark.BAD, str(error), "name another with --data-dir, or BROADSHEET_DATA_DIR")
        return
    yield _permissions(datadir)
    for name, check in (("lake", _lake), ("ledger", _ledger), ("warehouse", _warehouse), ("captures", _captures)):
        try:
            yield check(datadir, machine)
        except (UserError, OSError, sqlite3.Error) as error:
            yield Finding(name, Mark.BAD, str(error), "`broadsheet verify` says more")


def _place(root: Path) -> tuple[Path, str]:
    """The folder at `root`, or the nearest one above it that is there; and why no data dir can be there, or nothing."""
    root = root.absolute()
    try:
        where = next(place for place in (root, *root.parents) if place.exists())
    except OSError as error:
        return root, f"{root} cannot be looked at: {error.strerror}"
    if not where.is_dir():
        return where, f"{root} cannot be a folder: {where} is a file" if where != root else f"{root} is a file"
    if not os.access(where, os.R_OK | os.X_OK):
        return where, f"no right to read {where}"
    if where != root and not os.access(where, os.W_OK):
        return where, f"{root} is not there, and there is no right to make it in {where}"
    return where, ""


def _permissions(datadir: DataDir) -> Finding:
    places = [datadir.root, datadir.captures, datadir.lake, datadir.index, datadir.ledger, datadir.warehouse]
    there = [place for place in places if place.exists()]
    closed = [str(place) for place in there if not os.access(place, os.W_OK)]
    owners = {place.stat().st_uid for place in there}
    if closed:
        return Finding(
            "data dir", Mark.BAD, f"no right to write {', '.join(closed)}", f"chown -R it to uid {os.getuid()}"
        )
    if len(owners) > 1:
        words = f"its files belong to {len(owners)} users"
        return Finding("data dir", Mark.WARN, words, "run everything as one user: chown -R the data dir to it")
    return Finding("data dir", Mark.OK, f"{datadir.root}, {size_of(datadir.root) / 1e9:.2f} GB")


def _lake(datadir: DataDir, _: Machine) -> Finding:
    waiting, held = waiting_batches(datadir), len(Manifest.read(datadir).batches)
    if waiting > 100:
        return Finding("lake", Mark.WARN, f"{waiting} of {held} batches are not loaded", "`broadsheet load`")
    return Finding("lake", Mark.OK, f"{held} batches, {waiting} not loaded yet")


def _ledger(datadir: DataDir, machine: Machine) -> Finding:
    if datadir.ledger_url is not None:
        return _ledger_on_server(datadir, machine)
    if not datadir.ledger.exists():
        return Finding("ledger", Mark.OK, "none yet: nothing was crawled")
    con = sqlite3.connect(f"{datadir.ledger.as_uri()}?mode=ro", uri=True)
    try:
        [(answer,)] = con.execute("PRAGMA quick_check(1)").fetchall()
        [(ahead,)] = con.execute("SELECT count(*) FROM urls WHERE outcome_at > ?", [machine.clock() + 3_600]).fetchall()
    finally:
        con.close()
    if answer != "ok":
        return Finding("ledger", Mark.BAD, answer, "restore it from a backup, or remove it: all is then asked for anew")
    if ahead:
        words = f"{ahead} URLs were asked for in the future: the clock has gone back"
        return Finding("ledger", Mark.WARN, words, "set the clock right; they are due again as noted")
    return Finding("ledger", Mark.OK, "whole")


def _ledger_on_server(datadir: DataDir, machine: Machine) -> Finding:
    from warehouse.ledger_look import look_at_server
    from warehouse.ledger_place import LedgerError, label

    try:
        seen = look_at_server(datadir, machine.clock())
    except LedgerError as error:
        return Finding("ledger", Mark.BAD, str(error), "start the server, or correct the setting ledger")
    words = f"{label(datadir.ledger_place)}, PostgreSQL {seen.version}: {seen.url_count} URLs, "
    words += f"{seen.queued_count} queued, {seen.worker_count} workers at it"
    if seen.ahead_count:
        ahead = f"{words}; {seen.ahead_count} URLs were asked for in the future: a clock is or was wrong"
        return Finding("ledger", Mark.WARN, ahead, "set the clocks of this machine and of the server right")
    return Finding("ledger", Mark.OK, words)


def _warehouse(datadir: DataDir, machine: Machine) -> Finding:
    if not has_warehouse(datadir):
        return Finding("warehouse", Mark.WARN, "nothing is loaded yet", "`broadsheet run` or `broadsheet ingest`")
    with reading(datadir) as con:
        [(articles, last)] = con.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT max(loaded_at) FROM loads)"
        ).fetchall()
    days = (machine.clock() - last.timestamp()) / 86_400 if last else None
    words = f"{articles} articles" + (f", last loaded {days:.1f} days ago" if days is not None else "")
    if days is not None and days > 2:
        return Finding("warehouse", Mark.WARN, words, "has the schedule stopped? look at the last runs in the UI")
    return Finding("warehouse", Mark.OK, words)


def _captures(datadir: DataDir, _: Machine) -> Finding:
    where = f" in {datadir.storage.url}" if datadir.storage is not None else ""
    return Finding("captures", Mark.OK, f"{len(stored_captures(datadir))} files{where}")


def _wrong_packages(version_of: Callable[[str], str]) -> Iterable[str]:
    for line in importlib.metadata.requires("broadsheet") or ():
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = version_of(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{requirement.name} is not installed"
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement.name} {version} is not {requirement.specifier}"
