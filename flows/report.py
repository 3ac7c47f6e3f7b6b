"""What came of a run: counts by source and outcome that balance, and the words for them.

One value is made at the end of a run and shown everywhere: as the flow's final state, as the artifact in the Prefect UI
and as the table in the terminal, so that the three cannot tell different stories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from transforms.outcome import DESCRIPTIONS, VERSION_OUTCOMES, Outcome
from warehouse.tallies import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Counts of one run. `discovered_count` is the number of URLs that sources named; 0 where nothing was fetched."""

    run_id: str
    discovered_count: int
    fetches: tuple[Tally, ...]
    captures: tuple[Tally, ...]
    comment_count: int
    is_loaded: bool
    """Whether the counts are of what was loaded; a crawl alone leaves that to a later load."""
    problems: tuple[str, ...]
    """What could not be read or done, one line each; the rest of the run went on."""
    notes: tuple[str, ...] = ()
    """What a reader of the report should know, though nothing is wrong."""
    known_count: int = 0
    """Shards of captures that had been extracted before."""

    def count(self, *outcomes: Outcome) -> int:
        """Captures that ended in one of these outcomes."""
        return sum(c.count for c in self.captures if c.outcome in outcomes)

    @property
    def capture_count(self) -> int:
        """Captures that this run loaded."""
        return sum(c.count for c in self.captures)

    @property
    def rejected_count(self) -> int:
        """Captures that gave no article, revisit records aside: what they name was counted when it was captured."""
        return self.capture_count - self.count(*VERSION_OUTCOMES, Outcome.REVISIT)

    @property
    def fetch_count(self) -> int:
        """URLs with an outcome."""
        return sum(c.count for c in self.fetches)

    @property
    def is_balanced(self) -> bool:
        """Whether each discovered URL has an outcome and each capture that was fetched was loaded.

        A run that discovered nothing, a rebuild say, loads what others fetched or were given, and one that only crawls
        loads nothing: nothing is owed.
        """
        if not self.discovered_count:
            return True
        # A page that is as it was leaves a revisit record; one that broke off is kept as far as it came, and rejected.
        kept = self._fetched(Outcome.CAPTURED, Outcome.NOT_MODIFIED)
        whole = self.capture_count - self.count(Outcome.TRUNCATED)
        return self.discovered_count == self.fetch_count and (kept == whole or not self.is_loaded)

    def words(self) -> str:
        """The run in a few words, for its final state: "412 new, 38 changed, 9 rejected"."""
        parts = [
            (self.count(Outcome.NEW), "new"),
            (self.count(Outcome.CHANGED), "changed"),
            (self.count(Outcome.UNCHANGED), "unchanged"),
            (self.rejected_count, "rejected"),
            (self._fetched(Outcome.NOT_MODIFIED), "not modified"),
            (self._failed_count(), "not fetched"),
            (len(self.problems), "problem" if len(self.problems) == 1 else "problems"),
        ]
        nothing = "nothing new: all of it was known already" if self.known_count else "nothing to do"
        return ", ".join(f"{n} {name}" for n, name in parts if n) or nothing

    def rows(self) -> list[dict[str, Any]]:
        """One row a source and outcome, fetches before captures, in a fixed order."""
        return [
            {
                "source": c.source,
                "of": of,
                "outcome": str(c.outcome),
                "count": c.count,
                "meaning": DESCRIPTIONS[Outcome(c.outcome)],
            }
            for of, counts in (("fetches", self.fetches), ("captures", self.captures))
            for c in sorted(counts, key=lambda c: (c.source, str(c.outcome)))
        ]

    def balance(self) -> str:
        """The sums in one line, with the word that says whether they agree."""
        parts = [f"{self.count(o)} {o.value}" for o in (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)]
        parts.append(f"{self.rejected_count} rejected")
        if revisits := self.count(Outcome.REVISIT):
            parts.append(f"{revisits} revisits")
        line = f"captures {self.capture_count} = {' + '.join(parts)}"
        if self.discovered_count:
            line = f"discovered {self.discovered_count} = {self.fetch_count} with an outcome; {line}"
        elif self.fetches:
            line = f"fetches {self.fetch_count}; {line}"
        return line + ("" if self.is_balanced else " — THE COUNTS DO NOT BALANCE")

    def _fetched(self, *outcomes: Outcome) -> int:
        return sum(c.count for c in self.fetches if c.outcome in outcomes)

    def _failed_count(self) -> int:
        return self.fetch_count - self._fetched(Outcome.CAPTURED, Outcome.NOT_MODIFIED, Outcome.DUPLICATE, Outcome.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReextractReport:
    """Counts of one re-extraction, before anything is compared."""

    capture_count: int
    article_count: int
    comment_count: int
    problems: tuple[str, ...]

    def words(self) -> str:
        """The re-extraction in a few words."""
        return f"{self.capture_count} captures read again: {self.article_count} articles, {self.comment_count} comments"


def add_counts(counts: Iterable[Tally]) -> tuple[Tally, ...]:
    """Counts of several loads as one, each source and outcome once."""
    total: Counter[tuple[str, str]] = Counter()
    for c in counts:
        total[c.source, c.outcome] += c.count
    return tuple(Tally(source, outcome, n) for (source, outcome), n in sorted(total.items()))
