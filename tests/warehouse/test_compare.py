"""What a re-extraction would change: found in SQL over two lakes, the worst first, and nothing else touched."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from synthetic import NOW, Shown, put

from transforms.columns import to_table
from transforms.outcome import Outcome
from transforms.schema import Article, Capture, PageType
from warehouse.compare import Change, compare, export_changes
from warehouse.datadir import DataDir
from warehouse.errors import LakeError
from warehouse.export import ExportFormat
from warehouse.forget import forget
from warehouse.lake import write_batch
from warehouse.side import begin_side_lake, side_lake

URL = "https://news.example/"
AFTER = "made-up 2"


def read_again(datadir: DataDir, pages: Iterable[tuple[Shown, dict[str, Any] | Outcome]]) -> None:
    """Put captures into the side lake: with fields of the article changed, or rejected."""
    captures, articles = [], []
    for shown, change in pages:
        if isinstance(change, Outcome):
            captures.append(replace(shown.capture(), outcome=change))
        else:
            captures.append(replace(shown.capture(), outcome=Outcome.NEW))
            articles.append(replace(shown.article(), extractor=AFTER, **change))
    tables = {"captures": to_table(Capture, captures), "articles": to_table(Article, articles)}
    write_batch(begin_side_lake(datadir), "a", tables, extractor=AFTER)


def change_of(datadir: DataDir, before: Shown, change: dict[str, Any] | Outcome) -> Change | None:
    put(datadir, "a", [before])
    read_again(datadir, [(before, change)])
    worst = compare(datadir).worst
    assert len(worst) <= 1
    return worst[0] if worst else None


TEXT = "The ferry is back.\nIt will sail on Monday."


@pytest.mark.parametrize(
    ("change", "fields", "added", "removed"),
    [
        ({"title": "Another"}, ["title"], 0, 0),
        ({"title": None}, ["title"], 0, 0),
        ({"authors": ["Ada Quill"]}, ["authors"], 0, 0),
        ({"published_at": Shown().captured_at}, ["published_at"], 0, 0),
        ({"published_at": None, "published_date": None}, ["published_at", "published_date"], 0, 0),
        ({"text": "The ferry is back."}, ["text"], 0, 5),
        ({"text": TEXT + "\nIt will, too."}, ["text"], 3, 0),
        ({"text": "It will sail on Monday.\nThe ferry is back."}, ["text"], 0, 0),
        ({"page_type": PageType.FORUM, "comment_count": 3}, ["comment_count", "page_type"], 0, 0),
        ({"tags": [], "section": "Harbour", "is_free": True}, ["tags", "section", "is_free"], 0, 0),
        ({"captions": []}, ["captions"], 0, 0),
    ],
)
def test_each_field_that_changes_is_named(
    datadir: DataDir, change: dict[str, Any], fields: list[str], added: int, removed: int
) -> None:
    found = change_of(datadir, Shown(text=TEXT), change)
    assert found is not None
    assert (found.change, found.changed_fields) == ("changed", fields)
    assert (found.words_added, found.words_removed) == (added, removed)


def test_the_lines_that_came_and_went_are_told(datadir: DataDir) -> None:
    found = change_of(datadir, Shown(text=TEXT), {"text": "It will sail on Monday.\nRead also"})
    assert found is not None
    assert (found.lines_removed, found.lines_added) == (["The ferry is back."], ["Read also"])


def test_scripts_without_spaces_are_counted_by_letter(datadir: DataDir) -> None:
    found = change_of(datadir, Shown(text="灯台の猫が駅長に"), {"text": "灯台の猫が長に"})
    assert found is not None
    assert (found.words_added, found.words_removed) == (0, 1)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, Outcome.EXTRACT_EMPTY, "lost"),
        (Outcome.EXTRACT_EMPTY, {}, "gained"),
        (Outcome.EXTRACT_EMPTY, Outcome.EXTRACT_TIMEOUT, "rejected otherwise"),
        (Outcome.HTTP_STATUS, Outcome.HTTP_STATUS, None),
        (None, {}, None),
    ],
)
def test_outcomes_that_change(
    datadir: DataDir, before: Outcome | None, after: dict[str, Any] | Outcome, change: str | None
) -> None:
    found = change_of(datadir, Shown(rejected=before, text=TEXT), after)
    assert (found.change if found else None) == change
    if change in ("lost", "gained"):
        assert found is not None
        assert (found.words_removed if change == "lost" else found.words_added) == 9


def test_the_worst_comes_first_and_the_sums_are_right(datadir: DataDir) -> None:
    pages: list[tuple[Shown, dict[str, Any] | Outcome]] = [
        (Shown(url=f"{URL}same"), {}),
        (Shown(url=f"{URL}title"), {"title": "Another"}),
        (Shown(url=f"{URL}more"), {"text": "The ferry is back. " * 12}),
        (Shown(url=f"{URL}less"), {"text": "The ferry is back. " * 9}),
        (Shown(url=f"{URL}lost", text="Short."), Outcome.EXTRACT_EMPTY),
    ]
    put(datadir, "a", [shown for shown, _ in pages])
    read_again(datadir, pages)
    comparison = compare(datadir)
    assert [c.url.removeprefix(URL) for c in comparison.worst] == ["lost", "less", "more", "title"]
    assert comparison.counts == {"same": 1, "changed": 3, "lost": 1}
    assert comparison.words() == "5 articles compared: 1 lost, 3 changed, 1 same"
    assert [(f.field, f.article_count, f.words_added, f.words_removed) for f in comparison.fields] == [
        ("text", 2, 8, 4),
        ("title", 1, 0, 0),
    ]
    assert comparison.extractors == ("made-up 1", "made-up 2")
    assert [c.url for c in compare(datadir, limit=1).worst] == [f"{URL}lost"]


def test_an_earlier_capture_counts_apart(datadir: DataDir) -> None:
    old, new, gone = Shown(), Shown(minute=9), Shown(minute=20, rejected=Outcome.HTTP_STATUS)
    put(datadir, "a", [old, new, gone])
    read_again(datadir, [(old, {"title": "Another"}), (new, {}), (gone, Outcome.HTTP_STATUS)])
    comparison = compare(datadir)
    assert comparison.counts == {"same": 1}
    assert comparison.earlier_count == 1
    assert [c.is_latest for c in comparison.worst] == [False]


def test_only_what_both_lakes_hold_is_compared_once(datadir: DataDir) -> None:
    both, not_again, later = Shown(), Shown(url=f"{URL}b"), Shown(url=f"{URL}c")
    put(datadir, "a", [both, not_again])
    put(datadir, "copy of a", [both])
    read_again(datadir, [(both, {"title": "Another"}), (later, {})])
    assert compare(datadir).counts == {"changed": 1}


def test_every_change_can_be_exported(datadir: DataDir) -> None:
    pages = [Shown(url=f"{URL}{n}", minute=n) for n in range(30)]
    put(datadir, "a", pages)
    read_again(datadir, [(shown, {"published_at": shown.captured_at - timedelta(1, 1)}) for shown in pages])
    target = io.BytesIO()
    assert export_changes(datadir, ExportFormat.CSV, target) == 30
    rows = list(csv.DictReader(io.StringIO(target.getvalue().decode())))
    assert {row["changed_fields"] for row in rows} == {'["published_at"]'}
    assert rows[0]["before_published_at"].startswith("2026-10-29T08:00:00")


def test_what_is_forgotten_is_gone_from_the_side_lake_too(datadir: DataDir) -> None:
    put(datadir, "a", [Shown()])
    read_again(datadir, [(Shown(), {})])
    forget(datadir, Shown().url, run_id="f", now=NOW)
    assert not side_lake(datadir).root.exists()


def test_nothing_to_compare_says_what_to_do(datadir: DataDir) -> None:
    put(datadir, "a", [Shown()])
    with pytest.raises(LakeError, match="`broadsheet reextract` does"):
        compare(datadir)


def test_a_side_lake_that_is_damaged_is_one_line(datadir: DataDir) -> None:
    put(datadir, "a", [Shown()])
    read_again(datadir, [(Shown(), {})])
    next(side_lake(datadir).lake.rglob("*.parquet")).write_bytes(b"")
    with pytest.raises(LakeError, match="extract its captures again") as caught:
        compare(datadir)
    assert "\n" not in str(caught.value)
