"""The work of a backfill: take one archive after the other, extract its shards, load, and let go of it where asked to.

The next archive is downloaded while the present one is extracted. Loads are made when they are worth it, and what is
loaded may be dropped, so that a month of archives passes through a disk that holds a few of them. Every step can be
done again: what a killed run has left is carried on from the log.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flows.account import LoadPace
from flows.archives.budget import room_for
from flows.archives.claims import at_work
from flows.archives.download import Downloader, TooLargeError
from flows.archives.listing import LIST_BYTES_MAX, Archive, archives_of
from flows.archives.report import ArchiveReport, BackfillReport
from flows.archives.state import Step, add_note, folder_of, read_state
from flows.parallel import at_once
from flows.parameters import Keep
from flows.progress import Progress, report
from flows.runs import Run
from flows.steps import Steps
from warehouse.captures import plan_shards
from warehouse.captures_stored import fetch_capture
from warehouse.errors import UserError
from warehouse.ingest import ingest
from warehouse.reading import reading
from warehouse.retention import retire


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillOptions:
    """How a backfill is done. `budget_bytes` bounds what its archives take on disk at a time; None: the free disk."""

    month: str = ""
    base: str = ""
    keep: Keep = Keep.ALL
    budget_bytes: int | None = None
    files_max: int = 0
    """So many archives at most in this run; 0 is all."""
    is_retrying: bool = False
    """Whether archives are tried again that failed too often."""
    niceness: int = 10
    """A daily run goes first."""


def spare_workers(said: int) -> int:
    """Extraction children of a backfill: what the settings say, else one a core but one, which is left to others."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return said or max(1, cores - 1)


def run_backfill(run: Run, given: Sequence[str], steps: Steps, options: BackfillOptions) -> BackfillReport:
    """Take in the archives that `given` names, as far as no earlier run has done it.

    Raises UserError where a list cannot be read, or names nothing.
    """
    downloader = Downloader(run.settings)
    listed = archives_of(
        given,
        month=options.month,
        base=options.base,
        fetch=lambda url: downloader.list_at(url, most=LIST_BYTES_MAX),
    )
    listed = tuple(a for a in listed if a.is_remote or not Path(a.key).is_relative_to(run.datadir.root))
    if options.niceness:
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), options.niceness))
    with at_work(run.datadir):
        return _Backfill(run, steps, options, downloader).over(listed)


@dataclass(frozen=True, slots=True)
class _Taken:
    """An archive under captures/ whose shards are all in the lake, and that waits for a load."""

    key: str
    warc_file: str
    bytes: int
    found_count: int
    detail: str | None


