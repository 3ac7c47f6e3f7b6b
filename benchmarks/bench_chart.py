"""The chart of a measurement: CPU a page of each contender, and how CPU grows with the pages."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench_contenders import ORDER, OWN

if TYPE_CHECKING:
    from bench_report import Findings

_OWN_COLOUR, _OTHER_COLOUR = "#1f5f8b", "#9a9a9a"
_SHORT = {
    "broadsheet": "Broadsheet, the command",
    "flow": "Broadsheet, under Prefect",
    "stages": "Broadsheet, its stages",
    "trafilatura": "plain trafilatura loop",
    "datatrove": "datatrove as shipped",
    "datatrove-new": "datatrove, today's trafilatura",
    "news-please": "news-please",
}


def draw(found: Findings, path: Path) -> None:
    """Write the chart as SVG, the same bytes for the same figures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "broadsheet", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    names = [name for name in ORDER if name in found.rounds][::-1]
    figure, (bars, memory) = plt.subplots(1, 2, figsize=(9, 0.45 * len(names) + 1.2), sharey=True, layout="constrained")
    for axis, name_of, words in ((bars, "cpu_ms", "CPU, ms a page"), (memory, "peak_mb", "memory, MB (PSS)")):
        values = [[getattr(run, name_of) for run in found.rounds[name]] for name in names]
        middles = [median(one) for one in values]
        reach = [
            [m - min(v) for m, v in zip(middles, values, strict=True)],
            [max(v) - m for m, v in zip(middles, values, strict=True)],
        ]
        colours = [_OWN_COLOUR if name in OWN else _OTHER_COLOUR for name in names]
        axis.barh(
            [_SHORT[name] for name in names],
            middles,
            xerr=reach,
            color=colours,
            ecolor="#333333",
            capsize=2,
            height=0.6,
        )
        for place, (value, most) in enumerate(zip(middles, values, strict=True)):
            axis.annotate(f"{value:.0f}", (max(most), place), xytext=(4, 0), textcoords="offset points", va="center")
        axis.set_xlabel(words)
        axis.margins(x=0.14)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
