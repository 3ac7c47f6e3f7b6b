"""Small charts as SVG images that a Markdown page can hold: the Prefect UI shows a `data:` image where it stands."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

COLOURS = {
    "new": "#2a7f62",
    "changed": "#e0a030",
    "unchanged": "#9aa5b1",
    "rejected": "#8d6cab",
    "not fetched": "#c0392b",
}
"""One colour an outcome, the same in every chart."""

_STYLE: Any = {
    "svg.fonttype": "none",  # letters stay letters: a quarter of the size
    "svg.hashsalt": "broadsheet",  # the same figures give the same bytes
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def stacked(labels: Sequence[str], columns: Mapping[str, Sequence[int]]) -> str:
    """Stacked columns, one a label; `columns` gives each part's numbers by its name in `COLOURS`."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(7.5, 2.2))
        axes = figure.add_axes((0.06, 0.12, 0.93, 0.76))
        floor = [0] * len(labels)
        places = range(len(labels))
        for name, numbers in columns.items():
            axes.bar(places, numbers, bottom=floor, label=name, color=COLOURS[name], width=0.8)
            floor = [below + number for below, number in zip(floor, numbers, strict=True)]
        step = max(1, len(labels) // 8)
        axes.set_xticks(places[::step], labels[::step])
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(ncols=len(columns), frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
        return _svg(figure)


def beside_usual(rows: Sequence[tuple[str, int, float | None]]) -> str:
    """Bars of a number each, with a mark where it usually lies: name, number, usual number or None."""
    with matplotlib.rc_context(_STYLE):
        height = 0.6 + 0.22 * max(1, len(rows))
        figure = Figure(figsize=(7.5, height))
        axes = figure.add_axes((0.2, 0.3 / height, 0.77, 1 - 0.55 / height))
        places = range(len(rows))
        axes.barh(places, [number for _, number, _ in rows], color=COLOURS["new"], height=0.7)
        known = [(usual, place) for place, (_, _, usual) in enumerate(rows) if usual is not None]
        axes.plot([u for u, _ in known], [p for _, p in known], "|", color="black", markersize=11, label="usual")
        axes.set_yticks(places, [name for name, _, _ in rows])
        axes.invert_yaxis()
        axes.set_xlim(0, 1.05 * max(1, *(number for _, number, _ in rows), *(usual for usual, _ in known), 1))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if known:
            axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), borderpad=0)
        return _svg(figure)


def image(svg: str, title: str) -> str:
    """A chart as a Markdown image."""
    return f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