class _Backfill:
    """One run over archives."""

    def __init__(self, run: Run, steps: Steps, options: BackfillOptions, downloader: Downloader) -> None:
        self._run, self._steps, self._options, self._downloader = run, steps, options, downloader
        self._downloads = folder_of(run.datadir) / "downloads"
        self._waiting: list[_Taken] = []
        self._reports: dict[str, ArchiveReport] = {}
        self._pace = LoadPace()

    def over(self, listed: Sequence[Archive]) -> BackfillReport:
        state = read_state(self._run.datadir)
        due = [a for a in listed if a.key not in state or not state[a.key].is_done]
        passed = {a for a in due if a.key in state and state[a.key].is_given_up and not self._options.is_retrying}
        todo = [a for a in due if a not in passed][: self._options.files_max or None]
        begun, stopped = time.monotonic(), None
        with ThreadPoolExecutor(1, thread_name_prefix="download") as executor:
            ahead: Future[Path] | None = None
            for number, archive in enumerate(todo):
                _tell(number, len(todo), archive, begun)
                mine, ahead = ahead, None
                noted = state[archive.key].note.warc_file if archive.key in state else None
                try:
                    path = self._path_of(archive, noted, mine)
                    ahead = self._ahead(executor, todo[number + 1 : number + 2])
                    self._take(archive, path)
                except TooLargeError as error:
                    stopped = f"{error}; raise --disk-budget, free some disk, or --keep none"
                    break
                except UserError as error:
                    self._failed(archive, str(error))
                    ahead = ahead or self._ahead(executor, todo[number + 1 : number + 2])
                self._load_when_due()
            executor.shutdown(cancel_futures=True)
        self._load()
        _tell(len(todo), len(todo), None, begun)
        left = [ArchiveReport(key=a.key, state="left") for a in todo if a.key not in self._reports]
        return BackfillReport(
            run_id=self._run.run_id,
            archives=(*(self._reports[a.key] for a in todo if a.key in self._reports), *left),
            known_count=len(listed) - len(due),
            given_up_count=len(passed),
            stopped=stopped,
        )

    def _path_of(self, archive: Archive, taken: str | None, ahead: Future[Path] | None) -> Path | None:
        """Where the archive lies; None where an earlier run has put it under captures/ already."""
        if taken is not None and self._run.datadir.store.size(self._run.datadir.captures / taken) is not None:
            return None
        if not archive.is_remote:
            return Path(archive.key)
        if ahead is not None:
            try:
                return ahead.result()
            except TooLargeError:
                pass  # beside another one it was; alone it may fit
        try:
            return self._download(archive)
        except TooLargeError:
            self._load()  # what is loaded may be dropped, and makes room
            return self._download(archive)

    def _ahead(self, executor: ThreadPoolExecutor, following: Sequence[Archive]) -> Future[Path] | None:
        if not following or not following[0].is_remote:
            return None
        return executor.submit(copy_context().run, self._download, following[0])

    def _download(self, archive: Archive) -> Path:
        def tell(have: int, total: int | None) -> None:
            report(Progress("download", have, total, archive.name))

        return self._downloader.fetch(archive.key, self._downloads, room=lambda: self._room(archive.key), on_bytes=tell)

    def _room(self, key: str) -> int:
        waiting = {taken.key: taken.bytes for taken in self._waiting}
        return room_for(key, self._run.datadir, self._downloads, waiting=waiting, budget=self._options.budget_bytes)

    def _take(self, archive: Archive, path: Path | None) -> None:
        datadir, detail = self._run.datadir, None
        if path is None:
            warc_file = read_state(datadir)[archive.key].note.warc_file or ""
        else:
            taken = ingest([path], datadir, is_own=archive.is_remote).files[0]
            if taken.warc_file is None:
                raise UserError(taken.problem or "could not be taken")
            warc_file, detail = taken.warc_file, taken.problem
        size = datadir.store.size(datadir.captures / warc_file) or 0
        add_note(datadir, archive.key, Step.TAKEN, warc_file=warc_file, bytes=size, detail=detail)
        if path is not None and archive.is_remote:
            path.unlink(missing_ok=True)
        plan = self._steps.plan(warc_file)
        for _ in at_once(lambda shard: self._steps.extract(shard, len(plan.shards)), plan.shards, self._steps.room):
            pass
        shards = plan.shards
        if plan.known_count:  # a run that was killed had put the whole file into the lake
            path = fetch_capture(datadir, warc_file)
            shards = plan_shards(path, root=datadir.captures, pages=self._run.settings.shard_pages).shards
        found = sum(shard.count for shard in shards)
        self._waiting.append(_Taken(archive.key, warc_file, size, found, plan.problem or detail))

    def _load_when_due(self) -> None:
        if self._pace.is_due():
            self._load()

    def _load(self) -> None:
        if not self._waiting:
            return
        datadir = self._run.datadir
        with self._pace.loading():
            self._steps.load()
        loaded = self._count_loaded([taken.warc_file for taken in self._waiting])
        done = [
            ArchiveReport(
                key=taken.key,
                state="loaded",
                bytes=taken.bytes,
                found_count=taken.found_count,
                loaded_count=loaded.get(taken.warc_file, 0),
                detail=taken.detail,
            )
            for taken in self._waiting
        ]
        dropped = self._drop([t.warc_file for t, r in zip(self._waiting, done, strict=True) if _may_go(r)])
        for taken, one in zip(self._waiting, done, strict=True):
            kept = replace(one, is_kept=taken.warc_file not in dropped)
            add_note(
                datadir, taken.key, Step.LOADED, warc_file=taken.warc_file, bytes=taken.bytes,
                capture_count=one.loaded_count, is_kept=kept.is_kept, detail=taken.detail,
            )  # fmt: skip
            self._reports[taken.key] = kept
        self._waiting.clear()

    def _drop(self, files: list[str]) -> frozenset[str]:
        if self._options.keep is not Keep.NONE or not files:
            return frozenset()
        reason = "backfill that keeps none"
        retire(self._run.datadir, files, reason=reason, run_id=self._run.run_id, now=datetime.now(UTC))
        return frozenset(files)

    def _count_loaded(self, files: list[str]) -> dict[str, int]:
        with reading(self._run.datadir) as con:
            rows = con.execute(
                "SELECT warc_file, count(*) FROM captures WHERE list_contains($files, warc_file) GROUP BY 1",
                {"files": files},
            ).fetchall()
        return {str(name): int(count) for name, count in rows}

    def _failed(self, archive: Archive, detail: str) -> None:
        add_note(self._run.datadir, archive.key, Step.FAILED, detail=detail)
        self._reports[archive.key] = ArchiveReport(key=archive.key, state="failed", detail=detail)


def _may_go(one: ArchiveReport) -> bool:
    """A file goes only if each capture of it is a row, and there is one: else it is the only copy of something."""
    return one.found_count > 0 and one.found_count == one.loaded_count


def _tell(done: int, total: int, archive: Archive | None, begun: float) -> None:
    left = ""
    if done and done < total:
        seconds = (time.monotonic() - begun) / done * (total - done)
        left = f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
    report(Progress("backfill", done, total, f"{archive.name if archive else 'all done'}{left}"))
