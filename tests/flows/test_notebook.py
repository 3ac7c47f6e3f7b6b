"""The notebook runs from its first cell to its last over the demo press, and its charts have titles and axes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from whole_way import Way

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "press.py"


@pytest.mark.slow
def test_the_notebook_runs_over_the_demo_press(way: Way, tmp_path: Path) -> None:
    page = tmp_path / "press.html"
    done = subprocess.run(
        [sys.executable, "-m", "marimo", "export", "html", "--no-include-code", str(NOTEBOOK), "-o", str(page)],
        env=os.environ | {"BROADSHEET_DATA_DIR": str(way.data), "MPLBACKEND": "agg", "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert len(re.findall(r"data:image/png;base64", text)) == 6
    assert "penguin" in text  # a headline that the press changes


def test_each_chart_has_a_title_and_both_axes() -> None:
    code = NOTEBOOK.read_text(encoding="utf-8")
    cells = [cell for cell in code.split("@app.cell") if "plt.subplots" in cell]
    assert len(cells) == 6
    assert all(re.search(r'titled\(_axes, "[^"]+", "[^"]+", "[^"]+"\)', cell) for cell in cells)
