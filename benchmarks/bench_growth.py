"""How the cost grows: with the pages, with the rows that the warehouse holds already, with the cores; and again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench_contenders import Run, run_command, run_imports, run_stages, say
from bench_pages import make_warc
from bench_warehouse import linked
from made_up_press import write_press

from warehouse.load import load
from warehouse.publish import clone_file

STEPS = (1, 2, 4, 8)
ROWS = (0, 100_000, 1_000_000)
COPYING = ("vacuum", "copy", "publish")
"""Steps of a load that copy the live warehouse and bring the copy to the disk."""


@dataclass(frozen=True)
class OntoRows:
    """A WARC file taken into a warehouse that holds `rows` rows; `copy_s` of the wall time is the copy."""

    rows: int
    run: Run
    load_s: float
    copy_s: float
    load_cpu_s: float


def over_pages(folder: Path, source: Path | None, unit: int) -> list[Run]:
    """1, 2, 4 and 8 times `unit` pages, each into a new data dir."""
    runs = []
    for times in STEPS:
        warc = folder / f"grown-{times}.warc.gz"
        made = make_warc(warc, source, unit * times)
        with TemporaryDirectory(dir=folder) as scratch:
            runs.append(run_command(Path(scratch) / "data", warc, made.count))
        warc.unlink()
        told("pages", runs[-1])
    return runs


def in_many(folder: Path, source: Path | None, count: int) -> Run:
    """One run of many pages, for its memory from beginning to end."""
    warc = folder / "many.warc.gz"
    made = make_warc(warc, source, count)
    with TemporaryDirectory(dir=folder) as scratch:
        run = run_command(Path(scratch) / "data", warc, made.count)
    warc.unlink()
    told("many", run)
    return run


def over_rows(folder: Path, warc: Path, count: int, rows: Sequence[int], rounds: int) -> list[OntoRows]:
    """The same pages into an empty warehouse and into ones that hold rows of a made-up press, in turn."""
    found = []
    for number in range(rounds):
        for some in rows if number % 2 == 0 else reversed(rows):
            data_dir = folder / "onto"
            shutil.rmtree(data_dir, ignore_errors=True)
            if some:
                _loaded_press(folder, some, data_dir)
            run, took = run_stages(data_dir, warc, count)
            copied = sum(took.get(step, (0.0, 0.0))[0] for step in COPYING)
            loaded, cpu = (sum(step[i] for step in took.values()) for i in (0, 1))
            found.append(OntoRows(some, run, loaded, copied, cpu))
            told(f"onto {some} rows", run)
            shutil.rmtree(data_dir)
    return found


def on_cores(folder: Path, warc: Path, count: int, rounds: int) -> dict[str, list[Run]]:
    """One core beside two, the whole tree pinned."""
    found: dict[str, list[Run]] = {"0": [], "0,1": []}
    for number in range(rounds):
        for cores in list(found) if number % 2 == 0 else reversed(found):
            with TemporaryDirectory(dir=folder) as scratch:
                found[cores].append(run_command(Path(scratch) / "data", warc, count, cores=cores))
            told(f"cores {cores}", found[cores][-1])
    return found


def again(folder: Path, warc: Path, count: int, rounds: int) -> tuple[Run, list[Run], list[Run]]:
    """A first ingest, ingests of the same file after it, and what the command's imports take."""
    with TemporaryDirectory(dir=folder) as scratch:
        data_dir = Path(scratch) / "data"
        first = run_command(data_dir, warc, count)
        known, starts = [], []
        for _ in range(rounds):
            known.append(run_command(data_dir, warc, count))
            starts.append(run_imports())
            told("again", known[-1])
    return first, known, starts


def told(what: str, run: Run) -> None:
    say(f"{what}: {run.pages_in} pages, CPU {run.cpu_s:.1f} s, {run.wall_s:.1f} s, {run.peak_mb:.0f} MB")


def middle(runs: Sequence[Run], name: str) -> float:
    """The median of one figure."""
    return median(getattr(run, name) for run in runs)


def _loaded_press(folder: Path, rows: int, target: Path) -> None:
    """A data dir with so many articles loaded; what was made once is copied."""
    base = folder / f"press-{rows}"
    if not (base / "built").exists():
        say(f"making a press of {rows} articles, once")
        write_press(base / "base", rows)
        shutil.rmtree(base / "loaded", ignore_errors=True)
        load(linked(base / "base", base / "loaded"), run_id="built", now=datetime.now(UTC))
        (base / "built").touch()
    loaded = linked(base / "loaded", target)
    clone_file(base / "loaded" / "warehouse.duckdb", loaded.warehouse)
    shutil.copytree(base / "loaded" / "index", target / "index", dirs_exist_ok=True)
