"""The figures of a measurement, kept between parts, as tables of Markdown and a chart."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median

from bench_contenders import ORDER, WORDS, Run
from bench_growth import OntoRows, middle
from bench_pages import Made

_BEGIN, _END = "<!-- written by benchmarks/bench.py -->", "<!-- to here -->"
_KEPT = "figures.pickle"


@dataclass
class Findings:
    """What was measured so far."""

    rounds: dict[str, list[Run]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    """Contenders that are not in the table, each with the reason."""
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    over_pages: list[Run] = field(default_factory=list)
    in_many: Run | None = None
    many_of: str = ""
    over_rows: list[OntoRows] = field(default_factory=list)
    on_cores: dict[str, list[Run]] = field(default_factory=dict)
    again: tuple[Run, list[Run], list[Run]] | None = None
    made: Made | None = None
    machine: str = ""
    at: datetime | None = None

    @classmethod
    def kept(cls, folder: Path) -> Findings:
        """What an earlier call left in the folder."""
        try:
            found = pickle.loads((folder / _KEPT).read_bytes())
        except (OSError, AttributeError, ImportError, pickle.UnpicklingError):
            return cls()
        return found if isinstance(found, cls) else cls()

    def keep(self, folder: Path) -> None:
        """Leave it for a later call."""
        (folder / _KEPT).write_bytes(pickle.dumps(self))


def write_report(found: Findings, path: Path | None) -> None:
    """Print the tables; with `path` put them between its two marks, and the chart beside it."""
    text = "\n".join(_lines(found))
    print(text, flush=True)
    if path is None:
        return
    marked = f"{_BEGIN}\n\n{text}\n\n{_END}"
    whole = path.read_text(encoding="utf-8") if path.exists() else f"# What a page costs\n\n{marked}\n"
    if _BEGIN not in whole:
        whole += f"\n{marked}\n"
    path.write_text(re.sub(re.escape(_BEGIN) + ".*?" + re.escape(_END), lambda _: marked, whole, flags=re.DOTALL))
    if found.rounds:
        from bench_chart import draw

        draw(found, path.with_name("performance.svg"))


def _lines(found: Findings) -> Iterator[str]:
    made = found.made
    if made is None or found.at is None:
        return
    repeated = f", of which {made.distinct} distinct and the others copies under other addresses, with other bytes"
    yield (
        f"Measured on {found.at:%d %B %Y} with `make bench`: {made.count} pages of {made.source}"
        f"{repeated if made.distinct < made.count else ''}; {made.body_bytes / made.count / 1000:.0f} kB each. "
        f"{found.machine}. CPU is user and system time of the whole process tree, memory the greatest sum of PSS over "
        "it. The start is counted unless said otherwise. Figures are median (least to most) over alternating rounds."
    )
    if found.rounds:
        yield from ("", "![CPU and memory of each](performance.svg)")
    parts = [_beside(found), _pages(found), _many(found), _rows(found), _cores(found), _again(found)]
    for part in parts:
        if part:
            yield from ("", *part)


def _beside(found: Findings) -> list[str]:
    if not found.rounds:
        return []
    head = ["", "CPU ms a page", "of Broadsheet's", "of datatrove's", "pages/s", "memory MB", "pages in", "pages out"]
    lines = ["## Beside others", "", _row(head), "| --- |" + " ---: |" * (len(head) - 1)]
    for name in (name for name in ORDER if name in found.rounds):
        runs = found.rounds[name]
        lines.append(
            _row(
                [
                    WORDS[name] + _version(found, name),
                    spread([run.cpu_ms for run in runs], 1),
                    ratio(runs, found.rounds.get("broadsheet")),
                    ratio(runs, found.rounds.get("datatrove")),
                    spread([1_000 / run.wall_ms for run in runs], 0),
                    spread([run.peak_mb for run in runs], 0),
                    str(runs[0].pages_in),
                    str(round(median(run.pages_out for run in runs))),
                ]
            )
        )
    lines += [_row([WORDS[name], f"left out: {why}", *[""] * 6]) for name, why in found.skipped.items()]
    ours, theirs = found.rounds.get("broadsheet"), found.rounds.get("datatrove")
    if ours and theirs:
        lines += ["", f"Memory of the command beside datatrove as shipped: {ratio(ours, theirs, 'peak_mb')}."]
    return lines


def _pages(found: Findings) -> list[str]:
    lines = ["## More pages", "", "| pages | CPU s | CPU ms a page | s | pages/s | memory MB |", "|" + " ---: |" * 6]
    for run in found.over_pages:
        cells = [f"{run.cpu_s:.1f}", f"{run.cpu_ms:.1f}", f"{run.wall_s:.1f}", f"{1_000 / run.wall_ms:.0f}"]
        lines.append(_row([str(run.pages_in), *cells, f"{run.peak_mb:.0f}"]))
    return lines if found.over_pages else []


def _many(found: Findings) -> list[str]:
    run = found.in_many
    if run is None:
        return []
    words = (
        f"{run.pages_in:,} pages of {found.many_of}, {run.cpu_ms:.1f} ms of CPU each, {run.wall_s / 60:.1f} minutes."
    )
    head = ["tenth of the run", *map(str, range(1, len(run.levels_mb) + 1))]
    cells = ["memory, MB, at most", *(f"{level:.0f}" for level in run.levels_mb)]
    lines = [_row(head), "| --- |" + " ---: |" * (len(head) - 1), _row(cells)]
    return ["## Memory over many pages", "", words, "", *lines]


def _rows(found: Findings) -> list[str]:
    if not found.over_rows:
        return []
    lines = [
        "## Onto rows that are there",
        "",
        f"{found.over_rows[0].run.pages_in} pages into a warehouse of a made-up press; the start is not counted. The "
        "copy is that of the live file, and bringing it to the disk.",
        "",
        "| rows before | s | of them the copy | without it, of an empty one's | CPU s | load CPU s | memory MB |",
        "|" + " ---: |" * 7,
    ]
    groups = {n: [one for one in found.over_rows if one.rows == n] for n in sorted({o.rows for o in found.over_rows})}
    first = next(iter(groups.values()))
    base = median(one.run.wall_s - one.copy_s for one in first)
    for rows, ones in groups.items():
        cells = [
            f"{rows:,}".replace(",", " "),
            spread([one.run.wall_s for one in ones], 1),
            f"{median(one.copy_s for one in ones):.1f}",
            spread([(one.run.wall_s - one.copy_s) / base for one in ones], 2),
            spread([one.run.cpu_s for one in ones], 1),
            spread([one.load_cpu_s for one in ones], 1),
            spread([one.run.peak_mb for one in ones], 0),
        ]
        lines.append(_row(cells))
    return lines


def _cores(found: Findings) -> list[str]:
    one, two = (found.on_cores.get(cores, []) for cores in ("0", "0,1"))
    if not one or not two:
        return []
    gains = [a.wall_s / b.wall_s for a, b in zip(one, two, strict=False)]
    words = (
        f"The whole command pinned to one core: {middle(one, 'wall_s'):.1f} s; to two: {middle(two, 'wall_s'):.1f} s. "
        f"Throughput on two is {spread(gains, 2)} times that on one."
    )
    return ["## Two cores", "", words]


def _again(found: Findings) -> list[str]:
    if found.again is None:
        return []
    first, known, starts = found.again
    start, then = middle(starts, "cpu_s"), middle(known, "cpu_s")
    words = (
        f"The first ingest of the file took {first.cpu_s:.1f} s of CPU, another one "
        f"{spread([r.cpu_s for r in known], 2)} s, of which {start:.2f} s are the command's imports. Without them: "
        f"{max(0.0, then - start) / (first.cpu_s - start):.2%} of the first."
    )
    return ["## The same file again", "", words]


def spread(values: Sequence[float], digits: int) -> str:
    """Median, and least to most where there are several."""
    middle_one = f"{median(values):.{digits}f}"
    return middle_one if len(values) < 2 else f"{middle_one} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def ratio(runs: Sequence[Run], base: Sequence[Run] | None, name: str = "cpu_ms") -> str:
    """How many times another's figure, round by round."""
    if not base:
        return ""
    return spread([getattr(a, name) / getattr(b, name) for a, b in zip(runs, base, strict=False)], 2)


def _version(found: Findings, name: str) -> str:
    words = ", ".join(f"{package} {version}" for package, version in found.versions.get(name, {}).items())
    return f" ({words})" if words else ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
