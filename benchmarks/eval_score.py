"""Scores of extracted articles against gold: text, title, authors, dates, one mean a set and page type.

Text is measured twice: F1 of the means of precision and recall over runs of four words, as the public
article-extraction benchmark does, and F1 over the bag of words, as the public WCXB benchmark does.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_WORD = re.compile(r"\w+")
_RUN = 4

MEASURES = ("f1", "precision", "recall", "word_f1", "with", "without_kept", "title", "authors", "day", "minute")


@dataclass(slots=True)
class Row:
    """The sums of one set of pages."""

    pages: int = 0
    missing: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, measures: Mapping[str, float]) -> None:
        self.pages += 1
        self.missing += "precision" not in measures
        for name, value in measures.items():
            self.sums[name] += value
            self.counts[name] += 1

    def mean(self, name: str) -> float | None:
        if name == "f1":
            precision, recall = self.mean("precision") or 0.0, self.mean("recall") or 0.0
            return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return self.sums[name] / self.counts[name] if self.counts[name] else None


def score_page(gold: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, float]:
    """What one page scores, by measure; a measure that its gold does not state is not there."""
    wanted, got = _nfc(gold["text"]), _nfc(found.get("text"))
    measures = dict(_runs(wanted, got))
    measures["word_f1"] = _bag_f1(_bag(wanted.lower()), _bag(got.lower()))
    for name, key in (("with", "with"), ("without_kept", "without")):
        snippets = gold.get(key)
        if snippets:
            measures[name] = sum(_nfc(s).casefold() in got.casefold() for s in snippets) / len(snippets)
    if gold.get("title"):
        measures["title"] = float(_squash(found.get("title")) == _squash(gold["title"]))
    if gold.get("authors"):
        measures["authors"] = _names_f1(found.get("authors") or [], gold["authors"])
    measures.update(_dates(gold.get("published"), found))
    return measures


def loss(measures: Mapping[str, float]) -> float:
    """How much of the text is wrong: what ranks the worst pages."""
    return (1 - measures.get("precision", 0.0)) + (1 - measures.get("recall", 1.0))


def table(golds: Iterable[Mapping[str, Any]], scores: Mapping[str, Mapping[str, float]]) -> dict[str, Row]:
    """Rows by set and page type, and one over all articles."""
    rows: dict[str, Row] = defaultdict(Row)
    for gold in golds:
        measures = scores[gold["url"]]
        rows[f"{gold['set']}/{gold['page_type']}"].add(measures)
        if gold["page_type"] == "article":
            rows["ALL articles"].add(measures)
    return dict(sorted(rows.items()))


def _runs(wanted: str, got: str) -> Iterable[tuple[str, float]]:
    gold, found = _shingles(wanted), _shingles(got)
    shared = (gold & found).total()
    if found:
        yield "precision", shared / found.total()
    if gold:
        yield "recall", shared / gold.total()


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[i : i + _RUN]) for i in range(max(1, len(words) - _RUN + 1)))


def _bag(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text))


def _bag_f1(wanted: Counter[str], got: Counter[str]) -> float:
    if not wanted or not got:
        return float(not wanted and not got)
    return 2 * (wanted & got).total() / (wanted.total() + got.total())


def _names_f1(got: Iterable[str], wanted: Iterable[str]) -> float:
    found, gold = {s for s in map(_squash, got) if s}, {s for s in map(_squash, wanted) if s}
    return 2 * len(found & gold) / (len(found) + len(gold)) if found or gold else 1.0


def _dates(wanted: str | None, found: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    if not wanted:
        return
    when = _moment(wanted)
    got = found.get("published_at")
    days = {str(found["published_date"])} if found.get("published_date") else set()
    days |= {got.astimezone(UTC).date().isoformat()} if got else set()
    gold_days = {wanted[:10]} | ({when.date().isoformat()} if when else set())
    yield "day", float(bool(days & gold_days))
    if when is not None:
        same = got is not None and got.astimezone(UTC).replace(second=0, microsecond=0) == when
        yield "minute", float(same)


def _moment(value: str) -> datetime | None:
    """A gold time to the minute in UTC; None for a day."""
    if len(value) <= 10:
        return None
    when = datetime.fromisoformat(value)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).replace(second=0, microsecond=0)


def _nfc(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")


def _squash(value: str | None) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", value or "")).casefold()
