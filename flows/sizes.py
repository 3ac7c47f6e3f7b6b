"""Bytes as people read them: one wording for the terminal, the pages in the Prefect UI and the lines of a run."""

from __future__ import annotations


def size(amount: float) -> str:
    """A number of bytes with a unit of thousands: "812 B", "14 MB", "1.3 GB"."""
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
